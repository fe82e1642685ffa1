import type { HttpRequest } from '../../../lib/http/api-gateway-event.ts'
import type { CallContext, Endpoint } from '../../../lib/http/http-handler.ts'
import { verificationEndpoint } from '../../../lib/http/verification-endpoint.ts'
import type { Item, Table } from '../../../lib/ledger/dynamo-table.ts'
import type { VerifyOnce } from '../../../lib/ledger/verification-ledger.ts'
import { databao } from '../../../lib/providers/databao/databao-client.ts'
import { juhe } from '../../../lib/providers/juhe/juhe-client.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../../lib/verification/verification-request.ts'
import type { Json } from '../json-schema.ts'
import type { Asking } from '../problem-codes.ts'
import { sample } from './sample.ts'

/** The real endpoint of an operation, in front of a ledger that is only acted. */
export function throughEndpoint<Result>(
  operation: Asking,
  acted: { verifyOnce: VerifyOnce; requireIdempotencyKey?: boolean },
  use: <Input extends object>(endpoint: Endpoint<Input>) => Result,
): Result {
  const shared = { requireIdempotencyKey: false, ...acted, route: operation, ask: never }
  return operation === 'verifyThreeElement'
    ? use(verificationEndpoint({ ...shared, operation: databao, parse: parseThreeElementRequest }))
    : use(verificationEndpoint({ ...shared, operation: juhe, parse: parseTwoElementRequest }))
}

/** What an endpoint answers with 200. */
export async function bodyOf<Input extends object>(
  { read, answer }: Endpoint<Input>,
  request: Partial<HttpRequest>,
): Promise<Json> {
  const context: CallContext = {
    caller: sample.caller,
    requestId: sample.requestId,
    language: 'en',
    remainingMs: () => Infinity,
    trace: {},
  }
  const { body } = await answer(read(requestOf(request)), context)
  return body as Json
}

export function requestOf(given: Partial<HttpRequest>): HttpRequest {
  return {
    requestId: sample.requestId,
    caller: sample.caller,
    headers: new Map(),
    pathParameters: new Map(),
    query: new Map(),
    body: undefined,
    isBase64Encoded: false,
    ...given,
  }
}

/** A table that holds these items, whatever is asked for. */
export function tableOf(items: readonly Item[]): Table {
  const [first] = items
  return { get: async () => first, query: async () => [...items], update: never, remove: never }
}

export async function never(): Promise<never> {
  throw new Error('an example must not get this far')
}
