import { conforming } from '../../openapi/conforms.ts'
import type { inventedPerson } from './invented-person.ts'

/** Which handler, and so which provider. */
export type Route = 'three-element' | 'two-element'

export type CallOptions = {
  route: Route
  person: ReturnType<typeof inventedPerson>
  idempotencyKey?: string | undefined
  remainingMs: number
}

/** `200 asked`, `200 reused`, `200 replayed`, or status and code of a problem. */
export type Outcome = string

type Response = { statusCode: number; headers: Record<string, string>; body: string }
type Handler = (event: unknown, context: unknown) => Promise<Response>

/** The real handler, with the settings of this process. */
export async function loadHandler(route: Route): Promise<(call: CallOptions) => Promise<Outcome>> {
  const module: { handler: unknown } = await import(`../../../handlers/verify-${route}.ts`)
  const operation = route === 'three-element' ? 'verifyThreeElement' : 'verifyTwoElement'
  const handler = conforming(operation, module.handler as Handler)
  let calls = 0
  return async (call) => {
    calls += 1
    const id = `${process.pid}-${calls}`
    const context = { awsRequestId: id, getRemainingTimeInMillis: () => call.remainingMs }
    return outcomeOf(await handler(eventOf(call, id), context))
  }
}

function eventOf({ route, person, idempotencyKey }: CallOptions, requestId: string) {
  const { idNumber: _, ...twoElements } = person
  return {
    version: '2.0',
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    requestContext: {
      requestId,
      authorizer: { iam: { userArn: 'arn:aws:sts::111122223333:assumed-role/proof/one' } },
    },
    body: JSON.stringify(route === 'three-element' ? person : twoElements),
    isBase64Encoded: false,
  }
}

function outcomeOf({ statusCode, headers, body }: Response): Outcome {
  const { code, reused } = JSON.parse(body) as { code?: string; reused?: boolean }
  if (code !== undefined) return `${statusCode} ${code}`
  const how = reused ? 'reused' : 'asked'
  return `${statusCode} ${headers['idempotency-replayed'] === 'true' ? 'replayed' : how}`
}
