import { AppError } from '../errors/app-error.ts'
import type { ProblemCode } from '../errors/problem-catalog.ts'
import { nextShanghaiMidnight, shanghaiDay } from '../verification/shanghai-day.ts'
import { failureOf, type Item, type Key, type Table, type Write } from './dynamo-table.ts'

/** How much may be asked in one day in Asia/Shanghai. */
export type Limits = {
  cardCalls: number
  cardMismatches: number
  idCalls: number
  providerCalls: number
  callerCalls: number
}

/**
 * One counter that a call takes a place in before it is sent.
 *
 * Attempts on a card or an ID number are few, so the item names them, and taking or giving back a
 * place twice changes nothing. Calls of a provider or a caller are many, so the item counts them:
 * a lost reply to a taken place may count it twice, which errs on the side of not asking.
 */
export type Slot = {
  key: Key
  take: Required<Pick<Write, 'update' | 'condition' | 'values'>> & Pick<Write, 'onWritten'>
  giveBack: { update: string; values: Record<string, number | Set<string>>; once?: true }
  /** What a full or closed counter answers. */
  refusal: (item: Item | undefined, now: number) => AppError
}

const DAY_SECONDS = 86_400
const KEPT_DAYS = 2

/** A card or an ID number on one day: the same for every caller and provider. */
export type Counted = {
  fingerprint: string
  /** Of the pepper behind the fingerprint. */
  keyId: string
}

export function cardSlot(card: Counted, attemptId: string, limits: Limits, now: number): Slot {
  return {
    key: cardKey(card),
    take: {
      update: 'ADD attempts :mine, suspects :mine SET expiresAt = :expires, keyId = :keyId',
      condition:
        'attribute_not_exists(lockedAs)' +
        ' AND (attribute_not_exists(attempts) OR size(attempts) < :calls OR contains(attempts, :me))' +
        ' AND (attribute_not_exists(suspects) OR size(suspects) < :mismatches OR contains(suspects, :me))',
      values: {
        ':mine': new Set([attemptId]),
        ':me': attemptId,
        ':calls': limits.cardCalls,
        ':mismatches': limits.cardMismatches,
        ':expires': expiry(now),
        ':keyId': card.keyId,
      },
    },
    giveBack: {
      update: 'DELETE attempts :mine, suspects :mine',
      values: { ':mine': new Set([attemptId]) },
    },
    refusal: (item) =>
      new AppError(item?.['lockedAs'] === 'card_locked' ? 'card_locked' : 'too_many_attempts'),
  }
}

function cardKey({ fingerprint }: Counted): Key {
  return { pk: `card#${fingerprint}`, sk: '-' }
}

export function idSlot(id: Counted, attemptId: string, limits: Limits, now: number): Slot {
  return {
    key: { pk: `id#${id.fingerprint}`, sk: '-' },
    take: {
      update: 'ADD attempts :mine SET expiresAt = :expires, keyId = :keyId',
      condition:
        'attribute_not_exists(attempts) OR size(attempts) < :calls OR contains(attempts, :me)',
      values: {
        ':mine': new Set([attemptId]),
        ':me': attemptId,
        ':calls': limits.idCalls,
        ':expires': expiry(now),
        ':keyId': id.keyId,
      },
    },
    giveBack: { update: 'DELETE attempts :mine', values: { ':mine': new Set([attemptId]) } },
    refusal: () => new AppError('too_many_attempts'),
  }
}

/** @param onSpent is told how much of the cap is used up, in per cent */
export function providerSlot(
  provider: string,
  limits: Limits,
  now: number,
  onSpent: (share: number) => void = () => undefined,
): Slot {
  const slot = counterSlot(providerDayKey(provider, now), limits.providerCalls, now)
  return {
    ...slot,
    take: {
      ...slot.take,
      condition: `(${slot.take.condition}) AND (attribute_not_exists(pausedUntil) OR pausedUntil <= :now)`,
      values: { ...slot.take.values, ':now': now },
      onWritten: ({ used }) => onSpent(Math.ceil((100 * Number(used)) / limits.providerCalls)),
    },
    refusal: (item) => {
      const pausedUntil = Number(item?.['pausedUntil'] ?? 0)
      const pausedAs = pauseCodes.find((code) => code === item?.['pausedAs'])
      if (pausedUntil <= now || !pausedAs) return new AppError('daily_limit_reached')
      const retryAfterSeconds = Math.ceil((pausedUntil - now) / 1000)
      return new AppError(pausedAs, { provider, retryAfterSeconds })
    },
  }
}

