import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import {
  mismatching,
  openLedger,
  person,
  personOf,
  tableWith,
  travel,
  travelTo,
  twoElements,
} from '../ledger/open-ledger.ts'

const { verify, dieAfterSending, read, hits, table } = openLedger()

const DAY_MS = 86_400_000
const NOON = '2026-11-22T12:00:00+08:00'

const idsOf = (body: Record<string, unknown>) =>
  (body['verifications'] as { id: string }[]).map(({ id }) => id)

describe('getVerification', () => {
  it.each([
    ['a match', person(1)],
    ['a mismatch', mismatching(1)],
    ['no verdict', personOf('unverifiable')],
    ['two elements', twoElements(person(1))],
  ])('gives back what was answered, but the card: %s', async (_, asked) => {
    const { body } = await verify({ ...asked, reference: 'payout-1' })
    const found = await read('getVerification', { id: String(body['id']) })
    expect(found.status).toBe(200)
    expect(found.body).toEqual({ ...body, card: {} })
    expect(found.text).not.toContain(asked.name)
    expect(hits()).toBe(1)
  })

  it.each([
    ['another caller', 'wallet', (id: string) => id],
    ['an id that is nobody’s', 'payouts', () => '019a0000-0000-7000-8000-000000000000'],
    ['an id that is none', 'payouts', () => 'me'],
    ['a card number', 'payouts', () => '6299990000000017'],
  ])('finds nothing for %s', async (_, caller, idOf) => {
    const { body } = await verify(person(1), { caller: 'payouts' })
    const found = await read('getVerification', { caller, id: idOf(String(body['id'])) })
    expect(found).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(found.text).not.toContain('6299990000000017')
    expect(hits()).toBe(1)
  })

  it.each([
    undefined,
    '',
    '6299990000000017',
    '019a0000-0000-7000-8000-00000000000',
    '019a0000-0000-7000-8000-0000000000000',
    'x019a0000-0000-7000-8000-000000000000',
  ])('does not ask the table for %j', async (id) => {
    const untouched = tableWith(table(), (key) => Promise.reject(new Error(key)))
    const found = await read('getVerification', {
      table: untouched,
      ...(id !== undefined && { id }),
    })
    expect(found.status).toBe(404)
  })

  it('keeps its answers for RECORD_DAYS', async () => {
    const { body } = await verify(person(1), { recordDays: 2 })
    const id = String(body['id'])
    travel(2 * DAY_MS - 60_000)
    expect((await read('getVerification', { id })).status).toBe(200)
    travel(120_000)
    expect((await read('getVerification', { id })).status).toBe(404)
    expect(hits()).toBe(1)
  })

  it('has nothing of a call that ended in a problem', async () => {
    await verify({ ...personOf('databao-10001'), reference: 'payout-1' })
    const { body } = await read('listVerifications', { query: { reference: 'payout-1' } })
    expect(body).toEqual({ verifications: [] })
    expect(hits()).toBe(1)
  })
})

