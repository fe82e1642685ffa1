import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { VerificationError } from '../../client/src/client.ts'
import {
  answer,
  clientOf,
  failureOf,
  pair,
  problem,
  problemNamed,
  type Reply,
} from './stub-service.ts'

const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const gateway = (status: number): Reply => ({
  status,
  type: 'application/json',
  body: { message: 'Invented' },
})
const reset = new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
const refused = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })
const problemReply = (code: string, status: number, more = {}): Reply => ({
  status,
  body: problemNamed(code, status, more),
})
const throttled: Reply = { status: 503, body: problem }

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** What came of a call once all its waits are over. */
async function ended<Value>(asked: Promise<Value>): Promise<Value | VerificationError> {
  const settled = asked.catch((error: VerificationError) => error)
  await vi.runAllTimersAsync()
  return settled
}

describe('a call is repeated', () => {
  it.each<[string, Reply | Error, number]>([
    ['a problem that is retryable', throttled, 3],
    [
      'verification_in_progress',
      problemReply('verification_in_progress', 409, { retryable: true }),
      3,
    ],
    ['ledger_unavailable', problemReply('ledger_unavailable', 503, { retryable: true }), 3],
    ['a lost connection', reset, 3],
    ['a connection that was never made', refused, 3],
    ['a 429 of the gateway', gateway(429), 3],
    ['a 500 of the gateway', gateway(500), 3],
    ['a 503 of the gateway', gateway(503), 3],
    ['a 504 of the gateway', gateway(504), 3],
    ['a problem that is not retryable', problemReply('provider_error', 502), 1],
    ['outcome_unknown', problemReply('outcome_unknown', 504, { billable: 'unknown' }), 1],
    [
      'a problem that may be charged',
      problemReply('provider_unavailable', 503, { retryable: true, billable: 'unknown' }),
      1,
    ],
    ['a 401 of the gateway', gateway(401), 1],
    ['a 403 of the gateway', gateway(403), 1],
    ['a 404 of the gateway', gateway(404), 1],
    ['a 413 of the gateway', gateway(413), 1],
    ['an answer that is none', { body: {} }, 1],
  ])('or not, after %s', async (_, reply, attempts) => {
    const { client, sent } = clientOf([reply], { maxRetries: 2 })
    const error = await ended(client.verifyTwoElement(pair))
    expect(error).toBeInstanceOf(VerificationError)
    expect(sent).toHaveLength(attempts)
    const asked = sent.map(({ url, headers, init: { method, body } }) => ({
      url,
      method,
      body,
      key: headers.get('idempotency-key'),
    }))
    expect(asked).toEqual(asked.map(() => asked[0]))
    expect(error).toMatchObject({ idempotencyKey: asked[0]?.key })
    expect(asked[0]).toEqual({
      url: 'https://api.example/prod/v1/verifications/two-element',
      method: 'POST',
      body: JSON.stringify(pair),
      key: expect.stringMatching(UUID_V4),
    })
  })

  it('until it is answered', async () => {
    const { client, sent } = clientOf([throttled, gateway(503), {}], { maxRetries: 2 })
    expect(await ended(client.verifyTwoElement(pair))).toMatchObject({
      verdict: 'match',
      idempotencyKey: sent[0]?.headers.get('idempotency-key'),
    })
    expect(sent).toHaveLength(3)
  })

  it('twice unless told otherwise, and a read likewise', async () => {
    const byDefault = clientOf([throttled], { maxRetries: undefined })
    await ended(byDefault.client.verifyTwoElement(pair))
    expect(byDefault.sent).toHaveLength(3)
    const never = clientOf([throttled], { maxRetries: 0 })
    await ended(never.client.verifyTwoElement(pair))
    expect(never.sent).toHaveLength(1)
    const read = clientOf([reset, gateway(503), { body: answer }], { maxRetries: 2 })
    expect(await ended(read.client.getVerification(answer.id))).toEqual(answer)
    expect(read.sent).toHaveLength(3)
  })

  it('under the key that the caller has given', async () => {
    const { client, sent } = clientOf([throttled, {}], { maxRetries: 1 })
    const idempotencyKey = 'payout 8841'
    const found = await ended(client.verifyTwoElement(pair, { idempotencyKey }))
    expect(found).toMatchObject({ idempotencyKey })
    expect(sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual([
      idempotencyKey,
      idempotencyKey,
    ])
  })

  it('while another call has another key', async () => {
    const { client, sent } = clientOf([{}])
    await ended(client.verifyTwoElement(pair))
    await ended(client.verifyTwoElement(pair))
    expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(2)
  })
})

describe('a repeat waits', () => {
  const sentAfter = async (reply: Reply, ms: number, retries = 1) => {
    const { client, sent } = clientOf([reply], { maxRetries: retries })
    const asked = failureOf(client.verifyTwoElement(pair))
    await vi.advanceTimersByTimeAsync(ms)
    const count = sent.length
    await vi.runAllTimersAsync()
    await asked
    return count
  }

  it.each(['5', new Date(Date.UTC(2026, 10, 23, 9, 0, 5)).toUTCString()])(
    'as long as Retry-After says, and a little: %s',
    async (retryAfter) => {
      vi.setSystemTime(Date.UTC(2026, 10, 23, 9))
      const reply = { ...throttled, headers: { 'retry-after': retryAfter } }
      expect(await sentAfter(reply, 5374)).toBe(1)
      vi.setSystemTime(Date.UTC(2026, 10, 23, 9))
      expect(await sentAfter(reply, 5376)).toBe(2)
    },
  )

  it('twice as long each time where nothing is said', async () => {
    expect(await sentAfter(throttled, 374, 3)).toBe(1)
    expect(await sentAfter(throttled, 376, 3)).toBe(2)
    expect(await sentAfter(throttled, 374 + 750, 3)).toBe(2)
    expect(await sentAfter(throttled, 376 + 750, 3)).toBe(3)
    expect(await sentAfter(throttled, 376 + 750 + 1500, 3)).toBe(4)
  })

  it('for a time of chance', async () => {
    vi.mocked(Math.random).mockReturnValue(0)
    expect(await sentAfter(throttled, 251)).toBe(2)
    vi.mocked(Math.random).mockReturnValue(0.999)
    expect(await sentAfter(throttled, 498)).toBe(1)
    expect(await sentAfter(throttled, 500)).toBe(2)
  })

  it('for half a minute at most: longer is the caller’s to plan', async () => {
    for (const [seconds, attempts] of [
      [30, 2],
      [31, 1],
    ] as const) {
      const reply = { ...throttled, headers: { 'retry-after': String(seconds) } }
      const { client, sent } = clientOf([reply], { maxRetries: 1 })
      const error = await ended(client.verifyTwoElement(pair))
      expect(error).toMatchObject({ code: 'provider_throttled', retryAfterSeconds: seconds })
      expect(sent).toHaveLength(attempts)
    }
  })
})

describe('an answer of the gateway itself', () => {
  it('leads to its log line', async () => {
    const headers = { 'apigw-requestid': 'JKJaXmPLvHcESHA=' }
    const { client } = clientOf([{ ...gateway(403), headers }])
    expect((await failureOf(client.verifyTwoElement(pair))).message).toBe(
      'gateway_refused (HTTP 403, request JKJaXmPLvHcESHA=)',
    )
  })

  it.each(['soon 5', '5 s', '-5', '5, 5', 'Mon'])(
    'has no Retry-After that is none: %s',
    async (retryAfter) => {
      const { client } = clientOf([{ ...gateway(429), headers: { 'retry-after': retryAfter } }])
      const error = await failureOf(client.verifyTwoElement(pair))
      expect(error).toMatchObject({ code: 'gateway_throttled', retryAfterSeconds: undefined })
    },
  )
})

describe('a doubt', () => {
  const after = async (...replies: (Reply | Error)[]) => {
    const { client } = clientOf(replies, { maxRetries: replies.length - 1 })
    return ended(client.verifyTwoElement(pair))
  }
  const exhausted = problemReply('provider_quota_exhausted', 503)
  const replayed = { ...exhausted, headers: { 'idempotency-replayed': 'true' } }
  const inDoubt = { outcomeUnknown: true, billable: 'unknown' }
  const settled = { outcomeUnknown: false, billable: 'no' }

  it.each<[string, (Reply | Error)[], object]>([
    ['is not there without a lost attempt', [throttled, exhausted], settled],
    ['is not there where no connection was made', [refused, gateway(403)], settled],
    ['stays through a refusal', [reset, gateway(403)], { code: 'gateway_refused', ...inDoubt }],
    ['stays through a problem of the repeat', [gateway(504), exhausted], inDoubt],
    ['stays through a run of them', [reset, throttled, refused, gateway(429)], inDoubt],
    ['ends with what the ledger replays', [reset, replayed], settled],
    ['ends with an answer', [reset, {}], { verdict: 'match' }],
    [
      'begins anew after a replay',
      [reset, { ...throttled, headers: replayed.headers }, reset],
      inDoubt,
    ],
  ])('%s', async (_, replies, expected) => {
    expect(await after(...replies)).toMatchObject(expected)
  })

  it.each([
    ['outcome_unknown', 504, 'unknown', true],
    ['verification_in_progress', 409, 'no', true],
    ['provider_timeout', 504, 'unknown', true],
    ['provider_timeout', 504, 'no', false],
    ['provider_error', 502, 'unknown', true],
    ['provider_error', 502, 'no', false],
    ['internal_error', 500, 'unknown', true],
    ['provider_rejected_input', 422, 'unknown', false],
    ['validation_failed', 422, 'no', false],
  ])(
    'is told by the service: %s %i, billable %s',
    async (code, status, billable, outcomeUnknown) => {
      const reply = problemReply(code, status, { billable })
      expect(await after(reply)).toMatchObject({ code, status, billable, outcomeUnknown })
    },
  )

  it('is none of a read', async () => {
    for (const reply of [
      reset,
      gateway(503),
      problemReply('internal_error', 500, { billable: 'unknown' }),
    ]) {
      const { client } = clientOf([reply])
      expect(await ended(client.getVerification(answer.id))).toMatchObject({
        ...settled,
        idempotencyKey: undefined,
        verificationId: answer.id,
      })
    }
  })
})

describe('time', () => {
  const silent = () => new Promise<never>(() => {})

  it('is over after 31 s, whether fetch listens or not', async () => {
    const { client } = clientOf([], { fetch: silent })
    const asked = failureOf(client.verifyTwoElement(pair))
    let isOver = false
    void asked.then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(30_999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await asked).toMatchObject({
      code: 'timed_out',
      message: 'timed_out',
      outcomeUnknown: true,
      retryable: true,
    })
  })

  it('may be without an end', async () => {
    const { client } = clientOf([], { fetch: silent, timeoutMs: Infinity })
    const stop = new AbortController()
    const asked = failureOf(client.verifyTwoElement(pair, { signal: stop.signal }))
    await vi.advanceTimersByTimeAsync(3_600_000)
    stop.abort()
    expect((await asked).code).toBe('aborted')
  })

  it('counts for credentials too, and then nothing is sent', async () => {
    const { client, sent } = clientOf([{}], { auth: { bearer: silent }, timeoutMs: 1000 })
    expect(await ended(client.verifyTwoElement(pair))).toMatchObject({
      code: 'timed_out',
      outcomeUnknown: false,
    })
    expect(sent).toEqual([])
  })

  it('sends nothing with credentials that come too late', async () => {
    const bearer = () => new Promise<string>((resolve) => setTimeout(resolve, 2000, 'to.k.en'))
    const { client, sent } = clientOf([{}], { auth: { bearer }, timeoutMs: 1000 })
    await ended(client.verifyTwoElement(pair))
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent).toEqual([])
  })
})

