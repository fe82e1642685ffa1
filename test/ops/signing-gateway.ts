import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createApiServer } from '../../scripts/local/api-server.ts'
import type { LocalFunction } from '../../scripts/local/local-function.ts'
import type { Route } from '../../scripts/local/route-table.ts'

type Handler = (event: unknown) => Promise<unknown>
export type Guard = (request: IncomingMessage) => boolean

/** API Gateway with an authorizer before some handlers. */
export async function startGateway(
  tls: { key: string; cert: string },
  handlers: Record<string, Handler>,
  lets: { in: Guard },
) {
  const routes = Object.entries(handlers).map(([routeKey, invoke]) => ({
    routeKey,
    target: { invoke } as unknown as LocalFunction,
  })) satisfies Route<LocalFunction>[]
  const api = createApiServer(routes)
  const server = createServer(tls, (request: IncomingMessage, response: ServerResponse) => {
    if (lets.in(request)) api.emit('request', request, response)
    else {
      request.resume()
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Signature Version 4, written down anew: nothing here is taken from the SDK. */
export function signedBy(id: string, secret: string, region: string): Guard {
  return ({ method, url = '', headers }) => {
    const [, scope = '', signed = '', signature] =
      /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([\da-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? []
    const [credential, day = '', ...place] = scope.split('/')
    if (credential !== id || place.join('/') !== `${region}/execute-api/aws4_request`) return false
    const names = signed.split(';')
    if (!names.includes('host') || !names.includes('x-amz-date')) return false
    const time = String(headers['x-amz-date'])
    const [path = '', query = ''] = url.split('?')
    const canonical = [
      method,
      path,
      query.split('&').sort().join('&'),
      ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
      '',
      signed,
      headers['x-amz-content-sha256'],
    ].join('\n')
    const [regionName = '', service = '', end = ''] = place
    const key = mac(mac(mac(mac(`AWS4${secret}`, day), regionName), service), end)
    const toSign = ['AWS4-HMAC-SHA256', time, [day, ...place].join('/'), hash(canonical)].join('\n')
    return mac(key, toSign).toString('hex') === signature
  }
}
