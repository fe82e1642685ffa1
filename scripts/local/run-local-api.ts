import { once } from 'node:events'
import { createApiServer } from './api-server.ts'
import { LocalFunction } from './local-function.ts'
import { removeLocalState, writeLocalState } from './local-state.ts'
import { routesOf } from './route-table.ts'

/** A function as serverless.yml describes it, and its bundle. */
type ConfiguredFunction = {
  name: string
  file: string
  timeout: number
  memorySize: number
  environment: Record<string, string>
  events: Parameters<typeof routesOf>[0]
}

const EXAMPLE = {
  name: '张三',
  idNumber: '110101190001010014',
  cardNumber: '6299990000000017',
}

/** Serves until Ctrl-C. */
export async function runLocalApi(options: {
  port: number
  functions: ConfiguredFunction[]
  environment: Record<string, string>
}): Promise<void> {
  const routes = options.functions.flatMap(({ name, file, timeout, memorySize, ...fn }) => {
    const environment = { ...options.environment, ...fn.environment }
    const config = { name, file, timeoutSeconds: timeout, memorySize }
    return routesOf(fn.events, new LocalFunction({ ...config, environment }))
  })
  const server = createApiServer(routes, referencePage)
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  try {
    server.listen(options.port, 'localhost')
    await once(server, 'listening')
    const url = `http://localhost:${options.port}`
    await writeLocalState({ pid: process.pid, url, environment: options.environment })
    console.log(
      greeting(
        url,
        routes.map((route) => route.routeKey),
      ),
    )
    await stopped
  } finally {
    await removeLocalState()
    server.closeAllConnections()
    server.close()
    await Promise.all(routes.map((route) => route.target.close()))
  }
}

/** Loaded when somebody first opens it: the renderer is large. */
async function referencePage(method: string, url: string) {
  if (!url.startsWith('/docs')) return undefined
  const { answerReferencePage } = await import('./reference-page.ts')
  return answerReferencePage(method, url)
}

function greeting(url: string, routeKeys: string[]): string {
  return `
bankcard-verify on ${url}, with simulated providers (no signature needed here)

  ${routeKeys.join('\n  ')}

Read and try it in a browser: ${url}/docs

Or send a synthetic person from here:

  curl ${url}/v1/verifications/three-element \\
    -H 'content-type: application/json' \\
    -d '${JSON.stringify(EXAMPLE)}'

Ctrl-C stops it.
`
}