describe('a signal', () => {
  const silent = () => new Promise<never>(() => {})

  it('that has ended sends nothing', async () => {
    const { client, sent } = clientOf([{}], { maxRetries: 2 })
    const asked = client.verifyTwoElement(pair, { signal: AbortSignal.abort() })
    expect(await ended(asked)).toMatchObject({
      code: 'aborted',
      retryable: false,
      outcomeUnknown: false,
      billable: 'no',
    })
    expect(sent).toEqual([])
  })

  it('ends a request, whose outcome is then unknown', async () => {
    const { client } = clientOf([], { fetch: silent, maxRetries: 2 })
    const stop = new AbortController()
    const asked = failureOf(client.verifyTwoElement(pair, { signal: stop.signal }))
    await vi.advanceTimersByTimeAsync(100)
    stop.abort()
    expect(await asked).toMatchObject({
      code: 'aborted',
      outcomeUnknown: true,
      billable: 'unknown',
    })
  })

  it('ends a wait, with the doubt that was there before', async () => {
    for (const [reply, outcomeUnknown] of [
      [throttled, false],
      [reset, true],
    ] as const) {
      const { client, sent } = clientOf([reply], { maxRetries: 2 })
      const stop = new AbortController()
      const asked = failureOf(client.verifyTwoElement(pair, { signal: stop.signal }))
      await vi.advanceTimersByTimeAsync(100)
      stop.abort()
      expect(await asked).toMatchObject({ code: 'aborted', outcomeUnknown })
      expect(sent).toHaveLength(1)
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('is left with no listener and no timer', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { client } = clientOf([throttled, reset, {}], { maxRetries: 2 })
    const asked = client.verifyTwoElement(pair, { signal })
    await vi.advanceTimersByTimeAsync(2000)
    await asked
    expect(vi.getTimerCount()).toBe(0)
    expect(added).toHaveBeenCalledTimes(5)
    expect(removed.mock.calls).toEqual(added.mock.calls)
  })
})
