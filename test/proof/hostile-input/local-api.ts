import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createApiServer } from '../../../scripts/local/api-server.ts'
import { LocalFunction } from '../../../scripts/local/local-function.ts'
import { routesOf } from '../../../scripts/local/route-table.ts'
import { type Artifact, type FunctionName, functionNames } from '../../bundle/artifact.ts'
import { settingsOf } from '../../bundle/function-process.ts'
import { startSimulators } from '../../simulators/start-simulators.ts'
import { Draw } from './draw.ts'
import { hostileRead } from './hostile-read.ts'
import { hostileRequest } from './hostile-request.ts'
import { judgeAnswer, judgeRead } from './judge-answer.ts'
import { attempt, settings, takeHits } from './packaged.ts'
import { type Cases, READS } from './run-cases.ts'
import { Tally } from './tally.ts'

const routes: Record<FunctionName, string> = {
  verifyThreeElement: 'POST /v1/verifications/three-element',
  verifyTwoElement: 'POST /v1/verifications/two-element',
  getVerification: 'GET /v1/verifications/{id}',
  listVerifications: 'GET /v1/verifications',
  getUsage: 'GET /v1/usage',
}
const TIMEOUT_SECONDS = 29
/** Of a parameter: longer than each may be, and short enough for the gateway to pass it on. */
const LONGEST = 300

/** HTTP requests to the packaged functions behind the local API, against the oracle. */
export async function runLocalApiCases(artifact: Artifact, { seed, count }: Cases): Promise<Tally> {
  const tally = new Tally()
  const simulators = await startSimulators()
  const functions = functionNames.map((name) => {
    const fn = artifact.fn(name)
    const environment = settingsOf(fn, simulators, settings)
    const local = new LocalFunction({
      name,
      file: fn.file,
      timeoutSeconds: TIMEOUT_SECONDS,
      memorySize: 512,
      environment,
    })
    return { local, routes: routesOf([{ httpApi: routes[name] }], local) }
  })
  const server = createApiServer(functions.flatMap(({ routes }) => routes))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = clientOf((server.address() as AddressInfo).port)

  for (let place = 0; place < count; place++) {
    const draw = new Draw(seed, place)
    tally.cases += 1
    if (draw.happens(READS)) {
      const { route, id, query, mayBe, how } = hostileRead(draw, false)
      const path = routes[route]
        .replace(/^GET /, '')
        .replace('{id}', () => encodeURIComponent((id ?? '').toWellFormed()))
      const shortened = Object.entries(query).map(([name, text]): [string, string] => [
        name,
        text.slice(0, LONGEST),
      ])
      const parameters = new URLSearchParams(shortened).toString()
      await attempt(tally, place, how, async () =>
        judgeRead(
          await client.send('GET', parameters ? `${path}?${parameters}` : path),
          takeHits(simulators),
          mayBe,
        ),
      )
      continue
    }
    const { operation, headers, content, ruling, how } = hostileRequest(draw, true)
    await attempt(tally, place, how, async () =>
      judgeAnswer(
        await client.send('POST', `/v1/verifications/${operation}`, headers, content),
        takeHits(simulators),
        ruling,
      ),
    )
  }
  client.close()
  server.closeAllConnections()
  server.close()
  await Promise.all(functions.map(({ local }) => local.close()))
  await simulators.close()
  return tally
}

function clientOf(port: number) {
  const agent = new http.Agent({ keepAlive: true })
  return {
    async send(
      method: string,
      path: string,
      headers: Record<string, string> = {},
      content?: Buffer,
    ) {
      const request = http.request({
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: ['host', 'localhost', ...Object.entries(headers).flat()],
      })
      // One that comes after the answer's head ends the reading of its body.
      request.on('error', () => undefined)
      request.end(content)
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      const body = (await buffer(response)).toString()
      const single = Object.entries(response.headersDistinct).map(([name, values]) => [
        name,
        values?.join(', ') ?? '',
      ])
      return {
        statusCode: response.statusCode ?? 0,
        headers: Object.fromEntries(single) as Record<string, string>,
        body,
      }
    },
    close: () => agent.destroy(),
  }
}
