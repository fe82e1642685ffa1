import type { ProblemCode } from '../../lib/errors/problem-catalog.ts'
import type { Billable, Verdict } from '../../lib/verification/verdict.ts'

export type DemoCase = {
  fn: keyof typeof eventFiles
  /** Juhe's only. */
  channel?: 'plain' | 'encrypted'
  /** `events/<file of fn>.<event>.json` */
  event: string
  /** Settings other than the deployed ones, for this run. */
  settings?: Record<string, string>
  expected: Expected
}

/** From contract.md and providers.md: what must come back, written down before it was run. */
export type Expected =
  | (Verdict & { status: 200; billable: Billable; warnings?: string[] })
  | { status: 200; records: number }
  | {
      status: number
      code: ProblemCode
      retryable: boolean
      billable: 'no' | 'unknown'
      title?: string
      errors?: string[]
    }

export const eventFiles = {
  verifyThreeElement: 'verify-three-element',
  verifyTwoElement: 'verify-two-element',
  getVerification: 'get-verification',
  listVerifications: 'list-verifications',
  getUsage: 'get-usage',
} as const

const asking =
  (fn: DemoCase['fn'], channel?: DemoCase['channel']) =>
  (event: string, expected: Expected, settings?: DemoCase['settings']): DemoCase => ({
    fn,
    event,
    expected,
    ...(channel && { channel }),
    ...(settings && { settings }),
  })

const databao = asking('verifyThreeElement')
const plain = asking('verifyTwoElement', 'plain')
const encrypted = asking('verifyTwoElement', 'encrypted')
const oneRecord = asking('getVerification')
const records = asking('listVerifications')
const usage = asking('getUsage')

/** What every synthetic card is warned of: no issuer has its prefix. */
export const ALWAYS_WARNED = '/cardNumber bin_unknown'
const warnings = [ALWAYS_WARNED]
const match = { status: 200, verdict: 'match', billable: 'yes', warnings } as const
const mismatch = { status: 200, verdict: 'mismatch', billable: 'yes', warnings } as const
const unverifiable = { status: 200, verdict: 'unverifiable', warnings } as const
const luhnMatch = { ...match, warnings: ['/cardNumber luhn', ...warnings] }
const none = { status: 200, records: 0 } as const
const final = { retryable: false, billable: 'no' } as const
const again = { retryable: true, billable: 'no' } as const
const lost = { retryable: false, billable: 'unknown' } as const
const malformed = { status: 400, code: 'malformed_json', ...final } as const
const badKey = { status: 400, code: 'invalid_idempotency_key', ...final } as const
const noKey = { status: 400, code: 'idempotency_key_required', ...final } as const
const unauthenticated = { status: 401, code: 'unauthenticated', ...final } as const
const notFound = { status: 404, code: 'not_found', ...final } as const
const invalid = { status: 422, code: 'validation_failed', ...final } as const
const locked = { status: 429, code: 'card_locked', ...final } as const
const tooMany = { status: 429, code: 'too_many_attempts' } as const
const rejected = { status: 502, code: 'provider_credentials_rejected' } as const
const throttled = { status: 503, code: 'provider_throttled', ...again } as const
const exhausted = { status: 503, code: 'provider_quota_exhausted', ...final } as const
const timeout = { status: 504, code: 'provider_timeout' } as const

const impatient = { PROVIDER_TIMEOUT_MS: '1500' }
const strict = { REQUIRE_IDEMPOTENCY_KEY: 'true' }

const threeElementErrors = ['/name format', '/idNumber checksum', '/cardNumber length']
const twoElementErrors = [
  'unknown_field',
  '/name format',
  '/cardNumber length',
  '/reference format',
]
const chinese = { ...invalid, title: '校验未通过' }

/** In the order in which the demo shows them: all of one function and channel together. */
export const demoCases: readonly DemoCase[] = [
  databao('match', match),
  databao('mismatch', mismatch),
  databao('unverifiable', { ...unverifiable, reason: 'abnormal', billable: 'unknown' }),
  databao('no-record', { ...unverifiable, reason: 'no_record', billable: 'unknown' }),
  databao('luhn-warning', luhnMatch),
  databao('too-many-attempts', { ...tooMany, ...lost }),
  databao('provider-timeout', { ...timeout, ...lost }),
  databao('hang', { ...timeout, ...lost }, impatient),
  databao('throttled', throttled),
  databao('credentials-rejected', { ...rejected, ...lost }),
  databao('bad-input', { ...invalid, errors: threeElementErrors }),
  databao('malformed-json', malformed),
  databao('unauthenticated', unauthenticated),

  plain('match', match),
  plain('mismatch', mismatch),

  encrypted('match', match),
  encrypted('mismatch', mismatch),
  encrypted('unverifiable', { ...unverifiable, reason: 'declined', billable: 'no' }),
  encrypted('locked-card', locked),
  encrypted('provider-timeout', { ...timeout, ...again }),
  encrypted('quota-exhausted', exhausted),
  encrypted('chinese-problem', { ...chinese, errors: twoElementErrors }),
  encrypted('idempotency-key', match, strict),
  encrypted('match', noKey, strict),

  oneRecord('not-found', notFound),
  records('by-reference', none),
  usage('by-day', none),
]

/** Left out of the demo, which is to end within a minute; test/bundle runs them with the others. */
export const furtherCases: readonly DemoCase[] = [
  databao('base64-body', match),
  databao('chinese-problem', { ...chinese, errors: threeElementErrors }),
  databao('idempotency-key', match),
  databao('no-cache', match),
  databao('payload-v1', match),

  plain('provider-timeout', { ...timeout, ...again }),
  plain('credentials-rejected', { ...rejected, ...final }),
  plain('locked-card', locked),

  encrypted('base64-body', match),
  encrypted('bad-input', { ...invalid, errors: twoElementErrors }),
  encrypted('credentials-rejected', { ...rejected, ...final }),
  encrypted('hang', { ...timeout, ...lost }, impatient),
  encrypted('invalid-idempotency-key', badKey),
  encrypted('jwt-caller', match),
  encrypted('luhn-warning', luhnMatch),
  encrypted('malformed-json', malformed),
  encrypted('payload-v1', match),
  encrypted('throttled', throttled),

  oneRecord('malformed-id', notFound),
  oneRecord('payload-v1', notFound),
  oneRecord('unauthenticated', unauthenticated),
  records('bad-query', {
    ...invalid,
    errors: ['reference format', 'limit format', 'unknown_field'],
  }),
  records('payload-v1', none),
  usage('payload-v1', none),
  usage('bad-query', { ...invalid, errors: ['from format', 'to required'] }),
]
