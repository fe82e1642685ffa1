import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import { fingerprint, keyId } from '../../lib/ledger/fingerprint.ts'
import {
  type LedgerPerson,
  type Question,
  verificationLedger,
} from '../../lib/ledger/verification-ledger.ts'
import type { CallTrace, ProviderAnswer } from '../../lib/verification/verdict.ts'
import { parseThreeElementRequest } from '../../lib/verification/verification-request.ts'
import { inventedPerson } from './long/invented-person.ts'
import { type Sent, scriptedTable } from './scripted-table.ts'

// Not at the start of a second: the table's times to live are whole ones.
const NOW = Date.parse('2026-11-22T12:00:00.700+08:00')
const SECOND = Math.floor(NOW / 1000)
const DAY_SECONDS = 86_400
const NEVER = Number.MAX_SAFE_INTEGER
const PEPPER = 'invented-pepper-1'
const OLDER_PEPPER = 'invented-pepper-0'

const { name, idNumber, cardNumber } = inventedPerson(1, 'match')
const parsed = parseThreeElementRequest({ name, idNumber, cardNumber, reference: 'order-1' })
if (!('request' in parsed)) throw new Error('the invented person is none')
const { request } = parsed
const operation = { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] } as const
const parts = ['databao', 'name', 'idNumber', 'cardNumber', name, idNumber, cardNumber]
const personKey = (pepper = PEPPER) =>
  `person#${fingerprint(pepper, 'person', 'payouts', ...parts)}`
const keyKey = (pepper = PEPPER) =>
  `key#${fingerprint(pepper, 'idempotency-key', 'payouts', 'key-1')}`
const subject = fingerprint(PEPPER, 'subject', cardNumber)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

type Setup = Parameters<typeof scriptedTable>[0] & {
  question?: Partial<Question<LedgerPerson>>
  reuseSeconds?: number
  pauseSeconds?: number
  peppers?: string[]
  ask?: () => Promise<ProviderAnswer>
}
const match = { verdict: 'match', billable: 'yes' } as const

function open({
  question,
  reuseSeconds = 3600,
  pauseSeconds = 600,
  peppers,
  ask,
  ...script
}: Setup = {}) {
  const table = scriptedTable(script)
  const verifyOnce = verificationLedger({
    table,
    peppers: async () => peppers ?? [PEPPER],
    limits: { cardCalls: 4, cardMismatches: 3, idCalls: 20, providerCalls: 300, callerCalls: 200 },
    reuseSeconds,
    pauseSeconds,
    recordDays: 180,
  })
  const whole: Question<LedgerPerson> = {
    operation,
    request,
    caller: 'payouts',
    idempotencyKey: undefined,
    anew: false,
    remainingMs: () => 20_000,
    replyOf: ({ code }) => `reply of ${code}`,
    ...question,
  }
  const verify = () => verifyOnce(whole, ask ?? (async () => match))
  return { verify, table, sent: table.sent }
}

const writes = (sent: readonly Sent[]) => sent.filter((one) => 'write' in one)
/** What an item was written, write by write. */
const written = (sent: readonly Sent[], pk: string) =>
  writes(sent).flatMap(({ operation: how, key, write }) =>
    key.pk.startsWith(pk) ? [{ ...write, ...(how === 'remove' && { removed: true }) }] : [],
  )
const counts = (sent: readonly Sent[]) =>
  written(sent, 'usage#').map(({ values = {} }) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([member, count]) =>
        member === ':expires' ? [] : [[member.slice(1), count]],
      ),
    ),
  )

