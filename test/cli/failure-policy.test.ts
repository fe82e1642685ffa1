import type { ClientCode, ProblemCode } from '@bankcard-verify/client'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../cli/src/asking.ts'
import { type NextStep, nextStep } from '../../cli/src/failure-policy.ts'
import { problemCatalog } from '../../lib/errors/problem-catalog.ts'

/** What follows for a batch, where nothing was charged: a new code does not compile undecided. */
const ofTheService = {
  malformed_json: 'settle',
  unauthenticated: 'stop',
  not_found: 'settle',
  invalid_idempotency_key: 'settle',
  idempotency_key_required: 'stop',
  idempotency_key_reused: 'settle',
  verification_in_progress: 'again',
  outcome_unknown: 'settle',
  daily_limit_reached: 'stop',
  ledger_unavailable: 'again',
  unsupported_media_type: 'settle',
  payload_too_large: 'settle',
  validation_failed: 'settle',
  provider_rejected_input: 'settle',
  too_many_attempts: 'settle',
  card_locked: 'settle',
  provider_throttled: 'again',
  provider_quota_exhausted: 'stop',
  provider_credentials_rejected: 'stop',
  provider_access_denied: 'stop',
  provider_unavailable: 'again',
  provider_timeout: 'settle',
  provider_error: 'settle',
  credentials_unavailable: 'again',
  internal_error: 'settle',
} satisfies Record<ProblemCode, NextStep>

/** As the client has them, with its own `retryable`. */
const ofTheClient = {
  aborted: [false, 'settle'],
  connection_failed: [true, 'again'],
  connection_lost: [true, 'again'],
  timed_out: [true, 'again'],
  gateway_refused: [false, 'stop'],
  gateway_throttled: [true, 'again'],
  gateway_failed: [true, 'again'],
  unexpected_answer: [false, 'settle'],
  signing_failed: [false, 'stop'],
} satisfies Record<ClientCode, [retryable: boolean, NextStep]>

const failure = (facts: Partial<Failure>): Failure => ({
  code: '',
  status: 500,
  billable: 'no',
  retryable: false,
  retryAfterSeconds: undefined,
  outcomeUnknown: false,
  requestId: undefined,
  idempotencyKey: undefined,
  errors: [],
  isFromService: true,
  isPaidCall: false,
  title: undefined,
  detail: undefined,
  ...facts,
})

const fromService = (code: ProblemCode, facts: Partial<Failure> = {}) => {
  const { status, retryable } = problemCatalog[code]
  return failure({ code, status, retryable, ...facts })
}
const codes = Object.keys(ofTheService) as ProblemCode[]

describe('a failure of one row', () => {
  it.each(codes)('of the service decides about the batch: %s', (code) => {
    expect(nextStep(fromService(code))).toBe(ofTheService[code])
  })

  it.each(codes)('is never asked again where a call was perhaps charged: %s', (code) => {
    expect(nextStep(fromService(code, { isPaidCall: true, billable: 'unknown' }))).not.toBe('again')
  })

  it.each(Object.entries(ofTheClient))('found by the client: %s', (code, [retryable, step]) => {
    expect(nextStep(failure({ code, retryable, isFromService: false }))).toBe(step)
  })

  it('stops the batch where the credentials of the provider stay unreadable', () => {
    expect(nextStep(fromService('credentials_unavailable', { retryable: false }))).toBe('stop')
  })
})
