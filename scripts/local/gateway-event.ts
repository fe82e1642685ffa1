import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda'

// Seen on AWS: every other type, forms and a missing one included, arrives as base64.
const TEXT_TYPE = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i

const DEVELOPER = {
  accessKey: 'ASIALOCAL',
  accountId: '000000000000',
  callerId: 'AROALOCAL:developer',
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: 'arn:aws:sts::000000000000:assumed-role/local/developer',
  userId: 'AROALOCAL:developer',
} as unknown as APIGatewayProxyEventV2WithIAMAuthorizer['requestContext']['authorizer']['iam']

/** What API Gateway's HTTP API sends a function for this request (payload format 2.0). */
export function toGatewayEvent(
  request: IncomingMessage,
  body: Buffer,
  route: { routeKey: string; pathParameters: Record<string, string> },
): APIGatewayProxyEventV2WithIAMAuthorizer {
  const { path, query } = splitUrl(request.url ?? '/')
  const host = request.headers.host ?? 'localhost'
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1'
  const now = new Date()
  const headers = joinHeaders(request, { host, sourceIp, now })
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '')

  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(request.headers.cookie && { cookies: request.headers.cookie.split(/;\s*/) }),
    headers,
    ...(query && { queryStringParameters: joinQuery(query) }),
    requestContext: {
      accountId: DEVELOPER.accountId,
      apiId: 'local',
      authorizer: { iam: DEVELOPER },
      domainName: host.replace(/:\d+$/, ''),
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomBytes(11).toString('base64'),
      routeKey: route.routeKey,
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(route.pathParameters).length > 0 && { pathParameters: route.pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  if (mark === -1) return { path: url, query: '' }
  return { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

function joinHeaders(
  request: IncomingMessage,
  { host, sourceIp, now }: { host: string; sourceIp: string; now: Date },
): Record<string, string> {
  const { cookie: _cookie, connection: _connection, ...sent } = request.headersDistinct
  const joined = Object.entries(sent).map(([name, values]) => [name, values?.join(',') ?? ''])
  const root = Math.floor(now.getTime() / 1000).toString(16)
  return {
    ...Object.fromEntries(joined),
    'x-amzn-trace-id': `Root=1-${root}-${randomBytes(12).toString('hex')}`,
    'x-forwarded-for': sourceIp,
    'x-forwarded-port': host.split(':')[1] ?? '80',
    'x-forwarded-proto': 'http',
  }
}

function joinQuery(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query)
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  )
}

/** `12/Mar/2020:19:03:58 +0000` */
function gatewayTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
