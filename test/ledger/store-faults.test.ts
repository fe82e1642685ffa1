import { afterEach, describe, expect, it } from 'vitest'
import type { Table } from '../../lib/ledger/dynamo-table.ts'
import {
  openLedger,
  person,
  personOf,
  mismatching,
  never,
  tableWith,
  travel,
} from './open-ledger.ts'
import { tableAt } from './table-at.ts'
import { type Fault, startStoreProxy, type StoreRequest } from './store-proxy.ts'

const { verify, hits, dump, storeUrl, table: wholeTable, tableName } = openLedger()

const key = '8e03978e-40d5-43dd-bc93-6894a57f9324'

/** The writes of one keyed question, by the item and by what is done to it. */
const steps = {
  'the reservation of the key': ['key#', ':reserved'],
  'the reservation of the person': ['person#', ':reserved'],
  'the place of the card': ['card#', 'ADD'],
  'the place of the ID number': ['id#', 'ADD'],
  'the place of the provider': ['provider-day#', 'ADD used :one'],
  'the place of the caller': ['caller-day#', 'ADD used :one'],
  'the mark on the key': ['key#', ':sent'],
  'the mark on the person': ['person#', ':sent'],
  'the record': ['verification#', 'caller = :caller'],
} as const
const stepsAfter = {
  'the reply under the key': ['key#', ':done'],
  'the verdict of the person': ['person#', 'answer = :answer'],
  'the end of the suspicion': ['card#', 'DELETE suspects'],
  'the answer in the record': ['verification#', 'answer = :answer'],
  'the count of the usage': ['usage#', 'ADD'],
} as const

const isStep =
  ([item, expression]: readonly [string, string]) =>
  (request: StoreRequest) =>
    request.key.startsWith(item) && request.expression.includes(expression)
const everyStep = (request: StoreRequest) => request.key !== ''

let proxies: Awaited<ReturnType<typeof startStoreProxy>>[] = []
afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()))
  proxies = []
})

/** A table some of whose requests meet a fault, as often as is said. */
async function faulty(matches: (request: StoreRequest) => boolean, fault: Fault, times = Infinity) {
  let left = 0
  const proxy = await startStoreProxy(storeUrl(), (request) => {
    if (left === 0 || !matches(request)) return undefined
    left -= 1
    return fault
  })
  proxies.push(proxy)
  const table: Table = tableAt(proxy.url, tableName())
  left = times
  proxy.requests.length = 0
  return { table, requests: proxy.requests }
}

const each = (named: Record<string, readonly [string, string]>) =>
  Object.entries(named).flatMap(([name, step]) =>
    (['refused', 'lost'] as const).map((fault) => [name, fault, isStep(step)] as const),
  )
// Retried with some time between, so that they are few.
const throttled = (named: Record<string, readonly [string, string]>) =>
  Object.entries(named).map(([name, step]) => [name, 'throttled', isStep(step)] as const)
const { 'the place of the card': cardPlace, 'the mark on the person': personMark } = steps
const { 'the reply under the key': keyReply, 'the verdict of the person': verdict } = stepsAfter

describe('a store that fails before anything is sent', () => {
  it.each([
    ...each(steps),
    ...throttled({ 'the place of the card': cardPlace, 'the mark on the person': personMark }),
    ['everything', 'refused', everyStep],
    ['everything', 'throttled', everyStep],
  ] as const)('sends nothing and says so: %s is %s', async (_, fault, matches) => {
    const { table } = await faulty(matches, fault)
    const failed = await verify(person(1), { key, table })
    expect(failed).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
      body: { code: 'ledger_unavailable', retryable: true, billable: 'no' },
    })
    expect(hits()).toBe(0)

    // With the store back, and once whatever was still reserved is over, the same request runs.
    travel(23_000)
    expect(await verify(person(1), { key })).toMatchObject({
      status: 200,
      body: { verdict: 'match', reused: false },
    })
    expect(hits()).toBe(1)
    expect((await verify(person(1), { key })).headers['idempotency-replayed']).toBe('true')
    expect(hits()).toBe(1)
  })

  it.each(Object.entries(steps))('outlives one lost reply, unseen: %s', async (_, step) => {
    const { table, requests } = await faulty(isStep(step), 'lost', 1)
    const answer = await verify(mismatching(1), {
      key,
      table,
      limits: { cardCalls: 1, cardMismatches: 1, idCalls: 1 },
    })
    expect(answer).toMatchObject({ status: 200, body: { verdict: 'mismatch' } })
    expect(requests.filter(isStep(step)).length).toBe(2)
    expect((await verify(mismatching(1), { key })).text).toBe(answer.text)
    expect(hits()).toBe(1)
  })

  it('gives back what it has taken', async () => {
    const limits = { cardCalls: 1, cardMismatches: 1, idCalls: 1 }
    for (const step of Object.values(steps)) {
      const { table } = await faulty(isStep(step), 'refused')
      await verify(person(1), { key, table, limits })
    }
    expect(hits()).toBe(0)
    expect((await verify(person(1), { key, limits })).status).toBe(200)
    expect(hits()).toBe(1)
  })

  it('never leaves an item without a TTL', async () => {
    for (const [place, step] of Object.values(steps).entries()) {
      const { table } = await faulty(isStep(step), 'refused')
      await verify(person(place), { key, table, caller: `caller-${place}` })
    }
    expect((await dump()).filter((item) => item['expiresAt'] === undefined)).toEqual([])
    expect(hits()).toBe(0)
  })
})