export function callerSlot(caller: string, limits: Limits, now: number): Slot {
  const key = { pk: `caller-day#${shanghaiDay(now)}#${caller}`, sk: '-' }
  return counterSlot(key, limits.callerCalls, now)
}

function counterSlot(key: Key, limit: number, now: number): Slot {
  return {
    key,
    take: {
      update: 'ADD used :one SET expiresAt = :expires',
      condition: 'attribute_not_exists(used) OR used < :limit',
      values: { ':one': 1, ':limit': limit, ':expires': expiry(now) },
    },
    giveBack: { update: 'ADD used :minusOne', values: { ':minusOne': -1 }, once: true },
    refusal: () => new AppError('daily_limit_reached'),
  }
}

/**
 * Takes a place in every counter, or in none.
 *
 * @throws AppError what the first full counter answers, or `ledger_unavailable`
 */
export async function takeSlots(table: Table, slots: readonly Slot[], now: number): Promise<void> {
  const taken = await Promise.allSettled(slots.map(({ key, take }) => table.update(key, take)))
  if (taken.every((result) => result.status === 'fulfilled' && result.value)) return
  await giveSlotsBack(
    table,
    slots.filter(({ giveBack }, place) => {
      const result = taken[place]
      // A write that failed may have been applied; giving a named place back does no harm.
      return result?.status === 'fulfilled' ? result.value : !giveBack.once
    }),
  )
  const full = slots.find((_, place) => {
    const result = taken[place]
    return result?.status === 'fulfilled' && !result.value
  })
  if (!full) throw failureOf(taken)
  throw full.refusal(await table.get(full.key), now)
}

/** For a call that certainly used nothing up. A place that cannot be given back stays taken. */
export async function giveSlotsBack(table: Table, slots: readonly Slot[]): Promise<void> {
  // What was never counted must not come into being here: it would have no TTL.
  const condition = 'attribute_exists(expiresAt)'
  await Promise.allSettled(
    slots.map(({ key, giveBack }) => table.update(key, { ...giveBack, condition })),
  )
}

/** An attempt that turned out to be no mismatch counts as a call only. */
export function clearSuspicion(table: Table, slot: Slot, attemptId: string) {
  return table.update(slot.key, {
    update: 'DELETE suspects :mine',
    values: { ':mine': new Set([attemptId]) },
  })
}

/** Remembers a provider's lock until the day is over. */
export function lockCard(table: Table, card: Counted, code: ProblemCode, now: number) {
  return table.update(cardKey(card), {
    update: 'SET lockedAs = :code, expiresAt = :expires, keyId = :keyId',
    values: { ':code': code, ':expires': expiry(now), ':keyId': card.keyId },
  })
}

/** Failures that another call would only repeat: they pause the provider for everyone. */
export const pauseCodes = [
  'provider_quota_exhausted',
  'provider_credentials_rejected',
] as const satisfies readonly ProblemCode[]

/** Closes a provider for some seconds, past midnight too. */
export async function pauseProvider(
  table: Table,
  provider: string,
  code: (typeof pauseCodes)[number],
  seconds: number,
  now: number,
): Promise<void> {
  const until = now + seconds * 1000
  const days: number[] = [now]
  for (let day = nextShanghaiMidnight(now); day < until; day = nextShanghaiMidnight(day)) {
    days.push(day)
  }
  await Promise.all(
    days.map((day) =>
      table.update(providerDayKey(provider, day), {
        update: 'SET pausedUntil = :until, pausedAs = :code, expiresAt = :expires',
        // A longer pause, an operator's own perhaps, stays.
        condition: 'attribute_not_exists(pausedUntil) OR pausedUntil < :until',
        values: { ':until': until, ':code': code, ':expires': expiry(day) },
      }),
    ),
  )
}

export function providerDayKey(provider: string, at: number): Key {
  return { pk: `provider-day#${shanghaiDay(at)}#${provider}`, sk: '-' }
}

// 48 hours past the end of the day that is counted.
function expiry(now: number): number {
  return Math.floor(nextShanghaiMidnight(now) / 1000) + KEPT_DAYS * DAY_SECONDS
}
