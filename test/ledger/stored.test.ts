import { createHash } from 'node:crypto'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { scenarioCard, scenarios } from '../simulators/scenarios.ts'
import { type Asked, idNumberOf, openLedger, travel, travelTo, twoElements } from './open-ledger.ts'

const { verify, dieAfterSending, hits, dump } = openLedger()

const DAY = 86_400
const NOON = Date.parse('2026-11-22T12:00:00+08:00')
const MIDNIGHT = Date.parse('2026-11-23T00:00:00+08:00')
const SURNAMES = Array.from('欧阳慕容司徒诸葛端木')

/** Names of four characters, so that no word of ours is one of them. */
const people: Asked[] = Array.from({ length: 200 }, (_, number) => {
  const scenario = scenarios[(number * 7) % scenarios.length]?.number ?? 1
  const card = number % 2 === 0 ? 100_000_000 + number * 4_001 : scenario
  return {
    name: `${SURNAMES[number % 10]}${String.fromCodePoint(0x4e10 + number, 0x5100 + number)}氏`,
    idNumber: idNumberOf(number * 31),
    cardNumber: scenarioCard(card, card > 300_000_000 ? 19 : 16),
    ...(number % 3 === 0 ? { reference: `payout-${number}` } : {}),
  }
})

const digests = ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
  (['hex', 'base64'] as const).map(
    (encoding) => (value: string) => createHash(algorithm).update(value).digest(encoding),
  ),
)

describe('the table after 200 people', () => {
  let items: Record<string, AttributeValue>[]
  let text: string

  beforeEach(async () => {
    travel(NOON - Date.now())
    for (let from = 0; from < people.length; from += 50) {
      await Promise.all(
        people.slice(from, from + 50).map((asked, place) =>
          verify(place % 4 === 0 ? twoElements(asked) : asked, {
            pauseSeconds: 0,
            caller: `caller-${place % 3}`,
            ...(place % 2 === 0 ? { key: `key-${from}-${place}` } : {}),
          }),
        ),
      )
      travel(2000)
    }
    for (const asked of people.slice(0, 20))
      await verify(asked, { caller: 'caller-1', pauseSeconds: 0 })
    await dieAfterSending({ ...people[0], name: '王小明', cardNumber: scenarioCard(123_456_789) })
    items = await dump()
    text = JSON.stringify(items)
  }, 30_000)

  it('holds none of their values, no digest of one, and a TTL on every item', () => {
    expect(hits()).toBeGreaterThan(100)
    expect(items.length).toBeGreaterThan(500)
    const found = people.flatMap(({ name, idNumber = '', cardNumber }) =>
      [name, idNumber, cardNumber].flatMap((value) => [
        ...(text.includes(value) ? [value] : []),
        ...digests.map((digest) => digest(value)).filter((digest) => text.includes(digest)),
      ]),
    )
    expect(found).toEqual([])
    // Nor a part that would tell: the birth date with the sequence, the card without its issuer.
    const parts = people.flatMap(({ idNumber = '', cardNumber }) => [
      idNumber.slice(6),
      cardNumber.slice(3),
    ])
    expect(parts.filter((part) => text.includes(part))).toEqual([])

    const now = Math.floor(NOON / 1000)
    const day = Math.floor(MIDNIGHT / 1000)
    const slack = 120
    const bounds: Record<string, [least: number, most: number]> = {
      key: [now + DAY, now + DAY + slack],
      person: [now + DAY, now + DAY + slack],
      card: [day + 2 * DAY, day + 2 * DAY],
      id: [day + 2 * DAY, day + 2 * DAY],
      'provider-day': [day + 2 * DAY, day + 2 * DAY],
      'caller-day': [day + 2 * DAY, day + 2 * DAY],
      verification: [now + 180 * DAY, now + 180 * DAY + slack],
      usage: [now + 395 * DAY, now + 397 * DAY],
    }
    const seen = new Set<string>()
    const outOfBounds = items.filter(({ pk, expiresAt }) => {
      const kind = pk?.S?.split('#')[0] ?? ''
      seen.add(kind)
      const [least, most] = bounds[kind] ?? [Infinity, 0]
      const expiry = Number(expiresAt?.N)
      return !(expiry >= least && expiry <= most)
    })
    expect(outOfBounds).toEqual([])
    expect([...seen].sort()).toEqual(Object.keys(bounds).sort())
  })
})

describe('what is kept', () => {
  it.each([
    ['REUSE_SECONDS longer than a day', { reuseSeconds: 7 * DAY }, 'person', 7 * DAY],
    ['REUSE_SECONDS 0', { reuseSeconds: 0 }, 'person', DAY],
    ['RECORD_DAYS', { recordDays: 30 }, 'verification', 30 * DAY],
  ])('is kept as long as the setting says: %s', async (_, options, kind, seconds) => {
    travelTo(NOON)
    await verify(people[0] ?? {}, options)
    const item = (await dump()).find(({ pk }) => pk?.S?.startsWith(`${kind}#`))
    expect(Number(item?.['expiresAt']?.N)).toBe(NOON / 1000 + seconds)
    expect(hits()).toBe(1)
  })

  it('names beside every fingerprint the key that made it', async () => {
    await verify(people[0] ?? {}, { key: 'a' })
    const fingerprinted = (await dump()).filter(({ pk }) =>
      /^(key|person|card|id)#/.test(pk?.S ?? ''),
    )
    expect(fingerprinted).toHaveLength(4)
    for (const { keyId } of fingerprinted) expect(keyId?.S).toMatch(/^[\w-]{8}$/)
    expect(new Set(fingerprinted.map(({ keyId }) => keyId?.S)).size).toBe(1)
    expect(hits()).toBe(1)
  })

  it('names it beside a lock that came after midnight too', async () => {
    travelTo(MIDNIGHT - 1)
    await verify(
      { ...people[0], cardNumber: scenarioCard(10020) },
      {
        ask: (askProvider) => {
          travelTo(MIDNIGHT)
          return askProvider()
        },
      },
    )
    const cards = (await dump()).filter(({ pk }) => pk?.S?.startsWith('card#'))
    expect(cards).toHaveLength(2)
    for (const { keyId, expiresAt } of cards) {
      expect(keyId?.S).toMatch(/^[\w-]{8}$/)
      expect(Number(expiresAt?.N)).toBeGreaterThan(MIDNIGHT / 1000)
    }
    expect(hits()).toBe(1)
  })
})
