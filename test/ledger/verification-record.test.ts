import { describe, expect, it } from 'vitest'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import {
  findAnswer,
  listAnswers,
  recordAnswer,
  recordProblem,
  recordSent,
} from '../../lib/ledger/verification-record.ts'
import { scriptedTable } from './scripted-table.ts'

const ASKED_AT = Date.parse('2026-11-22T12:00:00.700+08:00')
const key = { pk: 'verification#id-1', sk: 'id-1' }
const record = {
  id: 'id-1',
  caller: 'payouts',
  provider: 'databao',
  reference: undefined,
  subject: 'card-1',
  keyId: 'pepper-1',
  askedAt: ASKED_AT,
  keptDays: 180,
}
const values = {
  ':caller': 'payouts',
  ':provider': 'databao',
  ':askedAt': ASKED_AT,
  ':subject': 'card-1',
  ':keyId': 'pepper-1',
  ':expires': Math.floor(ASKED_AT / 1000) + 180 * 86_400,
}
const SET =
  'SET caller = :caller, provider = :provider, askedAt = :askedAt, subject = :subject, keyId = :keyId, expiresAt = :expires'

describe('a record', () => {
  it('has what is known of a call before it is made', async () => {
    const table = scriptedTable()
    await recordSent(table, record)
    await recordSent(table, { ...record, reference: 'order-1' }, '{"verdict":"match"}')
    expect(table.sent).toStrictEqual([
      { operation: 'update', key, write: { update: SET, values } },
      {
        operation: 'update',
        key,
        write: {
          update: `${SET}, callerReference = :callerReference, answer = :answer`,
          values: {
            ...values,
            ':callerReference': 'payouts#order-1',
            ':answer': '{"verdict":"match"}',
          },
        },
      },
    ])
  })

  it('that is gone does not come back with its outcome', async () => {
    const table = scriptedTable()
    await recordAnswer(table, 'id-1', '{}')
    const problem = { code: 'provider_error', billable: 'unknown', fate: 'unknown' }
    await recordProblem(table, 'id-1', { ...problem, providerReference: undefined })
    await recordProblem(table, 'id-1', { ...problem, providerReference: 'ref-1' })
    const condition = 'attribute_exists(pk)'
    const told = { ':problem': 'provider_error', ':billable': 'unknown', ':fate': 'unknown' }
    const update = 'SET problem = :problem, billable = :billable, fate = :fate'
    expect(table.sent.map((sent) => ('write' in sent ? sent.write : sent))).toStrictEqual([
      { update: 'SET answer = :answer', condition, values: { ':answer': '{}' } },
      { update, condition, values: told },
      {
        update: `${update}, providerReference = :reference`,
        condition,
        values: { ...told, ':reference': 'ref-1' },
      },
    ])
  })
})

describe('an answer', () => {
  const kept = { caller: 'payouts', answer: '{"verdict":"match"}', expiresAt: 1000 }
  it.each<[string, Item | undefined, number, string | undefined]>([
    ['of its caller', kept, 999_999, kept.answer],
    ['in its last millisecond', kept, 1_000_000, kept.answer],
    ['past its time', kept, 1_000_001, undefined],
    ['of another', { ...kept, caller: 'payouts2' }, 0, undefined],
    ['that is not there yet', { ...kept, answer: undefined }, 0, undefined],
    ['of nothing', undefined, 0, undefined],
  ])('%s: %j at %i is %j', async (_what, item, now, expected) => {
    const table = scriptedTable({ get: () => item })
    expect(await findAnswer(table, 'payouts', 'id-1', now)).toBe(expected)
    expect(table.sent).toStrictEqual([{ operation: 'get', key }])
  })
})

describe('answers of one reference', () => {
  const items = ['c', 'b', 'a'].map((sk) => ({ sk, answer: `{"id":"${sk}"}`, expiresAt: 1000 }))
  const query = { caller: 'payouts', reference: 'order-1', limit: 3, after: undefined }
  const asked = {
    index: 'byReference',
    partition: ['callerReference', 'payouts#order-1'],
    newestFirst: true,
    limit: 3,
  }

  it('are those of its caller, newest first, and more where the page is full', async () => {
    const table = scriptedTable({ query: () => items })
    expect(await listAnswers(table, query, 0)).toEqual({
      answers: ['{"id":"c"}', '{"id":"b"}', '{"id":"a"}'],
      next: 'a',
    })
    expect(table.sent).toStrictEqual([{ operation: 'query', query: asked }])
  })

  it('go on behind the last one', async () => {
    const table = scriptedTable({ query: () => items.slice(0, 2) })
    const page = await listAnswers(table, { ...query, after: 'd' }, 0)
    expect(page).toEqual({ answers: ['{"id":"c"}', '{"id":"b"}'], next: undefined })
    const after = { pk: 'verification#d', sk: 'd', callerReference: 'payouts#order-1' }
    expect(table.sent).toStrictEqual([{ operation: 'query', query: { ...asked, after } }])
  })

  it('are none where there is none', async () => {
    expect(await listAnswers(scriptedTable(), query, 0)).toEqual({ answers: [], next: undefined })
  })

  it('leave out what is gone or without an answer, and go on behind it', async () => {
    const some = [items[0]!, { ...items[1]!, expiresAt: 1 }, { sk: 'a', expiresAt: 1000 }]
    const table = scriptedTable({ query: () => some })
    expect(await listAnswers(table, query, 2000)).toEqual({ answers: ['{"id":"c"}'], next: 'a' })
  })
})