describe('an attempt', () => {
  const reservation = async (setup: Setup) => {
    const { verify, sent } = open(setup)
    await verify()
    return writes(sent)[0]?.write
  }

  it.each([
    [20_000, 22_000],
    [30_000, 32_000],
    [900_000, 32_000],
  ])('that has %i ms holds its question for %i', async (remainingMs, leaseMs) => {
    const question = { remainingMs: () => remainingMs }
    expect((await reservation({ question }))?.values).toMatchObject({ ':lease': NOW + leaseMs })
  })

  it('reuses what is not too old, and forgets what is unknown for a day', async () => {
    expect((await reservation({ reuseSeconds: 3600 }))?.values).toMatchObject({
      ':reuseSince': NOW - 3_600_000,
      ':unknownSince': NOW - DAY_SECONDS * 1000,
      ':keyId': keyId(PEPPER),
      ':subject': subject,
    })
  })

  it.each([
    ['where nothing is reused', { reuseSeconds: 0 }, NEVER],
    ['asked anew', { question: { anew: true } }, NEVER],
    ['asked anew where nothing is reused', { question: { anew: true }, reuseSeconds: 0 }, NEVER],
  ])('%s reuses nothing', async (_how, setup, since) => {
    expect((await reservation(setup))?.values).toMatchObject({ ':reuseSince': since })
  })

  it.each([
    [{}, true],
    [{ question: { anew: true } }, false],
    [{ question: { idempotencyKey: 'key-1' } }, false],
  ])('with %j heeds an unknown outcome: %s', async (setup, heeds) => {
    const { verify, sent } = open(setup)
    await verify()
    const [held] = written(sent, personKey())
    expect(held?.condition?.includes(':unknownSince')).toBe(heeds)
    expect(held?.update?.includes('REMOVE unsettled')).toBe(heeds)
  })

  it.each([
    [3600, DAY_SECONDS],
    [0, DAY_SECONDS],
    [7 * DAY_SECONDS, 7 * DAY_SECONDS],
  ])('reusing for %i s keeps its question for %i', async (reuseSeconds, keptSeconds) => {
    const { verify, sent } = open({ reuseSeconds, question: { idempotencyKey: 'key-1' } })
    await verify()
    const expires = (pk: string) => written(sent, pk).map(({ values }) => values?.[':expires'])
    expect(expires(personKey())).toEqual([SECOND + keptSeconds, undefined, SECOND + keptSeconds])
    expect(expires(keyKey())).toEqual([SECOND + DAY_SECONDS, undefined, undefined])
  })

  it('stands under both peppers of a rotation, each with its own marks', async () => {
    const { verify, sent } = open({
      peppers: [PEPPER, OLDER_PEPPER],
      question: { idempotencyKey: 'key-1' },
    })
    await verify()
    const held = writes(sent).slice(0, 4)
    const day = '2026-11-22'
    expect(held.map(({ key }) => key.pk)).toEqual([
      keyKey(),
      keyKey(OLDER_PEPPER),
      personKey(),
      personKey(OLDER_PEPPER),
    ])
    for (const [place, pepper] of [PEPPER, OLDER_PEPPER, PEPPER, OLDER_PEPPER].entries()) {
      expect(held[place]?.write.values).toMatchObject({
        ':keyId': keyId(pepper),
        ':subject': fingerprint(pepper, 'subject', cardNumber),
      })
    }
    const print = (pepper: string) => fingerprint(pepper, 'request', ...parts, 'order-1')
    expect(held[0]?.write.values?.[':request']).toBe(print(PEPPER))
    expect(held[1]?.write.values?.[':request']).toBe(print(OLDER_PEPPER))
    const places = writes(sent).slice(4, 10)
    expect(places.map(({ key }) => key.pk)).toEqual([
      `card#${fingerprint(PEPPER, 'card-day', cardNumber, day)}`,
      `card#${fingerprint(OLDER_PEPPER, 'card-day', cardNumber, day)}`,
      `id#${fingerprint(PEPPER, 'id-day', idNumber, day)}`,
      `id#${fingerprint(OLDER_PEPPER, 'id-day', idNumber, day)}`,
      `provider-day#${day}#databao`,
      `caller-day#${day}#payouts`,
    ])
    expect(places.slice(0, 4).map(({ write }) => write.values?.[':keyId'])).toEqual([
      keyId(PEPPER),
      keyId(OLDER_PEPPER),
      keyId(PEPPER),
      keyId(OLDER_PEPPER),
    ])
    expect(written(sent, 'verification#')[0]?.values).toMatchObject({
      ':keyId': keyId(PEPPER),
      ':subject': subject,
    })
  })

  it('without an ID number or a reference has neither in its fingerprints', async () => {
    const two = { name, cardNumber }
    const elements = ['name', 'cardNumber'] as const
    const { verify, sent } = open({
      question: {
        operation: { provider: 'juhe', elements },
        request: { person: two, warnings: [] } as never,
        idempotencyKey: 'key-1',
      },
    })
    await verify()
    const asked = ['juhe', ...elements, name, '', cardNumber]
    expect(writes(sent)[0]?.write.values?.[':request']).toBe(
      fingerprint(PEPPER, 'request', ...asked, ''),
    )
    expect(writes(sent)[1]?.key.pk).toBe(
      `person#${fingerprint(PEPPER, 'person', 'payouts', ...asked)}`,
    )
    expect(written(sent, 'id#')).toEqual([])
    expect(written(sent, 'verification#')[0]?.values).not.toHaveProperty([':callerReference'])
  })

  it("tells how much of the provider's cap is used up, where somebody listens", async () => {
    const trace: CallTrace = {}
    const write = (_key: object, { onWritten }: { onWritten?: (item: Item) => void }) => {
      onWritten?.({ used: 150 })
      return true
    }
    await open({ question: { trace }, write }).verify()
    expect(trace).toEqual({ spendShare: 50 })
    await expect(open({ write }).verify()).resolves.toHaveProperty('verification')
  })
})

