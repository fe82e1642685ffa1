import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { vi } from 'vitest'
import { parse } from 'yaml'
import type { HttpResponse } from '../../lib/http/http-handler.ts'
import { createApiServer } from '../../scripts/local/api-server.ts'
import type { LocalFunction } from '../../scripts/local/local-function.ts'
import { routesOf } from '../../scripts/local/route-table.ts'
import { awsCredentials } from '../bundle/function-process.ts'
import { signedBy, startGateway } from '../ops/signing-gateway.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { startSimulators } from '../simulators/start-simulators.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const EXPORT = '.handler'
/** So high that no guard refuses what a test asks again and again. */
const OPEN_LIMITS = { CARD_DAILY_CALLS: '1000', CARD_DAILY_MISMATCHES: '1000' }
/** Of the scenario `slow`. */
const SLOW_MS = 700

export type GatewayEvent = APIGatewayProxyEventV2
type Handler = (event: unknown, context: Context) => Promise<HttpResponse>
type ServerlessFunction = { handler: string; events: Parameters<typeof routesOf>[0] }

/**
 * All functions behind the local API on plain http, and behind a gateway that verifies signatures
 * on https, with simulated providers whose hits can be counted.
 */
export async function startLocalApi() {
  const dir = await mkdtemp(path.join(tmpdir(), 'client-api-'))
  const simulators = await startSimulators({ slowMs: SLOW_MS })
  const environment = { ...simulators.environment, ...awsCredentials, ...OPEN_LIMITS }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)

  const received: GatewayEvent[] = []
  const { functions }: { functions: Record<string, ServerlessFunction> } = parse(
    await readFile(path.join(ROOT, 'serverless.yml'), 'utf8'),
    { logLevel: 'silent', merge: true },
  )
  const routes = await Promise.all(
    Object.values(functions).map(async ({ handler, events }) => {
      const file = path.join(ROOT, handler.replace(EXPORT, '.ts'))
      const module: { handler: Handler } = await import(file)
      const invoke = (event: GatewayEvent) => {
        received.push(event)
        return module.handler(event, { awsRequestId: randomUUID() } as Context)
      }
      return routesOf(events, { invoke } as unknown as LocalFunction)
    }),
  ).then((found) => found.flat())

  const server = createApiServer(routes).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const tls = loopbackCertificate()
  const certificate = path.join(dir, 'ca.pem')
  await writeFile(certificate, tls.cert)
  const signed = Object.fromEntries(
    routes.map(({ routeKey, target }) => [
      routeKey,
      async (event: unknown) =>
        isSigned(event as GatewayEvent)
          ? target.invoke(event)
          : { statusCode: 403, headers: JSON_TYPE, body: '{"message":"Forbidden"}' },
    ]),
  )
  const gateway = await startGateway(tls, signed, { in: () => true })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Answers whoever signs with `awsCredentials`, and 403 to everybody else. */
    gatewayUrl: gateway.url,
    /** A file that a client must trust for `gatewayUrl`. */
    certificate,
    /** Every request that a function got. */
    received,
    /** How often a provider was asked about this card. */
    hits: (cardNumber: string) =>
      [...simulators.databao.hits, ...simulators.juhe.hits].filter(
        (hit) => hit.cardNumber === cardNumber,
      ).length,
    async close() {
      server.closeAllConnections()
      server.close()
      await gateway.close()
      await simulators.close()
      await rm(dir, { recursive: true })
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const guard = signedBy(
  awsCredentials.AWS_ACCESS_KEY_ID,
  awsCredentials.AWS_SECRET_ACCESS_KEY,
  awsCredentials.AWS_REGION,
)

/** Like API Gateway: the hash is that of the body which came, whatever a header says of it. */
function isSigned({ headers, body = '', rawPath, rawQueryString, requestContext }: GatewayEvent) {
  const hash = createHash('sha256').update(body).digest('hex')
  const url = rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`
  const { method } = requestContext.http
  const request = { method, url, headers: { ...headers, 'x-amz-content-sha256': hash } }
  return guard(request as unknown as IncomingMessage)
}
