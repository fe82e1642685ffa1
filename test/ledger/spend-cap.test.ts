import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import type { Table } from '../../lib/ledger/dynamo-table.ts'
import { pauseProvider } from '../../lib/ledger/guard.ts'
import {
  type Answered,
  mismatching,
  openLedger,
  person,
  personOf,
  tableWith,
  travel,
  travelTo,
  twoElements,
} from './open-ledger.ts'

const { verify, hits, table } = openLedger()

const NOON = '2026-11-22T12:00:00+08:00'
const MIDNIGHT = '2026-11-23T00:00:00+08:00'
const people = (count: number) => Array.from({ length: count }, (_, number) => person(number))

describe('the cap of a provider', () => {
  it('is exact for 300 requests at once', async () => {
    const options = { limits: { providerCalls: 25 } }
    const answers = await Promise.all(
      people(300).map((asked, place) =>
        verify(asked, { ...options, caller: `caller-${place % 7}` }),
      ),
    )
    expect(outcomes(answers)).toEqual({ match: 25, daily_limit_reached: 275 })
    expect(hits()).toBe(25)
  }, 40_000)

  it('lets a day through, and the next one from 00:00 in Shanghai', async () => {
    travelTo(NOON)
    const limits = { providerCalls: 2 }
    const statuses = []
    for (const asked of people(3)) statuses.push((await verify(asked, { limits })).status)
    expect(statuses).toEqual([200, 200, 429])
    expect(await verify(person(3), { limits })).toMatchObject({
      status: 429,
      headers: { 'retry-after': String(12 * 3600) },
      body: { code: 'daily_limit_reached', billable: 'no', retryable: false },
    })
    expect(hits()).toBe(2)

    travelTo(Date.parse(MIDNIGHT) - 1)
    expect((await verify(person(3), { limits })).status).toBe(429)
    travelTo(MIDNIGHT)
    expect((await verify(person(3), { limits })).status).toBe(200)
    expect(hits()).toBe(3)
  })

  it('does not count for the other provider', async () => {
    const limits = { providerCalls: 1 }
    await verify(person(1), { limits })
    expect((await verify(twoElements(person(2)), { limits })).status).toBe(200)
    expect((await verify(person(2), { limits })).status).toBe(429)
    expect(hits()).toBe(2)
  })
})