describe('an answer', () => {
  it.each<[string, ProviderAnswer, object]>([
    ['a match', match, { billedYes: 1, matches: 1 }],
    ['a mismatch', { verdict: 'mismatch', billable: 'no' }, { billedNo: 1, mismatches: 1 }],
    [
      'no verdict',
      { verdict: 'unverifiable', reason: 'declined', billable: 'unknown' },
      { unverifiable: 1 },
    ],
  ])('that is %s is counted, kept and returned', async (_what, answer, counted) => {
    const { verify, sent } = open({
      ask: async () => answer,
      question: { idempotencyKey: 'key-1' },
    })
    const { verification } = (await verify()) as { verification: object }
    const kept = JSON.stringify(verification)
    expect(verification).toMatchObject({ ...answer, reused: false })
    expect(counts(sent)).toEqual([{ asked: 1, reached: 1 }, counted])
    expect(written(sent, keyKey()).at(-1)?.values).toMatchObject({
      ':done': 'done',
      ':reply': kept,
    })
    expect(written(sent, personKey()).at(-1)).toMatchObject(
      answer.verdict === 'unverifiable'
        ? { update: 'REMOVE phase, holder DELETE unsettled :mine' }
        : { values: { ':answer': kept, ':at': NOW, ':sent': 'sent' } },
    )
    expect(written(sent, 'verification#').at(-1)?.values).toEqual({ ':answer': kept })
    const isCleared = answer.verdict !== 'mismatch'
    expect(
      written(sent, 'card#').map(({ update }) => update?.startsWith('DELETE suspects')),
    ).toEqual(isCleared ? [false, true] : [false])
  })

  it('is returned though nothing of it can be saved', async () => {
    let isAsked = false
    const { verify } = open({
      ask: async () => {
        isAsked = true
        return match
      },
      write: () => (isAsked ? new Error('down') : true),
    })
    await expect(verify()).resolves.toMatchObject({ verification: { verdict: 'match' } })
  })

  it.each([
    [5000, 4800],
    [900_000, 29_800],
    [100, 0],
  ])('is waited for to be saved, with %i ms left, for %i', async (leftMs, waitMs) => {
    let isAsked = false
    const { verify, table } = open({
      question: { remainingMs: () => leftMs },
      ask: async () => {
        isAsked = true
        return match
      },
    })
    const update = table.update.bind(table)
    const never = new Promise<boolean>(() => {})
    table.update = (...call) => (isAsked ? never : update(...call))
    let answered = false
    void verify().then(() => (answered = true))
    await vi.advanceTimersByTimeAsync(Math.max(0, waitMs - 1))
    expect(answered).toBe(waitMs === 0)
    await vi.advanceTimersByTimeAsync(1)
    expect(answered).toBe(true)
  })

  it('that is saved leaves no timer behind', async () => {
    await open().verify()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a failure', () => {
  const failing = (error: unknown, setup: Setup = {}) =>
    open({
      ...setup,
      ask: async () => {
        throw error
      },
      question: { idempotencyKey: 'key-1', ...setup.question },
    })
  const endOf = (sent: readonly Sent[], pk: string) => {
    const { removed, update, condition } = written(sent, pk).at(-1) ?? {}
    return removed ? `removed if ${condition}` : update
  }
  const KEPT = 'SET phase = :done, reply = :reply'
  const FREED = 'removed if holder = :me'
  const SETTLED = 'REMOVE phase, holder DELETE unsettled :mine'
  const ABANDONED = 'SET leaseUntil = :past'
  const unavailable = (fate: AppError['fate'], retryable?: boolean) =>
    new AppError('provider_error', retryable === undefined ? {} : { retryable }, fate)

  it.each<[string, unknown, string, string, boolean, object]>([
    ['that never left', unavailable('not_sent', false), FREED, SETTLED, true, { reached: -1 }],
    ['that was refused', unavailable('refused', false), KEPT, SETTLED, true, { billedNo: 1 }],
    ['refused for now', unavailable('refused', true), FREED, SETTLED, true, { billedNo: 1 }],
    ['that was answered', unavailable('answered', false), KEPT, SETTLED, false, { billedNo: 1 }],
    ['answered for now', unavailable('answered', true), FREED, SETTLED, false, { billedNo: 1 }],
    [
      'of nobody knows what',
      unavailable('unknown', false),
      KEPT,
      ABANDONED,
      false,
      { billedNo: 1 },
    ],
    [
      'unknown, though it may pass',
      unavailable('unknown', true),
      KEPT,
      ABANDONED,
      false,
      { billedNo: 1 },
    ],
  ])('%s ends what it held', async (_what, error, key, person, givesBack, counted) => {
    const { verify, sent } = failing(error)
    await expect(verify()).rejects.toBe(error)
    expect(endOf(sent, keyKey())).toBe(key)
    expect(endOf(sent, personKey())).toBe(person)
    const given = written(sent, 'provider-day#').some(({ update }) => update?.includes(':minusOne'))
    expect(given).toBe(givesBack)
    expect(counts(sent)).toEqual([{ asked: 1, reached: 1 }, counted])
    const isAnswered = (error as AppError).fate === 'answered'
    const cleared = written(sent, 'card#').some(({ update }) => update === 'DELETE suspects :mine')
    expect(cleared).toBe(isAnswered)
    expect(written(sent, 'verification#').at(-1)?.values).toEqual({
      ':problem': 'provider_error',
      ':billable': 'no',
      ':fate': (error as AppError).fate,
    })
  })

  it('is kept in the words of its reply, with what is known of it', async () => {
    const facts = { billable: 'unknown', providerReference: 'ref-1' } as const
    const { verify, sent } = failing(new AppError('provider_timeout', facts, 'unknown'))
    await expect(verify()).rejects.toMatchObject({ code: 'provider_timeout' })
    expect(written(sent, keyKey()).at(-1)?.values).toMatchObject({
      ':reply': 'reply of provider_timeout',
    })
    expect(written(sent, 'verification#').at(-1)?.values).toEqual({
      ':problem': 'provider_timeout',
      ':billable': 'unknown',
      ':fate': 'unknown',
      ':reference': 'ref-1',
    })
    // `unknown` is what reached the provider and is neither billed nor free.
    expect(counts(sent)).toEqual([{ asked: 1, reached: 1 }])
  })

  it('of our own counts as a call that may have run', async () => {
    const error = new TypeError('canary')
    const { verify, sent } = failing(error)
    await expect(verify()).rejects.toBe(error)
    expect(endOf(sent, personKey())).toBe(ABANDONED)
    expect(written(sent, 'verification#').at(-1)?.values).toEqual({
      ':problem': 'internal_error',
      ':billable': 'unknown',
      ':fate': 'unknown',
    })
    expect(written(sent, keyKey()).at(-1)?.values).toMatchObject({
      ':reply': 'reply of internal_error',
    })
  })

  const locks = (sent: readonly Sent[]) =>
    written(sent, 'card#').flatMap(({ values }) => values?.[':code'] ?? [])
  it.each<[string, AppError, unknown[]]>([
    ['locks the card', new AppError('card_locked', {}, 'answered'), ['card_locked']],
    ['locks the card', new AppError('too_many_attempts', {}, 'answered'), ['too_many_attempts']],
    ['locks none', new AppError('provider_error', {}, 'answered'), []],
    ['locks none', new AppError('card_locked', {}, 'refused'), []],
  ])('%s where that was the answer: %s', async (_what, error, locked) => {
    const { verify, sent } = failing(error)
    await expect(verify()).rejects.toBe(error)
    expect(locks(sent)).toEqual(locked)
  })

  it('locks the card on the day on which the answer comes', async () => {
    const { verify, sent } = open({
      ask: async () => {
        vi.setSystemTime(NOW + DAY_SECONDS * 1000)
        throw new AppError('card_locked', {}, 'answered')
      },
    })
    await expect(verify()).rejects.toThrow('card_locked')
    const print = fingerprint(PEPPER, 'card-day', cardNumber, '2026-11-23')
    expect(written(sent, `card#${print}`)).toHaveLength(1)
  })

  const pauses = (sent: readonly Sent[]) =>
    written(sent, 'provider-day#').flatMap(({ values }) => values?.[':until'] ?? [])
  it.each<[string, AppError, number, number[]]>([
    ['pauses', new AppError('provider_quota_exhausted', {}, 'refused'), 600, [NOW + 600_000]],
    ['pauses', new AppError('provider_credentials_rejected', {}, 'not_sent'), 1, [NOW + 1000]],
    ['does not pause', new AppError('provider_quota_exhausted', {}, 'refused'), 0, []],
    ['does not pause', new AppError('provider_quota_exhausted', {}, 'unknown'), 600, []],
    ['does not pause', new AppError('provider_error', {}, 'refused'), 600, []],
  ])('%s the provider: %s, for %i s', async (_what, error, pauseSeconds, until) => {
    const { verify, sent } = failing(error, { pauseSeconds })
    await expect(verify()).rejects.toBe(error)
    expect(pauses(sent)).toEqual(until)
  })
})

describe('a call that is not made', () => {
  it('because a place is taken gives its claims back and is counted as refused', async () => {
    const { verify, sent } = open({
      write: ({ pk }, { update }) => !(pk.startsWith('card#') && update?.startsWith('ADD')),
      question: { idempotencyKey: 'key-1' },
      ask: () => {
        throw new Error('asked')
      },
    })
    await expect(verify()).rejects.toMatchObject({ code: 'too_many_attempts' })
    expect(written(sent, keyKey()).at(-1)).toMatchObject({
      removed: true,
      condition: 'holder = :me AND phase = :reserved',
    })
    expect(written(sent, personKey()).at(-1)?.condition).toBe('holder = :me AND phase = :reserved')
    expect(counts(sent)).toEqual([{ asked: 1, refused: 1 }])
  })

  it.each<[string, boolean | Error, string]>([
    ['could not be marked', new AppError('ledger_unavailable'), 'ledger_unavailable'],
    ['could not be marked', new Error('down'), 'ledger_unavailable'],
    ['is held by another', false, 'verification_in_progress'],
  ])('because its claim %s undoes what it held: %s', async (_what, outcome, code) => {
    const { verify, sent } = open({
      write: ({ pk }, { update }) =>
        pk === personKey() && update?.startsWith('SET phase = :sent') ? outcome : true,
      ask: () => {
        throw new Error('asked')
      },
    })
    await expect(verify()).rejects.toMatchObject({ code, fate: 'not_sent' })
    expect(written(sent, personKey()).at(-1)).toMatchObject({
      update: 'REMOVE phase, holder DELETE unsettled :mine',
      condition: 'holder = :me',
    })
    expect(written(sent, 'provider-day#').at(-1)?.values).toEqual({ ':minusOne': -1 })
    expect(counts(sent)).toEqual([{ asked: 1, reached: 1 }, { reached: -1 }])
  })

  it('because its record could not be written is none', async () => {
    const { verify } = open({
      write: ({ pk }) => !pk.startsWith('verification#'),
      ask: () => {
        throw new Error('asked')
      },
    })
    await expect(verify()).rejects.toMatchObject({ code: 'verification_in_progress' })
  })

  const kept = { expiresAt: SECOND + 60 }
  it('because it is replied to as before is counted as replayed', async () => {
    const print = fingerprint(PEPPER, 'request', ...parts, 'order-1')
    const { verify, sent } = open({
      question: { idempotencyKey: 'key-1' },
      write: ({ pk }, { update }) => !(pk === keyKey() && update?.includes(':lease')),
      get: () => ({ ...kept, phase: 'done', requestPrint: print, reply: 'R' }),
    })
    expect(await verify()).toEqual({ replay: 'R' })
    expect(counts(sent)).toEqual([{ asked: 1, replayed: 1 }])
    expect(written(sent, 'provider-day#')).toEqual([])
  })

  it('because there is an answer is counted as reused, and kept under its key and id', async () => {
    const earlier = { verdict: 'match', billable: 'yes', id: 'id-0', reused: false, card: {} }
    const { verify, sent } = open({
      question: { idempotencyKey: 'key-1' },
      write: ({ pk }, { update }) => !(pk === personKey() && update?.includes(':lease')),
      get: () => ({ ...kept, answer: JSON.stringify(earlier), answeredAt: NOW }),
    })
    const { verification } = (await verify()) as { verification: { id: string; reused: boolean } }
    expect(verification).toMatchObject({ verdict: 'match', billable: 'no', reused: true })
    const reply = JSON.stringify(verification)
    expect(written(sent, keyKey()).at(-1)?.values).toMatchObject({ ':reply': reply })
    expect(written(sent, `verification#${verification.id}`)).toMatchObject([
      { values: { ':answer': reply, ':callerReference': 'payouts#order-1', ':askedAt': NOW } },
    ])
    expect(counts(sent)).toEqual([{ asked: 1, reused: 1 }])
    expect(written(sent, 'provider-day#')).toEqual([])
  })
})
