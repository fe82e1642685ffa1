import type { Failure } from './asking.ts'

/**
 * What follows for a batch:
 * `settle` the failure is the row's outcome, and the row is not asked again;
 * `again`  the same request with the same key may go out once more;
 * `stop`   every row would fail so until somebody mends it.
 */
export type NextStep = 'settle' | 'again' | 'stop'

const stopCodes: ReadonlySet<string> = new Set([
  'provider_quota_exhausted',
  'provider_credentials_rejected',
  'provider_access_denied',
  'daily_limit_reached',
  'unauthenticated',
  'idempotency_key_required',
  // Of the client: the address or the credentials are wrong.
  'gateway_refused',
  'signing_failed',
])

export function nextStep(failure: Failure): NextStep {
  if (stopCodes.has(failure.code)) return 'stop'
  // A call that perhaps was charged is not made a second time, even where it may be repeated.
  if (failure.retryable && !failure.isPaidCall) return 'again'
  return failure.code === 'credentials_unavailable' ? 'stop' : 'settle'
}

/** Answered before the service looks for what it keeps under the key. */
const beforeTheKey: ReadonlySet<string> = new Set([
  'unauthenticated',
  'idempotency_key_required',
  'credentials_unavailable',
  'ledger_unavailable',
  'verification_in_progress',
])

/** Whether this failure also says what became of an earlier request with the same key. */
export function tellsOfItsKey({ isFromService, code }: Failure): boolean {
  return isFromService && !beforeTheKey.has(code)
}