describe('a store that fails after the provider was asked', () => {
  it.each([
    ...each(stepsAfter),
    ...throttled({ 'the reply under the key': keyReply, 'the verdict of the person': verdict }),
  ])('costs no second call: %s is %s', async (_, fault, matches) => {
    const { table } = await faulty(matches, fault)
    const answer = await verify(person(1), { key, table })
    expect(answer).toMatchObject({ status: 200, body: { verdict: 'match', billable: 'yes' } })
    expect(hits()).toBe(1)

    for (const later of [0, 40_000]) {
      travel(later)
      const again = await verify(person(1), { key, remainingMs: 700 })
      expect([answer.body['id'], 'outcome_unknown', 'verification_in_progress']).toContain(
        again.body['id'] ?? again.body['code'],
      )
    }
    const unkeyed = await verify(person(1))
    expect([200, 504]).toContain(unkeyed.status)
    expect(unkeyed.body['reused'] ?? true).toBe(true)
    expect(hits()).toBe(1)
  })

  it.each([
    ['an answer', person(1), 200],
    ['a problem', personOf('databao-10001'), 422],
    ['a lost connection', personOf('reset-before-answer'), 502],
  ])('returns %s all the same, and a repeat is outcome unknown', async (_, asked, status) => {
    let asking = false
    const { table } = await faulty(() => asking, 'refused')
    const first = await verify(asked, {
      key,
      table,
      remainingMs: 3000,
      ask: (askProvider) => {
        asking = true
        return askProvider()
      },
    })
    expect(first.status).toBe(status)
    expect(hits()).toBe(1)
    const soon = await verify(asked, { key, remainingMs: 600 })
    expect(soon).toMatchObject({ status: 409, body: { code: 'verification_in_progress' } })
    travel(6000)
    for (const options of [{ key }, { key, noCache: true }, {}]) {
      expect(await verify(asked, options)).toMatchObject({
        status: 504,
        body: { code: 'outcome_unknown', billable: 'unknown' },
      })
    }
    expect(hits()).toBe(1)
  })
})

describe('a store that hangs after the provider was asked', () => {
  it.each([
    ['an answer', person(1), 200],
    ['a problem', personOf('databao-10001'), 422],
    ['a lost connection', personOf('reset-before-answer'), 502],
  ])('returns %s within the time of the function', async (_, asked, status) => {
    let asking = false
    const startedAt = performance.now()
    const answer = await verify(asked, {
      key,
      table: tableWith(wholeTable(), (_key, apply) => (asking ? never : apply())),
      remainingMs: 2000,
      ask: (askProvider) => {
        asking = true
        return askProvider()
      },
    })
    expect(answer.status).toBe(status)
    // 2 s remain whenever it looks, and it looks once more when the provider has answered.
    expect(performance.now() - startedAt).toBeLessThan(4000)
    expect((await verify(asked, { key, remainingMs: 600 })).status).toBe(409)
    expect(hits()).toBe(1)
  })
})

describe('a write that arrives after the end of its attempt', () => {
  const writes = { ...steps, ...stepsAfter }

  it.each(Object.entries(writes))('changes nothing that costs a call: %s', async (_, step) => {
    const { table, requests } = await faulty(() => false, 'lost')
    const first = await verify(person(1), { key, table })
    for (const late of requests.filter(isStep(step))) await late.apply()
    for (const later of [0, 40_000]) {
      travel(later)
      expect((await verify(person(1), { key })).text).toBe(first.text)
      expect((await verify(person(1))).body).toMatchObject({ reused: true })
    }
    expect(hits()).toBe(1)
  })

  it.each(Object.entries(writes))(
    'does not touch what its successor has sent: %s',
    async (_, step) => {
      const { table, requests } = await faulty(() => false, 'lost')
      // Ends in a problem that is not kept, so that the next one holds the same claims.
      await verify(personOf('databao-10014'), { key, table })
      await verify(personOf('reset-before-answer'), { key: 'b', table })
      const asked = personOf('reset-before-answer')
      expect((await verify(asked)).status).toBe(504)
      for (const late of requests.filter(isStep(step))) await late.apply()
      travel(40_000)
      expect((await verify(asked)).status).toBe(504)
      expect((await verify(asked, { key: 'b' })).status).toBe(502)
      expect(hits()).toBe(2)
    },
  )

  it.each(['the reservation of the key', 'the reservation of the person'] as const)(
    'blocks for its lease at most: %s',
    async (step) => {
      const { table, requests } = await faulty(() => false, 'lost')
      await verify(personOf('databao-10014'), { key, table, remainingMs: 1000 })
      for (const late of requests.filter(isStep(steps[step]))) await late.apply()
      expect((await verify(personOf('databao-10014'), { key, remainingMs: 600 })).status).toBe(409)
      expect(hits()).toBe(1)
      travel(4000)
      expect((await verify(personOf('databao-10014'), { key })).status).toBe(503)
      expect(hits()).toBe(2)
    },
  )

  it('does not reopen what its attempt has answered', async () => {
    const { table, requests } = await faulty(() => false, 'lost')
    await verify(person(1), { noCache: true, table })
    const reservation = isStep(steps['the reservation of the person'])
    for (const late of requests.filter(reservation)) await late.apply()
    expect((await verify(person(1), { noCache: true, remainingMs: 600 })).status).toBe(200)
    expect(hits()).toBe(2)
  })
})
