import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  abandon,
  type Attempt,
  type Claim,
  hold,
  keepAnswer,
  keepReply,
  markSent,
  release,
  releaseUnspent,
  settle,
} from '../../lib/ledger/claim.ts'
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
    ['was given back meanwhile', { ...kept, ...print, leaseUntil: NOW + 1 }, 'free'],
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

describe('what an attempt writes', () => {
  const mine = new Set(['me'])
  const removed = { operation: 'remove' }
  const updated = { operation: 'update' }
  const given = { update: 'REMOVE phase, holder DELETE unsettled :mine' }
  type Step = (...parameters: Parameters<typeof settle>) => Promise<boolean>

  it.each<[string, Step, Claim, object, object]>([
    [
      'before it sends, under its question',
      markSent,
      person,
      updated,
      {
        update: 'SET phase = :sent, sentAt = :now ADD unsettled :mine',
        condition: 'holder = :me AND (phase = :reserved OR phase = :sent)',
        values: {
          ':me': 'me',
          ':reserved': 'reserved',
          ':sent': 'sent',
          ':now': NOW,
          ':mine': mine,
        },
      },
    ],
    [
      'before it sends, under its key',
      markSent,
      idempotencyKey,
      updated,
      {
        update: 'SET phase = :sent',
        condition: 'holder = :me AND (phase = :reserved OR phase = :sent)',
        values: { ':me': 'me', ':reserved': 'reserved', ':sent': 'sent' },
      },
    ],
    [
      'to give its question back unsent',
      release,
      person,
      updated,
      {
        ...given,
        condition: 'holder = :me AND phase = :reserved',
        values: { ':me': 'me', ':reserved': 'reserved', ':mine': mine },
      },
    ],
    [
      'to give its key back unsent',
      release,
      idempotencyKey,
      removed,
      {
        condition: 'holder = :me AND phase = :reserved',
        values: { ':me': 'me', ':reserved': 'reserved' },
      },
    ],
    [
      'to give its question back unspent',
      releaseUnspent,
      person,
      updated,
      { ...given, condition: 'holder = :me', values: { ':me': 'me', ':mine': mine } },
    ],
    [
      'to give its key back unspent',
      releaseUnspent,
      idempotencyKey,
      removed,
      { condition: 'holder = :me', values: { ':me': 'me' } },
    ],
    [
      'to settle its question',
      settle,
      person,
      updated,
      { ...given, condition: 'holder = :me', values: { ':me': 'me', ':mine': mine } },
    ],
    [
      'where nobody knows what came of it',
      abandon,
      person,
      updated,
      {
        update: 'SET leaseUntil = :past',
        condition: 'holder = :me AND phase = :sent',
        values: { ':me': 'me', ':sent': 'sent', ':past': 0 },
      },
    ],
    [
      'with its reply',
      (table, claim, me) => keepReply(table, claim, me, 'R'),
      idempotencyKey,
      updated,
      {
        update: 'SET phase = :done, reply = :reply',
        condition: 'holder = :me',
        values: { ':me': 'me', ':done': 'done', ':reply': 'R' },
      },
    ],
    [
      'with its answer',
      (table, claim, me) => keepAnswer(table, claim, me, 'A', NOW),
      person,
      updated,
      {
        update:
          'SET answer = :answer, answeredAt = :at, expiresAt = :expires REMOVE phase, unsettled',
        condition: 'holder = :me AND phase = :sent',
        values: {
          ':me': 'me',
          ':sent': 'sent',
          ':answer': 'A',
          ':at': NOW,
          ':expires': SECOND + 86_400,
        },
      },
    ],
  ])('%s is this', async (_when, step, claim, operation, write) => {
    const table = scriptedTable()
    expect(await step(table, claim, attempt)).toBe(true)
    expect(table.sent).toStrictEqual([{ ...operation, key: claim.key, write }])
  })
})
