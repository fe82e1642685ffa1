import { describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import {
  callerSlot,
  cardSlot,
  clearSuspicion,
  giveSlotsBack,
  idSlot,
  lockCard,
  pauseProvider,
  providerSlot,
  type Slot,
  takeSlots,
} from '../../lib/ledger/guard.ts'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import { type Sent, scriptedTable } from './scripted-table.ts'

const NOW = Date.parse('2026-11-22T12:00:00.700+08:00')
// 48 hours past the end of the day in Asia/Shanghai.
const EXPIRES = Date.parse('2026-11-25T00:00:00+08:00') / 1000
const limits = {
  cardCalls: 4,
  cardMismatches: 3,
  idCalls: 20,
  providerCalls: 300,
  callerCalls: 200,
}
const card = { fingerprint: 'card-print', keyId: 'pepper-1' }
const slots = (): Slot[] => [
  cardSlot(card, 'me', limits, NOW),
  idSlot({ fingerprint: 'id-print', keyId: 'pepper-1' }, 'me', limits, NOW),
  providerSlot('databao', limits, NOW),
  callerSlot('payouts', limits, NOW),
]
const writes = (sent: readonly Sent[]) => sent.filter((one) => 'write' in one)
const placesOf = (sent: readonly Sent[]) => writes(sent).map(({ key }) => key.pk.split('#')[0])

describe('the places of a call', () => {
  it('are taken with these limits, for two days past the one that is counted', async () => {
    const table = scriptedTable()
    await takeSlots(table, slots(), NOW)
    const mine = new Set(['me'])
    expect(writes(table.sent).map(({ key, write }) => [key, write.values])).toEqual([
      [
        { pk: 'card#card-print', sk: '-' },
        {
          ':mine': mine,
          ':me': 'me',
          ':calls': 4,
          ':mismatches': 3,
          ':expires': EXPIRES,
          ':keyId': 'pepper-1',
        },
      ],
      [
        { pk: 'id#id-print', sk: '-' },
        { ':mine': mine, ':me': 'me', ':calls': 20, ':expires': EXPIRES, ':keyId': 'pepper-1' },
      ],
      [
        { pk: 'provider-day#2026-11-22#databao', sk: '-' },
        { ':one': 1, ':limit': 300, ':expires': EXPIRES, ':now': NOW },
      ],
      [
        { pk: 'caller-day#2026-11-22#payouts', sk: '-' },
        { ':one': 1, ':limit': 200, ':expires': EXPIRES },
      ],
    ])
  })

  it('are given back where they are counted, once where that would count twice', async () => {
    const table = scriptedTable()
    await giveSlotsBack(table, slots())
    const condition = 'attribute_exists(expiresAt)'
    const mine = { ':mine': new Set(['me']) }
    expect(writes(table.sent).map(({ write }) => write)).toEqual([
      { update: 'DELETE attempts :mine, suspects :mine', values: mine, condition },
      { update: 'DELETE attempts :mine', values: mine, condition },
      { update: 'ADD used :minusOne', values: { ':minusOne': -1 }, once: true, condition },
      { update: 'ADD used :minusOne', values: { ':minusOne': -1 }, once: true, condition },
    ])
  })

  it('that cannot be given back stay taken, and nobody is told', async () => {
    const table = scriptedTable({ write: () => new Error('down') })
    await expect(giveSlotsBack(table, slots())).resolves.toBeUndefined()
    expect(table.sent).toHaveLength(4)
  })
})

describe('where a counter is full', () => {
  const takenBut = (full: string, item: Item | undefined) =>
    scriptedTable({
      write: (key, { update }) => !(key.pk.startsWith(full) && update?.includes('SET expiresAt')),
      get: () => item,
    })
  const refusal = (table: ReturnType<typeof scriptedTable>) =>
    takeSlots(table, slots(), NOW).catch((error: unknown) => error)

  it.each<[string, Item | undefined, string]>([
    ['card', undefined, 'too_many_attempts'],
    ['provider-day', undefined, 'daily_limit_reached'],
    ['card', {}, 'too_many_attempts'],
    ['card', { lockedAs: 'card_locked' }, 'card_locked'],
    ['card', { lockedAs: 'too_many_attempts' }, 'too_many_attempts'],
    ['id', {}, 'too_many_attempts'],
    ['provider-day', {}, 'daily_limit_reached'],
    ['caller-day', {}, 'daily_limit_reached'],
  ])('that of the %s, with %j, the answer is %s', async (full, item, code) => {
    const table = takenBut(full, item)
    expect(await refusal(table)).toMatchObject({ code, fate: 'not_sent' })
    const others = ['card', 'id', 'provider-day', 'caller-day'].filter((name) => name !== full)
    // All four were tried; what was taken is given back, and the full one is looked at.
    expect(placesOf(table.sent).slice(4)).toEqual(others)
    expect(table.sent.at(-1)).toMatchObject({ operation: 'get' })
  })

  it('the first one is the answer, in the order of the slots', async () => {
    const table = scriptedTable({ write: () => false })
    expect(await refusal(table)).toMatchObject({ code: 'too_many_attempts' })
    expect(table.sent.slice(4)).toEqual([
      { operation: 'get', key: { pk: 'card#card-print', sk: '-' } },
    ])
  })

  it('or fails, named places are given back and counted ones are not', async () => {
    const table = scriptedTable({ write: () => new AppError('ledger_unavailable') })
    expect(await refusal(table)).toMatchObject({ code: 'ledger_unavailable' })
    expect(placesOf(table.sent).slice(4)).toEqual(['card', 'id'])
  })

  it('beside one that fails, the full one is the answer', async () => {
    const table = scriptedTable({
      write: ({ pk }) => (pk.startsWith('card') ? new Error('down') : !pk.startsWith('caller')),
    })
    expect(await refusal(table)).toMatchObject({ code: 'daily_limit_reached' })
    expect(placesOf(table.sent).slice(4)).toEqual(['card', 'id', 'provider-day'])
  })

  it.each([
    [{ pausedUntil: NOW + 1, pausedAs: 'provider_quota_exhausted' }, 1],
    [{ pausedUntil: NOW + 60_000, pausedAs: 'provider_credentials_rejected' }, 60],
    [{ pausedUntil: NOW + 60_001, pausedAs: 'provider_credentials_rejected' }, 61],
  ])('because the provider is paused, the answer is its pause: %j', async (item, seconds) => {
    expect(await refusal(takenBut('provider-day', item))).toMatchObject({
      code: item.pausedAs,
      facts: { provider: 'databao', retryAfterSeconds: seconds },
    })
  })

  it.each<Item>([
    { pausedUntil: NOW, pausedAs: 'provider_quota_exhausted' },
    { pausedUntil: NOW + 1, pausedAs: 'something_else' },
    { pausedUntil: NOW + 1 },
    { pausedAs: 'provider_quota_exhausted' },
  ])('and it is not paused, the answer is the limit: %j', async (item) => {
    expect(await refusal(takenBut('provider-day', item))).toMatchObject({
      code: 'daily_limit_reached',
    })
  })
})

describe("a provider's cap", () => {
  it.each([
    [1, 1],
    [3, 1],
    [4, 2],
    [300, 100],
  ])('of which %i of 300 are used is spent by %i %%', async (used, share) => {
    const onSpent = vi.fn<(share: number) => void>()
    providerSlot('databao', limits, NOW, onSpent).take.onWritten?.({ used })
    expect(onSpent.mock.calls).toEqual([[share]])
  })

  it('tells nobody where nobody asks', () => {
    expect(providerSlot('databao', limits, NOW).take.onWritten?.({ used: 1 })).toBeUndefined()
  })
})

describe('what is remembered of a card', () => {
  it('is its lock, for the day, and no suspicion that came to nothing', async () => {
    const table = scriptedTable()
    await lockCard(table, card, 'card_locked', NOW)
    await clearSuspicion(table, slots()[0]!, 'me')
    expect(table.sent).toEqual([
      {
        operation: 'update',
        key: { pk: 'card#card-print', sk: '-' },
        write: {
          update: 'SET lockedAs = :code, expiresAt = :expires, keyId = :keyId',
          values: { ':code': 'card_locked', ':expires': EXPIRES, ':keyId': 'pepper-1' },
        },
      },
      {
        operation: 'update',
        key: { pk: 'card#card-print', sk: '-' },
        write: { update: 'DELETE suspects :mine', values: { ':mine': new Set(['me']) } },
      },
    ])
  })
})

describe('the pause of a provider', () => {
  const MIDNIGHT = Date.parse('2026-11-23T00:00:00+08:00')
  it.each([
    [60, MIDNIGHT - 60_001, ['2026-11-22']],
    [60, MIDNIGHT - 60_000, ['2026-11-22']],
    [60, MIDNIGHT - 59_999, ['2026-11-22', '2026-11-23']],
    [172_800, MIDNIGHT - 1, ['2026-11-22', '2026-11-23', '2026-11-24']],
  ])('of %i s from %i on stands at %j', async (seconds, now, days) => {
    const table = scriptedTable()
    await pauseProvider(table, 'databao', 'provider_quota_exhausted', seconds, now)
    expect(writes(table.sent).map(({ key }) => key.pk)).toEqual(
      days.map((day) => `provider-day#${day}#databao`),
    )
    expect(writes(table.sent).map(({ write }) => write)).toEqual(
      days.map((day) => ({
        update: 'SET pausedUntil = :until, pausedAs = :code, expiresAt = :expires',
        condition: 'attribute_not_exists(pausedUntil) OR pausedUntil < :until',
        values: {
          ':until': now + seconds * 1000,
          ':code': 'provider_quota_exhausted',
          ':expires': Date.parse(`${day}T00:00:00+08:00`) / 1000 + 3 * 86_400,
        },
      })),
    )
  })
})
