import { describe, expect, it } from 'vitest'
import type { Limits } from '../../lib/ledger/guard.ts'
import {
  type Asked,
  type AskOptions,
  mismatching,
  nameOf,
  openLedger,
  person,
  personOf,
  travelTo,
  twoElements,
} from './open-ledger.ts'

const { verify: verifyUnguarded, dieAfterSending, dieReserved, hits } = openLedger()

const guard = { cardCalls: 4, cardMismatches: 3, idCalls: 10 }
const verify = (asked: Asked, { limits, ...options }: AskOptions = {}) =>
  verifyUnguarded(asked, { ...options, limits: { ...guard, ...limits } })

const NOON = '2026-11-22T12:00:00+08:00'
const MIDNIGHT = '2026-11-23T00:00:00+08:00'
const SECOND_MS = 1000
const before = (time: string, ms: number) => Date.parse(time) - ms

/** Names that do not belong to one card. */
const wrongNames = (count: number, asked: Asked = mismatching(1)): Asked[] =>
  Array.from({ length: count }, (_, number) => ({ ...asked, name: nameOf(number) }))

const refusal = (waitSeconds: number, code = 'too_many_attempts') => ({
  status: 429,
  headers: { 'retry-after': String(waitSeconds) },
  body: { code, billable: 'no', retryable: false },
})

