import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import { keepProblem, keptProblemReply, problemReply } from '../../lib/http/problem-reply.ts'

const NOW = Date.parse('2026-11-22T03:35:00Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a kept problem', () => {
  const waiting = problemOf(
    new AppError('provider_quota_exhausted', { provider: 'juhe', retryAfterSeconds: 600 }),
    'r-1',
    'zh',
  )

  it.each([
    [0, '600'],
    [1, '600'],
    [1000, '599'],
    [598_999, '2'],
    [599_001, '1'],
    [600_000, undefined],
    [600_001, undefined],
    [86_400_000, undefined],
  ])('is replayed %i ms later with what is left of its wait: %s s', (ms, retryAfter) => {
    const kept = keepProblem(waiting, 'zh')
    vi.setSystemTime(NOW + ms)
    const { 'retry-after': wait, ...headers } = keptProblemReply(JSON.parse(kept)).headers
    expect(wait).toBe(retryAfter)
    expect(headers).toEqual({
      'content-type': 'application/problem+json',
      'content-language': 'zh',
    })
  })

  it('is the problem word for word', () => {
    const { headers: _, ...reply } = keptProblemReply(JSON.parse(keepProblem(waiting, 'zh')))
    expect(reply).toEqual({
      status: 503,
      body: waiting.problem,
      logged: {
        code: 'provider_quota_exhausted',
        billable: 'no',
        provider: 'juhe',
        providerCode: undefined,
        providerReference: undefined,
      },
    })
  })

  it('has no wait where there was none', () => {
    const lasting = problemOf(new AppError('provider_error', {}, 'answered'), 'r-1', 'en')
    const kept = keepProblem(lasting, 'en')
    expect(JSON.parse(kept)).toEqual({ problem: lasting.problem, language: 'en' })
    expect(keptProblemReply(JSON.parse(kept))).toEqual(problemReply(lasting, 'en'))
    expect(keptProblemReply(JSON.parse(kept)).headers).not.toHaveProperty('retry-after')
  })
})
