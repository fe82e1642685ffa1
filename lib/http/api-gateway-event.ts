import { callerOf } from './caller.ts'
import { fieldsOf } from './fields-of.ts'

/** What this service reads of an API Gateway event, payload 2.0 or 1.0 alike. */
export type HttpRequest = {
  requestId: string
  /** `undefined` where the gateway vouches for nobody. */
  caller: string | undefined
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>
  pathParameters: ReadonlyMap<string, string>
  query: ReadonlyMap<string, string>
  /** As it arrived: base64 where the flag says so. */
  body: string | undefined
  isBase64Encoded: boolean
}

/** Reads an event of any shape without failing: what is not there is absent. */
export function readEvent(event: unknown, awsRequestId: string): HttpRequest {
  const { requestContext, headers, body, isBase64Encoded, ...rest } = fieldsOf(event)
  const { requestId } = fieldsOf(requestContext)
  return {
    requestId: isRequestId(requestId) ? requestId : awsRequestId,
    caller: callerOf(requestContext),
    headers: new Map(
      [...lastOfEach(rest['multiValueHeaders']), ...textsOf(headers)].map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
    pathParameters: new Map(textsOf(rest['pathParameters'])),
    query: new Map(textsOf(rest['queryStringParameters'])),
    body: typeof body === 'string' ? body : undefined,
    isBase64Encoded: isBase64Encoded === true,
  }
}

export const REQUEST_ID = /^[\w.:=+/-]{1,128}$/

function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && REQUEST_ID.test(value)
}

// A REST API may leave `headers` empty and give all of them here.
function lastOfEach(value: unknown): [name: string, value: string][] {
  const lasts = Object.entries(fieldsOf(value)).map(([name, values]) => [
    name,
    Array.isArray(values) ? values.at(-1) : undefined,
  ])
  return textsOf(Object.fromEntries(lasts))
}

function textsOf(value: unknown): [name: string, value: string][] {
  return Object.entries(fieldsOf(value)).flatMap(([name, text]) =>
    typeof text === 'string' ? [[name, text] as [string, string]] : [],
  )
}
