import { problemTable } from '../../bundle/contract.ts'

export type Billable = 'yes' | 'no' | 'unknown'

/** What a caller must see, as one text: status, verdict or code, `billable`, and `retryable`. */
export type Expected = string

export function answer(verdict: string, billable: Billable, reason?: string): Expected {
  return told({ status: 200, verdict, reason, billable })
}

export const match = answer('match', 'yes')
export const mismatch = answer('mismatch', 'yes')

/** A problem of contract.md §3; where that table leaves `retryable` open, the case says it. */
export function problem(code: string, billable: Billable, retryable?: boolean): Expected {
  const [status, usually] = problemTable[code] ?? []
  return told({ status, code, billable, retryable: retryable ?? usually })
}

export const lost = problem('provider_error', 'unknown')
export const timedOut = problem('provider_timeout', 'unknown', false)
export const neverSent = problem('provider_unavailable', 'no')

export function told(seen: Readonly<Record<string, unknown>>): Expected {
  const { status, verdict, reason, code, billable, retryable } = seen
  const what = [verdict ?? code, reason].filter(Boolean).join(', ')
  const again = verdict === undefined ? [retryable === true ? 'retryable' : 'final'] : []
  return [status, what, `billable ${String(billable)}`, ...again].map(String).join(' · ')
}
