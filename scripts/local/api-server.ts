import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { splitUrl, toGatewayEvent } from './gateway-event.ts'
import { gatewayMessage, type GatewayResponse, toGatewayResponse } from './gateway-response.ts'
import { FunctionTimedOut, type LocalFunction } from './local-function.ts'
import { matchRoute, type Route } from './route-table.ts'

/** Answers what is beside the API; undefined for an address that is not its own. */
type Beside = (method: string, url: string) => Promise<GatewayResponse | undefined>

// API Gateway's own limit, which it enforces before the function runs.
const MAX_BODY_BYTES = 10 * 1024 * 1024

/** An HTTP server that answers as API Gateway's HTTP API would in front of these functions. */
export function createApiServer(routes: Route<LocalFunction>[], beside?: Beside): Server {
  return createServer(async (request, response) => {
    const { status, headers, cookies, body } = await answer(routes, request, beside)
    response.writeHead(status, {
      ...headers,
      'apigw-requestid': randomBytes(11).toString('base64'),
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
      'content-length': body.length,
    })
    response.end(body)
  })
}

async function answer(
  routes: Route<LocalFunction>[],
  request: IncomingMessage,
  beside?: Beside,
): Promise<GatewayResponse> {
  try {
    const { url = '/', method = 'GET' } = request
    const page = await beside?.(method, url)
    if (page) return page
    const { path } = splitUrl(url)
    const route = matchRoute(routes, method, path)
    const body = await readBody(request)
    if (!route) return gatewayMessage(404, 'Not Found')
    if (!body) return gatewayMessage(413, 'Request Entity Too Large')
    return toGatewayResponse(await route.target.invoke(toGatewayEvent(request, body, route)))
  } catch (error) {
    if (error instanceof URIError) return gatewayMessage(400, 'Bad Request')
    if (error instanceof FunctionTimedOut) return gatewayMessage(503, 'Service Unavailable')
    return gatewayMessage(500, 'Internal Server Error')
  }
}

/** The whole body, or nothing when it is over the limit. Read to its end either way. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined
}
