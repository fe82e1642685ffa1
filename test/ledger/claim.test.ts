import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Attempt, type Claim, hold } from '../../lib/ledger/claim.ts'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import { scriptedTable } from './scripted-table.ts'

// Not at the start of a second: the table's times to live are whole ones.
const NOW = Date.parse('2026-11-22T12:00:00.700+08:00')
const SECOND = Math.floor(NOW / 1000)
const DAY_MS = 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

const person: Claim = {
  key: { pk: 'person#1', sk: '-' },
  keyId: 'pepper-1',
  subject: 'card-1',
  keptSeconds: 86_400,
}
const idempotencyKey: Claim = { ...person, key: { pk: 'key#1', sk: '-' }, request: 'print-1' }
const attempt: Attempt = {
  id: 'me',
  leaseUntil: NOW + 12_000,
  anew: false,
  unknownSince: NOW - DAY_MS,
  reuseSince: NOW - 3_600_000,
}

/** How a claim stands that could not be reserved, by what is found then. */
async function standing(claim: Claim, item: Item | undefined, change: Partial<Attempt> = {}) {
  const table = scriptedTable({ write: () => false, get: () => item })
  const found = await hold(table, claim, { ...attempt, ...change })
  expect(table.sent.at(-1)).toEqual({ operation: 'get', key: claim.key })
  return found
}
const kept = { expiresAt: SECOND + 60 }

describe('a claim that can be reserved', () => {
  it('is held, and nothing is read', async () => {
    const table = scriptedTable()
    expect(await hold(table, person, attempt)).toEqual({ standing: 'held' })
    expect(table.sent.map(({ operation }) => operation)).toEqual(['update'])
  })
})

describe.each([
  ['a question', person],
  ['an idempotency key', { ...idempotencyKey }],
])('%s that cannot be reserved', (_what, claim) => {
  const print = claim.request === undefined ? {} : { requestPrint: 'print-1' }
  const running = { ...kept, ...print, phase: 'reserved', leaseUntil: NOW + 1 }

  it.each<[string, Item | undefined, string]>([
    ['is gone meanwhile', undefined, 'free'],
    ['was given back meanwhile', { ...kept, ...print }, 'free'],
    ['is reserved', running, 'running'],
    ['is sent', { ...running, phase: 'sent' }, 'running'],
    ['ends its lease this millisecond', { ...running, leaseUntil: NOW }, 'running'],
    ['ended its lease', { ...running, leaseUntil: NOW - 1 }, 'free'],
    ['expires this second', { ...running, expiresAt: SECOND }, 'running'],
    ['has expired', { ...running, expiresAt: SECOND - 1 }, 'free'],
  ])('because it %s: %j is %s', async (_how, item, expected) => {
    expect(await standing(claim, item)).toEqual({ standing: expected })
  })
})

describe('a question that has an answer', () => {
  const answered = { ...kept, answer: '{"verdict":"match"}', answeredAt: attempt.reuseSince }

  it('is answered with it', async () => {
    const found = { standing: 'answered', answer: '{"verdict":"match"}' }
    expect(await standing(person, answered)).toEqual(found)
    expect(await standing(person, { ...answered, phase: 'sent', leaseUntil: NOW + 1 })).toEqual(
      found,
    )
  })

  it('is not, where that is too old to be reused', async () => {
    const old = { ...answered, answeredAt: attempt.reuseSince - 1 }
    expect(await standing(person, old)).toEqual({ standing: 'free' })
    expect(await standing(person, { ...old, phase: 'sent', leaseUntil: NOW + 1 })).toEqual({
      standing: 'running',
    })
  })

  it('is not, where only the time of one stands there', async () => {
    expect(await standing(person, { ...kept, answeredAt: NOW })).toEqual({ standing: 'free' })
  })
})

describe('a question that was sent without an outcome', () => {
  const unsettled = {
    ...kept,
    phase: 'sent',
    leaseUntil: NOW - 1,
    unsettled: ['another'],
    sentAt: attempt.unknownSince,
  }

  it.each<[string, Item, Partial<Attempt>, string]>([
    ['within its day', unsettled, {}, 'unknown'],
    ['whoever holds it now', { ...unsettled, phase: undefined }, {}, 'unknown'],
    ['before that', { ...unsettled, sentAt: attempt.unknownSince - 1 }, {}, 'free'],
    ['and is asked anew', unsettled, { anew: true }, 'free'],
    ['and was settled', { ...unsettled, unsettled: undefined }, {}, 'free'],
    ['and is on its way still', { ...unsettled, leaseUntil: NOW }, {}, 'running'],
  ])('%s: %j %j is %s', async (_how, item, change, expected) => {
    expect(await standing(person, item, change)).toEqual({ standing: expected })
  })
})

describe('an idempotency key', () => {
  const done = { ...kept, requestPrint: 'print-1', phase: 'done', reply: '{"verdict":"match"}' }

  it('is replied to as before', async () => {
    const found = { standing: 'replied', reply: '{"verdict":"match"}' }
    expect(await standing(idempotencyKey, done)).toEqual(found)
    expect(await standing(idempotencyKey, { ...done, leaseUntil: NOW + 1 })).toEqual(found)
  })

  it.each([
    { ...done, requestPrint: 'print-2' },
    { ...done, requestPrint: undefined },
  ])('of another request is refused: %j', async (item) => {
    expect(await standing(idempotencyKey, item)).toEqual({ standing: 'reused_key' })
  })

  it('whose holder died after it had sent is unknown, asked anew or not', async () => {
    const sent = { ...done, phase: 'sent', leaseUntil: NOW - 1 }
    for (const anew of [true, false]) {
      expect(await standing(idempotencyKey, sent, { anew })).toEqual({ standing: 'unknown' })
    }
  })

  it('has no answer of a person', async () => {
    const item = { ...done, phase: 'reserved', leaseUntil: NOW - 1, answer: 'x', answeredAt: NOW }
    expect(await standing(idempotencyKey, item)).toEqual({ standing: 'free' })
  })
})
