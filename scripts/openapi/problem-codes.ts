import { pauseCodes } from '../../lib/ledger/guard.ts'
import { type ProblemCode, problemCatalog, type Row } from '../../lib/errors/problem-catalog.ts'
import {
  gatewayCodes,
  gatewayFamilies,
  gatewayMessages,
  gatewayStatuses,
} from '../../lib/providers/databao/aliyun-gateway-codes.ts'
import { databaoCodes } from '../../lib/providers/databao/databao-codes.ts'
import { juheCodes, juheRetryable } from '../../lib/providers/juhe/juhe-codes.ts'

export type OperationId =
  | 'verifyThreeElement'
  | 'verifyTwoElement'
  | 'getVerification'
  | 'listVerifications'
  | 'getUsage'

/** Those that ask a provider. */
export type Asking = 'verifyThreeElement' | 'verifyTwoElement'

export function isAsking(operation: OperationId): operation is Asking {
  return operation === 'verifyThreeElement' || operation === 'verifyTwoElement'
}

const always = ['unauthenticated', 'internal_error'] as const
const store = ['ledger_unavailable'] as const
const request = [
  'invalid_idempotency_key',
  'idempotency_key_required',
  'unsupported_media_type',
  'payload_too_large',
  'malformed_json',
  'validation_failed',
] as const
const ledger = [
  'idempotency_key_reused',
  'verification_in_progress',
  'outcome_unknown',
  'too_many_attempts',
  'card_locked',
  'daily_limit_reached',
  'credentials_unavailable',
] as const
const databao: readonly ProblemCode[] = [
  ...Object.values(databaoCodes),
  ...[
    ...Object.values(gatewayCodes),
    ...[...gatewayFamilies, ...gatewayMessages, ...gatewayStatuses].map(([, failure]) => failure),
  ].map(({ problem }) => problem),
]
const juhe: readonly ProblemCode[] = Object.values(juheCodes)

const answered: Record<OperationId, readonly ProblemCode[]> = {
  verifyThreeElement: [...always, ...store, ...request, ...ledger, ...databao],
  verifyTwoElement: [...always, ...store, ...request, ...ledger, ...juhe],
  getVerification: [...always, ...store, 'not_found'],
  listVerifications: [...always, ...store, 'validation_failed'],
  getUsage: [...always, ...store, 'validation_failed'],
}

/** Every problem that an operation can answer, by status and in the order of the catalog. */
export function problemsOf(operation: OperationId): Map<number, ProblemCode[]> {
  const codes = new Set(answered[operation])
  const inOrder = problemCodes.filter((code) => codes.has(code))
  return Map.groupBy(inOrder, (code) => problemCatalog[code].status)
}

export const problemCodes = Object.keys(problemCatalog) as ProblemCode[]

/** May a problem with this code say `retryable: true`? */
export function mayBeRetryable(code: ProblemCode): boolean {
  return problemCatalog[code].retryable || sometimesRetryable.has(code)
}

const sometimesRetryable = new Set<ProblemCode>(
  Object.entries(juheCodes).flatMap(([code, problem]) => (juheRetryable.has(code) ? problem : [])),
)

/** May a problem with this code come with `Retry-After`? */
export function mayWait(code: ProblemCode): boolean {
  const { retryAfter }: Row = problemCatalog[code]
  const pauses = pauseCodes.some((pausing) => pausing === code)
  return retryAfter !== undefined || mayBeRetryable(code) || pauses
}

/** May it be the outcome of a call, which is kept under the `Idempotency-Key`? */
export function mayBeReplayed(operation: OperationId, code: ProblemCode): boolean {
  const outcomes = { verifyThreeElement: databao, verifyTwoElement: juhe }
  return isAsking(operation) && [...outcomes[operation], 'internal_error'].includes(code)
}