describe('the cap of a caller', () => {
  it('is exact for requests at once to both providers', async () => {
    const limits = { callerCalls: 10 }
    const answers = await Promise.all(
      people(40).map((asked, place) =>
        verify(place % 2 === 0 ? asked : twoElements(asked), { limits }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(hits()).toBe(10)
    expect((await verify(person(99), { limits, caller: 'wallet' })).status).toBe(200)
    expect(hits()).toBe(11)
  })

  it('is not used up by replays, reuse and refusals', async () => {
    const limits = { callerCalls: 2 }
    await verify(person(1), { key: 'a', limits })
    await verify(person(1), { key: 'a', limits })
    await verify(person(1), { limits })
    await verify({ ...person(1), name: '' }, { limits })
    await verify(mismatching(1), { limits: { ...limits, providerCalls: 1 } })
    await verify({ ...person(1), name: '李四' }, { limits: { ...limits, cardCalls: 1 } })
    expect(hits()).toBe(1)
    expect((await verify(person(2), { limits })).status).toBe(200)
    expect((await verify(person(3), { limits })).status).toBe(429)
    expect(hits()).toBe(2)
  })
})

describe('a place under the caps', () => {
  const limits = { callerCalls: 1, providerCalls: 1, cardCalls: 1, cardMismatches: 1, idCalls: 1 }

  it.each([
    ['was never sent', () => Promise.reject(new AppError('provider_unavailable')), 0],
    ['had no credentials', () => Promise.reject(new AppError('credentials_unavailable')), 0],
  ])('is given back by a call that %s', async (_, ask, used) => {
    for (let call = 1; call <= 3; call++) {
      expect((await verify(person(1), { limits, ask })).status).toBe(503)
    }
    expect(hits()).toBe(used)
    expect((await verify(person(1), { limits })).status).toBe(200)
    expect(hits()).toBe(1)
  })

  it('is given back by a call that the gateway refused', async () => {
    for (let call = 1; call <= 3; call++) await verify(personOf('gateway-a403ip'), { limits })
    expect(hits()).toBe(3)
    expect((await verify(person(1), { limits })).status).toBe(200)
    expect(hits()).toBe(4)
  })

  it.each(['match', 'mismatch', 'unverifiable', 'databao-10001', 'html', 'hang'])(
    'is used up by a call that reached the provider: %s',
    async (scenario) => {
      await verify(personOf(scenario), { limits })
      expect((await verify(person(1), { limits })).status).toBe(429)
      expect(hits()).toBe(1)
    },
  )
})

describe('a provider that pauses', () => {
  const causes = [
    ['gateway-b403mq', 'provider_quota_exhausted', 503, personOf('gateway-b403mq'), person(1)],
    ['databao-10008', 'provider_quota_exhausted', 503, personOf('databao-10008'), person(1)],
    ['gateway-a400ac', 'provider_credentials_rejected', 502, personOf('gateway-a400ac'), person(1)],
    [
      'juhe-10012',
      'provider_quota_exhausted',
      503,
      twoElements(personOf('juhe-10012')),
      twoElements(person(1)),
    ],
  ] as const

  it.each(causes)('answers everyone by itself after %s', async (_, code, status, cause, next) => {
    travelTo(NOON)
    expect(await verify(cause, { pauseSeconds: 300 })).toMatchObject({ status, body: { code } })
    travel(100_000)
    for (const caller of ['payouts', 'wallet']) {
      const paused = await verify(next, { caller, pauseSeconds: 300 })
      expect(paused).toMatchObject({
        status,
        headers: { 'retry-after': '200' },
        body: { code, billable: 'no', retryable: false },
      })
    }
    expect(hits()).toBe(1)

    travelTo(Date.parse(NOON) + 299_999)
    expect((await verify(next)).status).toBe(status)
    expect(hits()).toBe(1)
    travelTo(Date.parse(NOON) + 300_000)
    expect((await verify(next)).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('does not stop the other provider', async () => {
    await verify(personOf('gateway-b403mq'))
    expect((await verify(twoElements(person(1)))).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('stays paused across midnight', async () => {
    travelTo(Date.parse(MIDNIGHT) - 60_000)
    await verify(personOf('gateway-b403mq'), { pauseSeconds: 600 })
    travelTo(MIDNIGHT)
    expect(await verify(person(1))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '540' },
    })
    expect(hits()).toBe(1)
    travelTo(Date.parse(MIDNIGHT) + 540_000)
    expect((await verify(person(1))).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('keeps a longer pause that an operator has set', async () => {
    travelTo(NOON)
    await pauseProvider(table(), 'databao', 'provider_quota_exhausted', 3600, Date.now())
    await pauseProvider(table(), 'databao', 'provider_credentials_rejected', 600, Date.now())
    expect(await verify(person(1))).toMatchObject({
      headers: { 'retry-after': '3600' },
      body: { code: 'provider_quota_exhausted' },
    })
  })

  it('does so where PAUSE_SECONDS is 0 not at all', async () => {
    await verify(personOf('gateway-b403mq'), { pauseSeconds: 0 })
    expect((await verify(person(1))).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it.each(['gateway-t429id', 'databao-10010', 'databao-10014', 'hang'])(
    'does not after %s',
    async (scenario) => {
      await verify(personOf(scenario))
      const before = hits()
      expect((await verify(person(1))).status).toBe(200)
      expect(hits()).toBe(before + 1)
    },
  )

  it('takes up no place under the caps', async () => {
    await verify(personOf('gateway-b403mq'), { pauseSeconds: 1 })
    for (let call = 1; call <= 3; call++) {
      expect((await verify(person(1), { limits: { callerCalls: 1, cardCalls: 1 } })).status).toBe(
        503,
      )
    }
    travel(1500)
    const limits = { callerCalls: 1, cardCalls: 1, providerCalls: 1 }
    expect((await verify(person(1), { limits })).status).toBe(200)
    expect(hits()).toBe(2)
  })
})

describe('a request', () => {
  /** How many operations of the store each had to wait for the one before it. */
  const measured = (store: Table) => {
    let depth = 0
    let reads = 0
    const counting = tableWith(store, async (_key, apply, expression) => {
      const mine = depth + 1
      if (expression === '') reads += 1
      try {
        return await apply()
      } finally {
        depth = Math.max(depth, mine)
      }
    })
    return { counting, depth: () => depth, reads: () => reads }
  }

  it.each([
    ['a match with a key', person(1), { key: 'a' }],
    ['a match without a key', person(1), {}],
    ['a mismatch', mismatching(1), { key: 'a' }],
    ['two elements', twoElements(person(1)), { key: 'a' }],
    ['during a rotation of the pepper', person(1), { key: 'a', peppers: [x('n'), x('o')] }],
    ['anew', person(1), { noCache: true }],
    ['a provider that fails', personOf('databao-10004'), { key: 'a' }],
    ['a provider that is paused after it', personOf('gateway-b403mq'), { key: 'a' }],
  ])(
    'waits for 3 round trips before the provider and 1 after it: %s',
    async (_, asked, options) => {
      const { counting, depth, reads } = measured(table())
      let before = 0
      await verify(asked, {
        ...options,
        table: counting,
        ask: (askProvider) => {
          before = depth()
          return askProvider()
        },
      })
      expect(before).toBe(3)
      expect(depth()).toBe(4)
      expect(reads()).toBe(0)
      expect(hits()).toBe(1)
    },
  )
})

/** How many answers there are of each verdict and code. */
function outcomes(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { body } of answers) {
    const outcome = String(body['verdict'] ?? body['code'])
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

function x(letter: string): string {
  return letter.repeat(32)
}
