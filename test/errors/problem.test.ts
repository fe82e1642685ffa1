import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError, type ProblemFacts } from '../../lib/errors/app-error.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import { type ProblemCode, problemCatalog } from '../../lib/errors/problem-catalog.ts'

type Expected = { status: number; retryable: boolean; wait?: 'midnight' | 'some' }

// By hand from contract.md §3 and §5.
const contract = {
  malformed_json: { status: 400, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  validation_failed: { status: 422, retryable: false },
  provider_rejected_input: { status: 422, retryable: false },
  too_many_attempts: { status: 429, retryable: false, wait: 'midnight' },
  card_locked: { status: 429, retryable: false, wait: 'midnight' },
  provider_throttled: { status: 503, retryable: true, wait: 'some' },
  provider_quota_exhausted: { status: 503, retryable: false, wait: 'some' },
  provider_credentials_rejected: { status: 502, retryable: false },
  provider_access_denied: { status: 502, retryable: false },
  provider_unavailable: { status: 503, retryable: true, wait: 'some' },
  provider_timeout: { status: 504, retryable: false },
  provider_error: { status: 502, retryable: false },
  credentials_unavailable: { status: 503, retryable: true, wait: 'some' },
  internal_error: { status: 500, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  not_found: { status: 404, retryable: false },
  invalid_idempotency_key: { status: 400, retryable: false },
  idempotency_key_required: { status: 400, retryable: false },
  idempotency_key_reused: { status: 422, retryable: false },
  verification_in_progress: { status: 409, retryable: true, wait: 'some' },
  outcome_unknown: { status: 504, retryable: false },
  daily_limit_reached: { status: 429, retryable: false, wait: 'midnight' },
  ledger_unavailable: { status: 503, retryable: true, wait: 'some' },
} satisfies Record<ProblemCode, Expected>

const rows = Object.entries(contract) as [ProblemCode, Expected][]

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T03:35:00Z'), toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the problem catalog', () => {
  it('has the codes of the contract and no others', () => {
    expect(Object.keys(problemCatalog).sort()).toEqual(Object.keys(contract).sort())
  })

  it.each(rows)('says of %s what the contract says: %j', (code, { status, retryable, wait }) => {
    const { problem, retryAfterSeconds } = problemOf(new AppError(code), 'r-1', 'en')
    expect(problem).toMatchObject({ code, status, retryable, requestId: 'r-1', billable: 'no' })
    // At 11:35 in Shanghai.
    const toMidnight = retryAfterSeconds === (12 * 60 + 25) * 60
    expect(retryAfterSeconds && (toMidnight ? 'midnight' : 'some')).toBe(wait)
  })

  it.each(rows)('has for %s a type URI of its own', (code) => {
    const { type } = problemOf(new AppError(code), 'r-1', 'en').problem
    expect(URL.canParse(type)).toBe(true)
    expect(type).toMatch(new RegExp(`[:/#]${code}$`))
  })

  it.each(rows)('speaks of %s in English and in Chinese', (code) => {
    const english = problemOf(new AppError(code), 'r-1', 'en').problem
    const chinese = problemOf(new AppError(code), 'r-1', 'zh').problem
    for (const text of [english.title, english.detail]) expect(text).toMatch(/^[\x20-\x7e]{6,}$/)
    for (const text of [chinese.title, chinese.detail]) expect(text).toMatch(/\p{Script=Han}{2}/u)
    expect(english.title).not.toBe(english.detail)
    expect(chinese.title).not.toBe(chinese.detail)
  })
})

describe('Retry-After', () => {
  it.each([
    ['2026-11-22T15:59:59.999Z', 1],
    ['2026-11-22T16:00:00.000Z', 86_400],
    ['2026-12-31T15:59:00.000Z', 60],
    ['2026-11-22T16:00:00.001Z', 86_400],
  ])('of a locked card counts at %s %i s to the next midnight in Shanghai', (now, seconds) => {
    vi.setSystemTime(now)
    for (const code of ['card_locked', 'too_many_attempts'] as const) {
      expect(problemOf(new AppError(code), 'r-1', 'en').retryAfterSeconds).toBe(seconds)
    }
  })

  it('stands where a code is retryable only this time', () => {
    const error = new AppError('provider_timeout', { retryable: true })
    const { problem, retryAfterSeconds } = problemOf(error, 'r-1', 'en')
    expect(problem.retryable).toBe(true)
    expect(retryAfterSeconds).toBeGreaterThan(0)
  })

  it('does not stand where waiting cannot help this time', () => {
    const error = new AppError('credentials_unavailable', { retryable: false })
    const { problem, retryAfterSeconds } = problemOf(error, 'r-1', 'en')
    expect(problem.retryable).toBe(false)
    expect(retryAfterSeconds).toBeUndefined()
  })
})

describe('problemOf', () => {
  it('has the members of the contract, in the values of the error', () => {
    const facts: ProblemFacts = {
      billable: 'unknown',
      provider: 'databao',
      providerCode: '10003',
      providerReference: '4XU29Z4D',
      errors: [{ pointer: '/idNumber', code: 'checksum' }],
    }
    expect(problemOf(new AppError('provider_timeout', facts), 'r-1', 'en').problem).toStrictEqual({
      type: 'urn:problem-type:bankcard-verify:provider_timeout',
      title: problemCatalog.provider_timeout.title.en,
      status: 504,
      detail: problemCatalog.provider_timeout.detail.en,
      code: 'provider_timeout',
      requestId: 'r-1',
      retryable: false,
      ...facts,
    })
  })

  it('leaves out what does not apply', () => {
    const { problem } = problemOf(new AppError('malformed_json'), 'r-1', 'en')
    expect(Object.keys(problem).sort()).toEqual(
      ['type', 'title', 'status', 'detail', 'code', 'requestId', 'retryable', 'billable'].sort(),
    )
  })
})

describe('AppError', () => {
  it('says its code and nothing else', () => {
    const error = new AppError('card_locked', { providerReference: 'JH1' })
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('AppError: card_locked')
    expect(error.cause).toBeUndefined()
  })

  it('takes no free text', () => {
    const texts = [
      // @ts-expect-error -- not a code
      () => new AppError('the card 6299990000000017'),
      // @ts-expect-error -- no message
      () => new AppError('internal_error', { message: '6299990000000017' }),
      // @ts-expect-error -- no cause
      () => new AppError('internal_error', { cause: new Error('6299990000000017') }),
      // @ts-expect-error -- no detail
      () => new AppError('internal_error', { detail: '6299990000000017' }),
    ]
    expect(texts).toHaveLength(4)
  })
})