describe('the guard of a card', () => {
  it('lets three of fifty wrong names through until 00:00 in Shanghai', async () => {
    travelTo(NOON)
    const answers = []
    for (const asked of wrongNames(50)) answers.push(await verify(asked))
    for (const { body } of answers.slice(0, 3)) expect(body['verdict']).toBe('mismatch')
    for (const answer of answers.slice(3)) expect(answer).toMatchObject(refusal(12 * 3600))
    expect(hits()).toBe(3)

    travelTo(before(MIDNIGHT, 1))
    expect(await verify(mismatching(1))).toMatchObject(refusal(1))
    expect(hits()).toBe(3)
    travelTo(MIDNIGHT)
    expect((await verify(mismatching(1))).body).toMatchObject({ verdict: 'mismatch' })
    expect(hits()).toBe(4)
  })

  it('lets three of fifty wrong names through that come at once', async () => {
    const answers = await Promise.all(wrongNames(50).map((asked) => verify(asked)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(47)
    expect(hits()).toBe(3)
  })

  it('lets four calls through', async () => {
    const asked = personOf('unverifiable')
    for (let call = 1; call <= 4; call++) expect((await verify(asked)).status).toBe(200)
    expect((await verify(asked)).status).toBe(429)
    expect((await verify({ ...asked, name: '李四' })).status).toBe(429)
    expect(hits()).toBe(4)
  })

  it('counts for all callers, both providers and every spelling', async () => {
    const [first, second, third, fourth] = wrongNames(4)
    if (!first || !second || !third || !fourth) throw new Error('four names')
    await verify(first, { caller: 'payouts' })
    await verify(twoElements(second), { caller: 'wallet' })
    const spaced = third.cardNumber.replace(/(....)/g, '$1-')
    await verify({ ...third, cardNumber: spaced }, { caller: 'kyc', key: 'a' })
    expect((await verify(fourth, { caller: 'new' })).status).toBe(429)
    expect((await verify(twoElements(fourth), { caller: 'new' })).status).toBe(429)
    expect(hits()).toBe(3)
  })

  it('does not count for another card', async () => {
    for (const asked of wrongNames(4)) await verify(asked)
    expect((await verify(mismatching(2))).status).toBe(200)
    expect(hits()).toBe(4)
  })

  it.each(['match', 'unverifiable', 'databao-10001'])(
    'clears the suspicion of a call that ends in %s',
    async (scenario) => {
      const asked = personOf(scenario)
      const limits = { cardMismatches: 1, cardCalls: 3 }
      const answers = []
      for (const name of [1, 2, 3, 4].map(nameOf)) {
        answers.push(await verify({ ...asked, name }, { limits }))
      }
      expect(answers.map(({ status }) => status === 429)).toEqual([false, false, false, true])
      expect(hits()).toBe(3)
    },
  )

  it('counts calls in flight as mismatches until they are known', async () => {
    const finish = Promise.withResolvers<void>()
    const asked = Array.from({ length: 3 }, (_, number) => ({ ...person(1), name: nameOf(number) }))
    const running = asked.map((one) =>
      verify(one, {
        ask: async (askProvider) => {
          const answer = await askProvider()
          await finish.promise
          return answer
        },
      }),
    )
    await expect.poll(hits).toBe(3)
    expect((await verify(person(1))).status).toBe(429)
    expect(hits()).toBe(3)
    finish.resolve()
    await Promise.all(running)
    // Three matches: the fourth call is free.
    expect((await verify(person(1))).status).toBe(200)
    expect((await verify({ ...person(1), name: '李四' })).status).toBe(429)
    expect(hits()).toBe(4)
  })

  it.each([
    [
      'died with their function',
      mismatching(1),
      (asked: Asked) => dieAfterSending(asked, { limits: guard }),
    ],
    ['were lost', personOf('reset-before-answer'), (asked: Asked) => verify(asked)],
    ['timed out', personOf('hang'), (asked: Asked) => verify(asked)],
    ['were answered by nonsense', personOf('html'), (asked: Asked) => verify(asked)],
  ])('counts calls that %s as mismatches', async (_, asked, lose) => {
    travelTo(NOON)
    for (const one of wrongNames(3, asked)) await lose(one)
    expect(hits()).toBe(3)
    expect((await verify({ ...asked, name: '李四' }, { key: 'new' })).status).toBe(429)
    expect(hits()).toBe(3)
  })

  it.each([
    ['a replay', { key: 'a' }],
    ['a reused verdict', {}],
    ['a reused verdict under a new key', { key: 'b' }],
    ['a key that came with another request', { key: 'other' }],
  ])('is not used up by %s', async (_, again) => {
    const limits = { cardCalls: 2, idCalls: 2 }
    await verify(person(2), { key: 'other' })
    await verify(person(1), { key: 'a', limits })
    for (let repeat = 1; repeat <= 5; repeat++) await verify(person(1), { ...again, limits })
    expect(hits()).toBe(2)
    expect((await verify({ ...person(1), name: '李四' }, { limits })).status).toBe(200)
    expect(hits()).toBe(3)
  })

  it('is not used up by duplicates at once', async () => {
    const limits = { cardCalls: 2, cardMismatches: 2, idCalls: 2 }
    await Promise.all(Array.from({ length: 30 }, () => verify(mismatching(1), { limits })))
    expect(hits()).toBe(1)
    expect((await verify({ ...mismatching(1), name: '李四' }, { limits })).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('is not used up by a repeated unknown outcome', async () => {
    const limits = { cardCalls: 2, cardMismatches: 2 }
    await dieAfterSending(person(1), { key: 'a', limits })
    for (const key of ['a', undefined, 'a']) {
      expect((await verify(person(1), { ...(key && { key }), limits })).status).toBe(504)
    }
    expect((await verify(person(1), { key: 'b', limits })).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('is not used up by whoever another guard or cap refuses', async () => {
    const limits: Partial<Limits> = { cardCalls: 1, cardMismatches: 1 }
    await verify(person(2))
    for (const tight of [{ callerCalls: 1 }, { providerCalls: 1 }]) {
      expect((await verify(person(1), { limits: { ...limits, ...tight } })).status).toBe(429)
    }
    expect((await verify(person(1), { limits })).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('holds against no-cache', async () => {
    const limits = { cardCalls: 2 }
    const answers = []
    for (let call = 1; call <= 4; call++) {
      answers.push(await verify(person(1), { noCache: true, limits }))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429])
    expect(hits()).toBe(2)
  })

  it.each(['gateway-b403od', 'gateway-i404nf', 'gateway-a403ip'])(
    'gives back what the gateway refused: %s',
    async (scenario) => {
      const limits = { cardCalls: 1, cardMismatches: 1, idCalls: 1, callerCalls: 1 }
      for (let call = 1; call <= 3; call++) {
        const { body } = await verify(personOf(scenario), { limits })
        expect(body).toMatchObject({ billable: 'no', provider: 'databao' })
      }
      expect(hits()).toBe(3)
    },
  )

  it('is taken by a function that died before sending, for its day', async () => {
    const limits = { cardCalls: 2, cardMismatches: 2 }
    await dieReserved(person(1), { limits })
    expect((await verify(person(1), { limits })).status).toBe(200)
    expect(hits()).toBe(1)
  })
})

describe("a provider's lock", () => {
  const locks = [
    ['juhe-218866', 'card_locked', twoElements(personOf('juhe-218866'))],
    [
      'juhe-218804-too-frequent',
      'too_many_attempts',
      twoElements(personOf('juhe-218804-too-frequent')),
    ],
    ['databao-10020', 'too_many_attempts', personOf('databao-10020')],
  ] as const

  it.each(locks)('is remembered until 00:00 in Shanghai: %s', async (_, code, asked) => {
    travelTo(NOON)
    expect(await verify(asked)).toMatchObject({ status: 429, body: { code } })
    for (const [place, one] of wrongNames(5, asked).entries()) {
      const locked = await verify(one, { caller: `caller-${place}` })
      expect(locked).toMatchObject(refusal(12 * 3600, code))
      expect(locked.body).not.toHaveProperty('providerCode')
    }
    expect(hits()).toBe(1)

    travelTo(before(MIDNIGHT, 1))
    expect(await verify(asked, { key: 'a' })).toMatchObject(refusal(1, code))
    expect(hits()).toBe(1)
    travelTo(MIDNIGHT)
    expect((await verify(asked, { key: 'a' })).body).toMatchObject({ code })
    expect(hits()).toBe(2)
  })

  it('closes the card for the other provider too', async () => {
    const asked = personOf('juhe-218866')
    await verify(twoElements(asked))
    const other = await verify(asked)
    expect(other).toMatchObject({ status: 429, body: { code: 'card_locked', billable: 'no' } })
    expect(hits()).toBe(1)
  })

  it('counts for the day in which it came', async () => {
    travelTo(before(MIDNIGHT, SECOND_MS))
    const asked = personOf('databao-10020')
    const ask = <Answer>(askProvider: () => Promise<Answer>) => {
      travelTo(MIDNIGHT)
      return askProvider()
    }
    await verify(asked, { ask })
    expect((await verify(asked)).status).toBe(429)
    expect(hits()).toBe(1)
  })
})

describe('the guard of an ID number', () => {
  const cardsOf = (count: number): Asked[] =>
    Array.from({ length: count }, (_, number) => ({
      ...person(number),
      idNumber: person(0).idNumber,
    }))

  it('lets ten calls through until 00:00 in Shanghai', async () => {
    travelTo(NOON)
    const answers = []
    for (const asked of cardsOf(12)) answers.push(await verify(asked))
    expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(200))
    for (const answer of answers.slice(10)) expect(answer).toMatchObject(refusal(12 * 3600))
    expect(hits()).toBe(10)

    travelTo(MIDNIGHT)
    for (const asked of cardsOf(12).slice(10)) expect((await verify(asked)).status).toBe(200)
    expect(hits()).toBe(12)
  })

  it('lets ten of thirty calls through that come at once, from all callers', async () => {
    const answers = await Promise.all(
      cardsOf(30).map((asked, place) => verify(asked, { caller: `caller-${place % 3}` })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(hits()).toBe(10)
  })

  it('does not count what asks for no ID number', async () => {
    for (const asked of cardsOf(3)) {
      expect((await verify(twoElements(asked), { limits: { idCalls: 1 } })).status).toBe(200)
    }
    expect(hits()).toBe(3)
  })
})
