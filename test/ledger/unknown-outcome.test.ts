import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import {
  mismatching,
  never,
  openLedger,
  person,
  personOf,
  tableWith,
  travel,
  twoElements,
} from './open-ledger.ts'

const { verify, dieAfterSending, dieReserved, hits, dump, table } = openLedger()

const HOUR_MS = 3600_000
const key = '8e03978e-40d5-43dd-bc93-6894a57f9324'

const unknown = {
  status: 504,
  body: { code: 'outcome_unknown', billable: 'unknown', retryable: false },
}

describe('an outcome that died with its function', () => {
  it.each([
    ['the key', { key }, { key }],
    ['the person', {}, {}],
    ['the person of a key', { key }, {}],
  ])('is unknown to whoever repeats %s', async (_, first, again) => {
    await dieAfterSending(person(1), first)
    for (let repeat = 1; repeat <= 3; repeat++) {
      expect(await verify(person(1), again)).toMatchObject(unknown)
    }
    expect(hits()).toBe(1)
  })

  it.each([
    ['a new key', { key: 'new' }],
    ['a key', { key }],
    ['no-cache', { noCache: true }],
    ['a new key and no-cache', { key: 'new', noCache: true }],
  ])('is asked anew with %s', async (_, anew) => {
    await dieAfterSending(person(1))
    expect(await verify(person(1), anew)).toMatchObject({
      status: 200,
      body: { verdict: 'match', reused: false },
    })
    expect(hits()).toBe(2)
    // It is known now.
    expect(await verify(person(1))).toMatchObject({ status: 200, body: { reused: true } })
    expect(hits()).toBe(2)
  })

  it.each([
    ['rejected input', 'databao-10001'],
    ['no record', 'no-record-or-locked'],
  ])('stays unknown where one that asked anew ended in %s', async (_, scenario) => {
    await dieAfterSending(personOf(scenario))
    await verify(personOf(scenario), { noCache: true })
    expect(hits()).toBe(2)
    expect(await verify(personOf(scenario))).toMatchObject(unknown)
    expect(hits()).toBe(2)
  })

  it('stays unknown under its own key with no-cache', async () => {
    await dieAfterSending(person(1), { key })
    expect(await verify(person(1), { key, noCache: true })).toMatchObject(unknown)
    expect(hits()).toBe(1)
  })

  it.each([
    ['a replay of its key', { key }, 504],
    ['a no-cache that the guard refuses', { noCache: true, limits: { cardCalls: 1 } }, 429],
    ['a new key that the cap refuses', { key: 'new', limits: { callerCalls: 1 } }, 429],
    ['a new key that another request has', { key: 'other' }, 422],
    ['a no-cache that cannot be sent', { noCache: true, ask: unsent }, 503],
    ['a new key that the gateway refuses', { key: 'new', ask: refused }, 502],
  ])('stays unknown after %s', async (_, options, status) => {
    await verify(person(2), { key: 'other' })
    await dieAfterSending(person(1), { key })
    const before = hits()
    expect((await verify(person(1), options)).status).toBe(status)
    travel(40_000)
    expect(await verify(person(1))).toMatchObject(unknown)
    expect(hits()).toBe(before)
  })

  it('stays unknown after a function died that had only reserved to ask anew', async () => {
    await dieAfterSending(person(1))
    await dieReserved(person(1), { noCache: true })
    expect(await verify(person(1))).toMatchObject(unknown)
    expect(hits()).toBe(1)
  })

  it.each([
    ['another caller', person(1), { caller: 'wallet' }],
    ['another person', person(2), {}],
    ['two of its elements', twoElements(person(1)), {}],
  ])('does not concern %s', async (_, asked, options) => {
    await dieAfterSending(person(1))
    expect((await verify(asked, options)).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it.each([
    ['under its key', { key }],
    ['without a key', {}],
    ['without a key where verdicts are kept longer', { reuseSeconds: 7 * 86_400 }],
    ['without a key where verdicts are not kept', { reuseSeconds: 0 }],
  ])('runs again after 24 hours %s', async (_, options) => {
    await dieAfterSending(person(1), options)
    travel(24 * HOUR_MS - 60_000)
    expect(await verify(person(1), options)).toMatchObject(unknown)
    expect(hits()).toBe(1)
    travel(2 * 60_000)
    expect((await verify(person(1), options)).status).toBe(200)
    expect(hits()).toBe(2)
  })

  it('is in progress, not unknown, until its lease is over', async () => {
    const sent = Promise.withResolvers<void>()
    void verify(person(1), {
      key,
      remainingMs: 1000,
      ask: (askProvider) => askProvider().then(() => (sent.resolve(), never)),
    })
    await sent.promise
    expect(await verify(person(1), { key, remainingMs: 500 })).toMatchObject({ status: 409 })
    expect(await verify(person(1), { remainingMs: 500 })).toMatchObject({ status: 409 })
    travel(3500)
    expect(await verify(person(1), { key })).toMatchObject(unknown)
    expect(hits()).toBe(1)
  })

  it('leaves its record without an answer and counts as neither billed nor not', async () => {
    await dieAfterSending(person(1), { key })
    const items = await dump()
    const record = items.find(({ pk }) => pk?.S?.startsWith('verification#'))
    expect(record).not.toHaveProperty('answer')
    const usage = items.find(({ pk }) => pk?.S?.startsWith('usage#'))
    expect(usage).toMatchObject({ asked: { N: '1' }, reached: { N: '1' } })
    expect(usage).not.toHaveProperty('billedYes')
    expect(hits()).toBe(1)
  })
})

describe('an outcome that nobody knows', () => {
  const lost = ['hang', 'reset-before-answer', 'html', 'truncated-with-length', 'gateway-x504to']

  it.each(lost)('is after %s unknown to the same person without a key', async (scenario) => {
    const first = await verify(personOf(scenario))
    expect(first.body['billable']).toBe('unknown')
    expect(await verify(personOf(scenario))).toMatchObject(unknown)
    expect(hits()).toBe(1)
  })

  it.each(lost)('is after %s asked anew with a new key', async (scenario) => {
    await verify(personOf(scenario))
    await verify(personOf(scenario), { key })
    expect(hits()).toBe(2)
  })

  it('is what a provider says that failed in a way that nobody expected', async () => {
    const asked = { ask: () => Promise.reject(new TypeError('no such thing')), key }
    const first = await verify(person(1), asked)
    expect(first).toMatchObject({ status: 500, body: { billable: 'unknown' } })
    expect((await verify(person(1), { key })).text).toBe(first.text)
    expect(await verify(person(1))).toMatchObject(unknown)
    expect(hits()).toBe(0)
  })

  it('does not hide an earlier verdict', async () => {
    await verify(mismatching(1))
    await dieAfterSending(mismatching(1), { noCache: true })
    expect(await verify(mismatching(1))).toMatchObject({ status: 200, body: { reused: true } })
    expect(hits()).toBe(2)
  })
})

describe('a function that died before sending', () => {
  it.each([
    ['its key', { key }],
    ['its person', {}],
  ])('leaves %s to the next one, after its lease', async (_, options) => {
    await dieReserved(person(1), options)
    expect((await verify(person(1), options)).status).toBe(200)
    expect(hits()).toBe(1)
  })

  it('blocks its person until then', async () => {
    const reserved = Promise.withResolvers<void>()
    const dying = tableWith(table(), (pk, apply) => {
      if (!pk.startsWith('card#')) return apply()
      reserved.resolve()
      return never
    })
    void verify(person(1), { table: dying, remainingMs: 1000 })
    await reserved.promise
    expect(await verify(person(1), { remainingMs: 600 })).toMatchObject({ status: 409 })
    expect(hits()).toBe(0)
    travel(3500)
    expect((await verify(person(1))).status).toBe(200)
    expect(hits()).toBe(1)
  })
})

function unsent(): Promise<never> {
  return Promise.reject(new AppError('provider_unavailable', {}, 'not_sent'))
}

function refused(): Promise<never> {
  return Promise.reject(new AppError('provider_access_denied', {}, 'refused'))
}
