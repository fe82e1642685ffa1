import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import type { Attempt, Claim } from '../../lib/ledger/claim.ts'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import { holdClaims } from '../../lib/ledger/hold-claims.ts'
import { type Sent, scriptedTable } from './scripted-table.ts'

// Fake timers leave Node's promises of timers alone.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => globalThis.setTimeout(resolve, ms)),
}))

const NOW = Date.parse('2026-11-22T12:00:00+08:00')
const attempt: Attempt = {
  id: 'me',
  leaseUntil: NOW + 20_000,
  anew: false,
  unknownSince: NOW - 86_400_000,
  reuseSince: NOW - 3_600_000,
}
const marks = { keyId: 'pepper-1', subject: 'card-1', keptSeconds: 60 }
const key = (name = '1'): Claim => ({ ...marks, key: { pk: `key#${name}`, sk: '-' }, request: 'r' })
const person = (name = '1'): Claim => ({ ...marks, key: { pk: `person#${name}`, sk: '-' } })

const kept = { expiresAt: NOW / 1000 + 60 }
const running = { ...kept, requestPrint: 'r', phase: 'sent', leaseUntil: NOW + 60_000 }
const states = {
  held: undefined,
  free: kept,
  running,
  replied: { ...running, phase: 'done', reply: 'R' },
  reused_key: { ...running, requestPrint: 'another' },
  unknown: { ...running, leaseUntil: 0, unsettled: ['x'], sentAt: NOW },
  answered: { ...kept, answer: 'A', answeredAt: NOW },
} satisfies Record<string, Item | undefined>
type State = keyof typeof states

/** Claims that stand so, by their `pk`; what is not named can be held. */
function holdAt(standing: Record<string, State>, remainingMs = 20_000, fails: string[] = []) {
  const claims = Object.keys(standing).map((name) => {
    const [kind, number] = name.split('#')
    return kind === 'key' ? key(number) : person(number)
  })
  const table = scriptedTable({
    write: ({ pk }, { update }) => {
      const isReservation = update?.startsWith('SET phase = :reserved') ?? false
      if (isReservation && fails.includes(pk)) return new AppError('ledger_unavailable')
      return !isReservation || states[standing[pk]!] === undefined
    },
    get: ({ pk }) => states[standing[pk]!],
  })
  const held = holdClaims(table, claims, attempt, () => remainingMs)
  // Whoever waits for it comes later.
  held.catch(() => {})
  return { held, sent: table.sent }
}
const released = (sent: readonly Sent[]) =>
  sent.flatMap((one) =>
    'write' in one && one.write.condition?.startsWith('holder = :me') ? one.key.pk : [],
  )

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: NOW })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('claims', () => {
  it('that are free are all held', async () => {
    const { held, sent } = holdAt({ 'key#1': 'held', 'person#1': 'held' })
    expect(await held).toEqual({ standing: 'held' })
    expect(released(sent)).toEqual([])
  })

  it.each<[string, Record<string, State>, object, string[]]>([
    [
      'a kept reply',
      { 'key#1': 'replied', 'person#1': 'held' },
      { standing: 'replied', reply: 'R' },
      ['person#1'],
    ],
    [
      'a kept reply before an answer',
      { 'person#1': 'answered', 'key#1': 'replied' },
      { standing: 'replied', reply: 'R' },
      [],
    ],
    [
      'an answer, with the key held for its reply',
      { 'key#1': 'held', 'person#1': 'answered', 'person#2': 'held' },
      { standing: 'answered', answer: 'A' },
      ['person#2'],
    ],
    [
      'a reply under either pepper',
      { 'key#1': 'held', 'key#2': 'replied', 'person#1': 'held', 'person#2': 'held' },
      { standing: 'replied', reply: 'R' },
      ['key#1', 'person#1', 'person#2'],
    ],
    [
      'an answer before one that is on its way',
      { 'person#1': 'running', 'person#2': 'answered' },
      { standing: 'answered', answer: 'A' },
      [],
    ],
  ])('find %s', async (_what, standing, found, givenBack) => {
    const { held, sent } = holdAt(standing)
    expect(await held).toEqual(found)
    expect(released(sent)).toEqual(givenBack)
  })

  it.each<[string, Record<string, State>, string, string]>([
    ['another request under the key', { 'key#1': 'reused_key' }, 'idempotency_key_reused', 'no'],
    [
      'that before any reply',
      { 'key#1': 'replied', 'key#2': 'reused_key' },
      'idempotency_key_reused',
      'no',
    ],
    ['an unknown outcome', { 'person#1': 'unknown' }, 'outcome_unknown', 'unknown'],
    [
      'an unknown outcome before one that was given back',
      { 'person#1': 'free', 'person#2': 'unknown' },
      'outcome_unknown',
      'unknown',
    ],
  ])('refuse for %s', async (_what, standing, code, billable) => {
    const { held, sent } = holdAt({ ...standing, 'person#9': 'held' })
    const error = await held.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, fate: 'not_sent' })
    expect(Object(error).facts.billable ?? 'no').toBe(billable)
    expect(released(sent)).toEqual(['person#9'])
  })

  it('that cannot be written are all given back: one of them may have been', async () => {
    const claims = { 'key#1': 'held', 'person#1': 'held' } as const
    const { held, sent } = holdAt(claims, 20_000, ['person#1'])
    await expect(held).rejects.toMatchObject({ code: 'ledger_unavailable' })
    expect(released(sent)).toEqual(['key#1', 'person#1'])
  })
})

describe('an attempt that is on its way', () => {
  const looksOf = (sent: readonly Sent[]) => sent.filter(({ operation }) => operation === 'get')
  const codeOf = (held: Promise<unknown>) => held.catch((error: AppError) => error.code)

  it.each([
    ['2 s', 20_000, 2000],
    ['2 s', 2500, 2000],
    ['as long as the function has but 500 ms', 2499, 1999],
    ['as long as the function has but 500 ms', 900, 400],
    ['not at all', 500, 0],
    ['not at all', 100, 0],
  ])('is waited for %s, with %i ms left', async (_how, remainingMs, waitMs) => {
    const { held, sent } = holdAt({ 'person#1': 'running' }, remainingMs)
    const outcome = codeOf(held)
    // A look every 50 ms and half of 100 more.
    await vi.advanceTimersByTimeAsync(5000)
    expect(await outcome).toBe('verification_in_progress')
    expect(looksOf(sent)).toHaveLength(Math.ceil(waitMs / 100) + 1)
  })

  it.each([
    [0, 50],
    [0.9, 140],
  ])('is looked at again after a while: %f makes %i ms', async (random, ms) => {
    vi.mocked(Math.random).mockReturnValue(random)
    const { held, sent } = holdAt({ 'person#1': 'running', 'person#2': 'held' })
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(looksOf(sent)).toHaveLength(1)
    expect(released(sent)).toEqual(['person#2'])
    await vi.advanceTimersByTimeAsync(1)
    expect(looksOf(sent)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await codeOf(held)).toBe('verification_in_progress')
  })

  it('or was given back a moment ago is tried again', async () => {
    const { held, sent } = holdAt({ 'key#1': 'held', 'person#1': 'free' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(await codeOf(held)).toBe('verification_in_progress')
    expect(looksOf(sent)).toHaveLength(21)
  })
})
