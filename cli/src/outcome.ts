import type { Failure, Verification } from './asking.ts'

export type Billable = 'yes' | 'no' | 'unknown'

/** What came of a row, and nothing of the person. */
export type Outcome = Answered | Failed
export type Answered = {
  verdict: Verification['verdict']
  reason?: string
  billable: Billable
  reused: boolean
  id: string
  verifiedAt: string
  provider: string
  bank?: string
  warnings: readonly string[]
}
export type Failed = {
  code: string
  billable: Billable
  errors?: readonly string[]
  requestId?: string
}

export function answered(verification: Verification): Answered {
  const { verdict, reason, billable, reused, id, verifiedAt, provider, card, warnings } =
    verification
  return {
    verdict,
    ...(reason !== undefined && { reason }),
    billable,
    reused,
    id,
    verifiedAt,
    provider,
    ...(card.bank !== undefined && { bank: card.bank }),
    warnings: warnings.map(({ pointer, code }) => `${pointer.slice(1)}:${code}`),
  }
}

export function failed({ code, billable, errors, requestId }: Failure): Failed {
  return {
    code,
    billable,
    ...(errors.length > 0 && { errors }),
    ...(requestId !== undefined && { requestId }),
  }
}

/** For a row whose call may have run under a key that the service no longer keeps. */
export const outcomeUnknown: Failed = { code: 'outcome_unknown', billable: 'unknown' }

export function isOutcome(value: unknown): value is Outcome {
  const { verdict, code, billable } = (value ?? {}) as Partial<Record<string, unknown>>
  return (typeof verdict === 'string' || typeof code === 'string') && typeof billable === 'string'
}
