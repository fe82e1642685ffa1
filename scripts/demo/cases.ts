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
} as const

const databao = (event: string, expected: Expected, settings?: DemoCase['settings']): DemoCase => ({
  fn: 'verifyThreeElement',
  event,
  expected,
  ...(settings && { settings }),
})

const juhe =
  (channel: 'plain' | 'encrypted') =>
  (event: string, expected: Expected, settings?: DemoCase['settings']): DemoCase => ({
    fn: 'verifyTwoElement',
    channel,
    event,
    expected,
    ...(settings && { settings }),
  })

const plain = juhe('plain')
const encrypted = juhe('encrypted')

// No issuer has the prefix of the synthetic cards.
const warnings = ['/cardNumber bin_unknown']
const match = { status: 200, verdict: 'match', billable: 'yes', warnings } as const
const mismatch = { status: 200, verdict: 'mismatch', billable: 'yes', warnings } as const
const unverifiable = { status: 200, verdict: 'unverifiable', warnings } as const
const final = { retryable: false, billable: 'no' } as const
const again = { retryable: true, billable: 'no' } as const
const malformed = { status: 400, code: 'malformed_json', ...final } as const
const invalid = { status: 422, code: 'validation_failed', ...final } as const
const locked = { status: 429, code: 'card_locked', ...final } as const
const rejected = { status: 502, code: 'provider_credentials_rejected', ...final } as const
const throttled = { status: 503, code: 'provider_throttled', ...again } as const
const timeout = { status: 504, code: 'provider_timeout' } as const

const impatient = { PROVIDER_TIMEOUT_MS: '1500' }

const threeElementErrors = ['/name format', '/idNumber checksum', '/cardNumber length']
const twoElementErrors = [
  'unknown_field',
  '/name format',
  '/cardNumber length',
  '/reference format',
]

export const demoCases: readonly DemoCase[] = [
  databao('match', match),
  databao('mismatch', mismatch),
  databao('unverifiable', { ...unverifiable, reason: 'abnormal', billable: 'unknown' }),
  databao('no-record', { ...unverifiable, reason: 'no_record', billable: 'unknown' }),
  databao('luhn-warning', { ...match, warnings: ['/cardNumber luhn', ...warnings] }),
  databao('provider-timeout', { ...timeout, retryable: false, billable: 'unknown' }),
  databao('hang', { ...timeout, retryable: false, billable: 'unknown' }, impatient),
  databao('throttled', throttled),
  databao('credentials-rejected', { ...rejected, billable: 'unknown' }),
  databao('bad-input', { ...invalid, errors: threeElementErrors }),
  databao('malformed-json', malformed),
  databao('payload-v1', match),

  plain('match', match),
  plain('mismatch', mismatch),
  plain('locked-card', locked),

  encrypted('match', match),
  encrypted('mismatch', mismatch),
  encrypted('unverifiable', { ...unverifiable, reason: 'declined', billable: 'no' }),
  encrypted('locked-card', locked),
  encrypted('provider-timeout', { ...timeout, ...again }),
  encrypted('credentials-rejected', rejected),
  encrypted('bad-input', { ...invalid, errors: twoElementErrors }),
  encrypted('chinese-problem', { ...invalid, title: '校验未通过', errors: twoElementErrors }),
  encrypted('base64-body', match),
]
