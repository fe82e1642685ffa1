export type GatewayResponse = {
  status: number
  headers: Record<string, string>
  cookies: string[]
  body: Buffer
}

/** A response of the gateway's own: `{"message":"Not Found"}` and its like. */
export function gatewayMessage(status: number, message: string): GatewayResponse {
  return json(status, JSON.stringify({ message }))
}

/**
 * What API Gateway's HTTP API makes of a function's result (payload format 2.0): with a
 * `statusCode` it is a response, without one the whole result is the body of a 200.
 */
export function toGatewayResponse(result: unknown): GatewayResponse {
  if (!isRecord(result) || result['statusCode'] === undefined) {
    return json(200, typeof result === 'string' ? result : JSON.stringify(result ?? null))
  }
  const status = Number(result['statusCode'])
  const headers = headersOf(result['headers'] ?? {})
  const cookies = result['cookies'] ?? []
  const body = result['body'] ?? ''
  const isValid =
    Number.isInteger(status) &&
    status >= 100 &&
    status <= 599 &&
    headers !== undefined &&
    Array.isArray(cookies) &&
    typeof body === 'string'
  if (!isValid) return gatewayMessage(500, 'Internal Server Error')

  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    cookies: cookies.map(String),
    body: Buffer.from(body, result['isBase64Encoded'] === true ? 'base64' : 'utf8'),
  }
}

function headersOf(headers: unknown): Record<string, string> | undefined {
  if (!isRecord(headers)) return undefined
  const entries = Object.entries(headers)
  if (entries.some(([, value]) => !['string', 'number', 'boolean'].includes(typeof value))) {
    return undefined
  }
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}

function json(status: number, body: string): GatewayResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(body),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