describe('listVerifications', () => {
  it('gives a caller its own, newest first, a page at a time', async () => {
    const ids: string[] = []
    for (let number = 0; number < 5; number++) {
      const { body } = await verify({ ...person(number), reference: 'payout-1' })
      ids.unshift(String(body['id']))
      travel(1000)
    }
    await verify({ ...person(1), reference: 'payout-1' }, { caller: 'wallet' })
    await verify({ ...person(6), reference: 'payout-2' })

    const query = { reference: 'payout-1', limit: '2' }
    const pages = []
    for (let cursor: unknown; pages.length < 4;) {
      const page = await read('listVerifications', {
        query: typeof cursor === 'string' ? { ...query, cursor } : query,
      })
      expect(page.status).toBe(200)
      pages.push(idsOf(page.body))
      cursor = page.body['cursor']
      if (cursor === undefined) break
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    const whole = await read('listVerifications', { query: { reference: 'payout-1' } })
    expect(idsOf(whole.body)).toEqual(ids)
    expect(whole.text).not.toMatch(/last4|张三/)
    expect(hits()).toBe(7)
  })

  it.each(['1', '9', '10', '42', '99', '100'])('takes %s as a limit', async (limit) => {
    const { status } = await read('listVerifications', { query: { reference: 'payout-1', limit } })
    expect(status).toBe(200)
  })

  it('names a reused answer under the reference of the later request', async () => {
    await verify({ ...person(1), reference: 'payout-1' })
    const { body } = await verify({ ...person(1), reference: 'payout-2' })
    const found = await read('listVerifications', { query: { reference: 'payout-2' } })
    expect(idsOf(found.body)).toEqual([body['id']])
    expect(hits()).toBe(1)
  })

  it('passes over what ended in a problem', async () => {
    const reference = 'payout-1'
    const { body } = await verify({ ...person(1), reference })
    await verify({ ...personOf('databao-10001'), reference })
    const found = await read('listVerifications', { query: { reference } })
    expect(idsOf(found.body)).toEqual([body['id']])
    expect(hits()).toBe(2)
  })

  it.each([
    [{}, [{ parameter: 'reference', code: 'required' }]],
    [{ reference: '' }, [{ parameter: 'reference', code: 'format' }]],
    [{ reference: 'a b' }, [{ parameter: 'reference', code: 'format' }]],
    [{ reference: 'a#b' }, [{ parameter: 'reference', code: 'format' }]],
    [{ reference: 'a', limit: '0' }, [{ parameter: 'limit', code: 'format' }]],
    [{ reference: 'a', limit: '101' }, [{ parameter: 'limit', code: 'format' }]],
    [{ reference: 'a', limit: '05' }, [{ parameter: 'limit', code: 'format' }]],
    [{ reference: 'a', limit: '1x' }, [{ parameter: 'limit', code: 'format' }]],
    [{ reference: 'a', cursor: 'b' }, [{ parameter: 'cursor', code: 'format' }]],
    [{ reference: 'a', '6299990000000017': '' }, [{ parameter: '', code: 'unknown_field' }]],
    [
      { limit: 'x', cursor: 'y' },
      [
        { parameter: 'reference', code: 'required' },
        { parameter: 'limit', code: 'format' },
        { parameter: 'cursor', code: 'format' },
      ],
    ],
  ])('refuses %j', async (query, errors) => {
    const refused = await read('listVerifications', { query })
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed', errors } })
    expect(refused.text).not.toContain('6299990000000017')
  })
})

describe('getUsage', () => {
  const line = (provider: string, caller: string, counts: object) => ({
    day: '2026-11-22',
    provider,
    caller: `iam:arn:aws:iam::111122223333:role/${caller}`,
    asked: 0,
    reached: 0,
    reused: 0,
    replayed: 0,
    refused: 0,
    ...counts,
  })

  it('adds up a mixed day by provider and caller', async () => {
    travelTo(NOON)
    await verify(person(1), { key: 'a' })
    await verify(person(1), { key: 'a' })
    await verify(person(1))
    await verify(mismatching(1))
    await verify(personOf('unverifiable'))
    await verify({ ...mismatching(1), name: '李四' }, { limits: { cardCalls: 1 } })
    await verify(personOf('reset-before-answer'))
    await verify(personOf('gateway-a403ip'))
    await verify({ ...person(1), name: '' })
    await dieAfterSending(person(2))
    await verify(twoElements(personOf('unverifiable')))
    await verify(person(3), { caller: 'wallet' })
    await verify(person(4), {
      caller: 'wallet',
      ask: () => Promise.reject(new Error('no such thing')),
    })

    const { status, body } = await read('getUsage', {
      query: { from: '2026-11-22', to: '2026-11-22' },
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      from: '2026-11-22',
      to: '2026-11-22',
      usage: [
        line('databao', 'payouts', {
          asked: 9,
          reached: 6,
          reused: 1,
          replayed: 1,
          refused: 1,
          billed: { yes: 2, no: 1, unknown: 3 },
          verdicts: { match: 1, mismatch: 1, unverifiable: 1 },
        }),
        line('databao', 'wallet', {
          asked: 2,
          reached: 2,
          billed: { yes: 1, no: 0, unknown: 1 },
          verdicts: { match: 1, mismatch: 0, unverifiable: 0 },
        }),
        line('juhe', 'payouts', {
          asked: 1,
          reached: 1,
          billed: { yes: 0, no: 1, unknown: 0 },
          verdicts: { match: 0, mismatch: 0, unverifiable: 1 },
        }),
      ],
    })
    expect(hits()).toBe(8)
  })

  it('does not count as reached what was never sent', async () => {
    travelTo(NOON)
    const ask = () => Promise.reject(new AppError('provider_unavailable'))
    await verify(person(1), { ask })
    const { body } = await read('getUsage', { query: { from: '2026-11-22', to: '2026-11-22' } })
    expect(body['usage']).toMatchObject([
      { asked: 1, reached: 0, billed: { yes: 0, no: 0, unknown: 0 } },
    ])
    expect(hits()).toBe(0)
  })

  it('goes by Shanghai days, over months', async () => {
    for (const [number, time] of [
      '2026-10-30T23:59:59+08:00',
      '2026-10-31T00:00:00+08:00',
      '2026-11-15T12:00:00+08:00',
      '2026-12-01T23:59:59+08:00',
      '2026-12-02T00:00:00+08:00',
    ].entries()) {
      travelTo(time)
      await verify(person(number))
    }
    const { body } = await read('getUsage', { query: { from: '2026-10-31', to: '2026-12-01' } })
    const days = (body['usage'] as { day: string }[]).map(({ day }) => day)
    expect(days).toEqual(['2026-10-31', '2026-11-15', '2026-12-01'])
    expect(hits()).toBe(5)
  })

  it.each([
    ['2026-01-01', '2026-04-02', 200],
    ['2026-01-01', '2026-04-03', 422, [{ parameter: 'to', code: 'length' }]],
    ['2026-01-02', '2026-01-01', 422, [{ parameter: 'to', code: 'format' }]],
    ['2026-02-30', '2026-03-05', 422, [{ parameter: 'from', code: 'format' }]],
    ['2026-03-05', '2026-02-30', 422, [{ parameter: 'to', code: 'format' }]],
    ['2026-1-1', '2026-03-01', 422, [{ parameter: 'from', code: 'format' }]],
    [
      '2026-02-31',
      'today',
      422,
      [
        { parameter: 'to', code: 'format' },
        { parameter: 'from', code: 'format' },
      ],
    ],
  ] as const)('answers from %s to %s with %i', async (from, to, status, errors?: object) => {
    const found = await read('getUsage', { query: { from, to } })
    expect(found.status).toBe(status)
    expect(found.body['errors']).toEqual(errors)
  })

  it('asks for both ends', async () => {
    const { body } = await read('getUsage', { query: {} })
    expect(body['errors']).toEqual([
      { parameter: 'from', code: 'required' },
      { parameter: 'to', code: 'required' },
    ])
  })
})
