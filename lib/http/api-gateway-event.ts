/** What this service reads of an API Gateway event, payload 2.0 or 1.0 alike. */
export type HttpRequest = {
  requestId: string
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>
  /** As it arrived: base64 where the flag says so. */
  body: string | undefined
  isBase64Encoded: boolean
}

/** Reads an event of any shape without failing: what is not there is absent. */
export function readEvent(event: unknown, awsRequestId: string): HttpRequest {
  const { requestContext, headers, body, isBase64Encoded } = fieldsOf(event)
  const { requestId } = fieldsOf(requestContext)
  return {
    requestId: isRequestId(requestId) ? requestId : awsRequestId,
    headers: new Map(
      Object.entries(fieldsOf(headers)).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
      ),
    ),
    body: typeof body === 'string' ? body : undefined,
    isBase64Encoded: isBase64Encoded === true,
  }
}

function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:=+/-]{1,128}$/.test(value)
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
