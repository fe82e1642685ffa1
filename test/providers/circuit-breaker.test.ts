import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { circuitBreaker } from '../../lib/providers/circuit-breaker.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const recordAll = (breaker: ReturnType<typeof circuitBreaker>, outcomes: string) => {
  const spelled = { a: 'answered', n: 'never_sent', t: 'timed_out', b: 'broken' } as const
  for (const letter of outcomes) breaker.record(spelled[letter as keyof typeof spelled])
}

describe('circuitBreaker', () => {
  it.each([
    ['ttttt', 10],
    ['nnnnn', 10],
    ['ntntn', 10],
    ['ttbttbt', 10],
    ['tttt', 0],
    ['ttttat', 0],
    ['bbbbbb', 0],
  ])('after %s waits %i seconds', (outcomes, seconds) => {
    const breaker = circuitBreaker()
    recordAll(breaker, outcomes)
    expect(breaker.waitSeconds()).toBe(seconds)
  })

  it('closes after 10 s and then counts anew', () => {
    const breaker = circuitBreaker()
    recordAll(breaker, 'ttttt')
    vi.advanceTimersByTime(9999)
    expect(breaker.waitSeconds()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(breaker.waitSeconds()).toBe(0)
    recordAll(breaker, 'tttt')
    expect(breaker.waitSeconds()).toBe(0)
    recordAll(breaker, 't')
    expect(breaker.waitSeconds()).toBe(10)
  })
})
