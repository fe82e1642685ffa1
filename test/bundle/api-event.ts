import { randomUUID } from 'node:crypto'

const ACCOUNT = '000000000000'
export const payouts = `arn:aws:sts::${ACCOUNT}:assumed-role/payouts/one-session`
export const payoutsElsewhere = `arn:aws:sts::${ACCOUNT}:assumed-role/payouts/another-session`
export const refunds = `arn:aws:sts::${ACCOUNT}:assumed-role/refunds/one-session`

type Options = {
  /** ARN of an IAM principal; `null` for nobody. */
  caller?: string | null
  headers?: Record<string, string>
}
type Event = ReturnType<typeof httpApiEvent>

/** A verification as API Gateway's HTTP API sends it (payload 2.0). */
export function postEvent(
  route: 'three-element' | 'two-element',
  body: object | string,
  options: Options = {},
): Event {
  const headers = { 'content-type': 'application/json', ...options.headers }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const path = `/v1/verifications/${route}`
  return httpApiEvent('POST', path, { ...options, headers, body: text })
}

export function getEvent(
  path: string,
  options: Options & { query?: Record<string, string>; id?: string } = {},
): Event {
  return httpApiEvent('GET', path, options)
}

function httpApiEvent(
  method: string,
  path: string,
  options: Options & { query?: Record<string, string>; id?: string; body?: string },
) {
  const { caller = payouts, headers = {}, query, id, body } = options
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: String(new URLSearchParams(query)),
    headers: { host: 'api.example', 'x-forwarded-proto': 'https', ...headers },
    ...(query && { queryStringParameters: query }),
    ...(id && { pathParameters: { id } }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'a1b2c3',
      ...(caller && { authorizer: { iam: { accountId: ACCOUNT, userArn: caller } } }),
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: randomUUID(),
      stage: '$default',
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  }
}

export function inBase64<Sent extends { body?: string }>(event: Sent): Sent {
  const body = Buffer.from(event.body ?? '').toString('base64')
  return { ...event, body, isBase64Encoded: true }
}

/** The same request as API Gateway's REST API sends it (payload 1.0). */
export function asPayloadV1(event: Event) {
  const { rawPath: path, headers, requestContext, queryStringParameters, pathParameters } = event
  const { http, authorizer, requestId } = requestContext
  // A REST API keeps header names as the caller has written them.
  const written = Object.entries(headers).map(
    ([name, value]) =>
      [name.replaceAll(/\b[a-z]/g, (first) => first.toUpperCase()), value] as const,
  )
  return {
    version: '1.0',
    resource: path,
    path,
    httpMethod: http.method,
    headers: Object.fromEntries(written),
    multiValueHeaders: Object.fromEntries(written.map(([name, value]) => [name, [value]])),
    queryStringParameters: queryStringParameters ?? null,
    pathParameters: pathParameters ?? null,
    requestContext: {
      accountId: ACCOUNT,
      requestId,
      httpMethod: http.method,
      identity: { sourceIp: http.sourceIp, userArn: authorizer?.iam.userArn ?? null },
      stage: 'prod',
    },
    body: event.body ?? null,
    isBase64Encoded: event.isBase64Encoded,
  }
}
