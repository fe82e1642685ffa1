import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { parse } from 'yaml'
import { createApiServer } from '../../../scripts/local/api-server.ts'
import { LocalFunction } from '../../../scripts/local/local-function.ts'
import { startLocalStage } from '../../../scripts/local/local-stage.ts'
import { routesOf } from '../../../scripts/local/route-table.ts'
import type { Artifact, PackagedFunction } from '../../bundle/artifact.ts'
import { ROOT } from '../../docs/documents.ts'
import { openSettings } from '../open-settings.ts'

const REGION = 'ap-southeast-1'

type Configured = { events: Parameters<typeof routesOf>[0] }
type Configuration = {
  provider: { timeout: number; memorySize: number }
  functions: Record<string, Configured>
}

/**
 * What `npm start` serves, on a port of its own, with the packaged functions.
 *
 * @param change gives another build of a function, for controls
 */
export async function startLocalApi(
  artifact: Artifact,
  change: (fn: PackagedFunction) => PackagedFunction = (fn) => fn,
) {
  const stage = await startLocalStage(REGION)
  const text = await readFile(path.join(ROOT, 'serverless.yml'), 'utf8')
  const { provider, functions }: Configuration = parse(text, { logLevel: 'silent', merge: true })
  const routes = artifact.names.flatMap((name) => {
    const fn = change(artifact.fn(name))
    // What is an object only a deployment resolves; the stage has it.
    const set = Object.entries(fn.variables)
      .filter(([, value]) => typeof value !== 'object')
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
    const local = new LocalFunction({
      name,
      file: fn.file,
      timeoutSeconds: provider.timeout,
      memorySize: provider.memorySize,
      environment: { ...Object.fromEntries(set), ...stage.environment, ...openSettings },
    })
    return routesOf(functions[name]?.events ?? [], local)
  })
  const server = createApiServer(routes).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.all(routes.map(({ target }) => target.close()))
      await stage.close()
    },
  }
}
