import { describe, expect, it } from 'vitest'
import {
  mismatching,
  openLedger,
  person,
  personOf,
  tableWith,
  travel,
  travelTo,
  twoElements,
} from './open-ledger.ts'

const { verify, dieReserved, hits, dump, table } = openLedger()

const HOUR_MS = 3600_000
const key = '8e03978e-40d5-43dd-bc93-6894a57f9324'

describe('an idempotency key', () => {
  it.each([
    ['a match', person(1)],
    ['a mismatch', mismatching(2)],
    ['an unverifiable person', personOf('unverifiable')],
    ['no record', personOf('databao-10016')],
    ['a match of two elements', twoElements(person(3))],
  ])('replays the answer of %s byte for byte', async (_, asked) => {
    const first = await verify({ ...asked, reference: 'payout-1' }, { key })
    const again = await verify({ ...asked, reference: 'payout-1' }, { key })

    expect(first.status).toBe(200)
    expect(first.headers).not.toHaveProperty('idempotency-replayed')
    expect(again.text).toBe(first.text)
    expect(again.status).toBe(200)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(hits()).toBe(1)
  })

  it.each([
    ['databao-10001', 'provider_rejected_input', 'unknown'],
    ['databao-10020', 'too_many_attempts', 'unknown'],
    ['databao-10002', 'provider_error', 'unknown'],
    ['gateway-b403mq', 'provider_quota_exhausted', 'no'],
    ['gateway-a403ip', 'provider_access_denied', 'no'],
    ['reset-before-answer', 'provider_error', 'unknown'],
    ['hang', 'provider_timeout', 'unknown'],
  ])('replays the problem of %s byte for byte', async (scenario, code, billable) => {
    const chinese = { 'accept-language': 'zh-CN' }
    travelTo('2026-11-22T12:00:00+08:00')
    const first = await verify(personOf(scenario), { key, headers: chinese })
    travelTo('2026-11-22T12:00:02+08:00')
    const again = await verify(personOf(scenario), { key })

    expect(first.body).toMatchObject({ code, billable, retryable: false })
    expect(again.text).toBe(first.text)
    expect(again.status).toBe(first.status)
    expect(again.headers['content-type']).toBe('application/problem+json')
    expect(again.headers['content-language']).toBe('zh')
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.body['requestId']).not.toBe(again.headers['x-request-id'])
    const waits = [first, again].map(({ headers }) => Number(headers['retry-after'] ?? NaN))
    expect(waits[1]).toEqual(Number.isNaN(waits[0]) ? NaN : (waits[0] ?? 0) - 2)
    expect(hits()).toBe(1)
  })

  it('tells of a wait that is over no more', async () => {
    await verify(personOf('gateway-b403mq'), { key })
    travel(11 * 60_000)
    const again = await verify(personOf('gateway-b403mq'), { key })

    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.headers).not.toHaveProperty('retry-after')
    expect(hits()).toBe(1)
  })

  it('shows the last four digits of the request, which the table does not hold', async () => {
    const cardNumber = '6299991739482650'
    await verify({ ...person(1), cardNumber }, { key })
    const again = await verify({ ...person(1), cardNumber }, { key })

    expect(again.body['card']).toMatchObject({ last4: '2650' })
    expect(JSON.stringify(await dump())).not.toMatch(/last4|2650"/)
    expect(hits()).toBe(1)
  })

  it.each([
    ['gateway-t429id', 'provider_throttled', 2],
    ['databao-10014', 'provider_unavailable', 1],
    ['gateway-d503bb', 'provider_unavailable', 2],
  ])('does not keep the retryable problem of %s', async (scenario, code, hitsOfOne) => {
    const first = await verify(personOf(scenario), { key })
    const again = await verify(personOf(scenario), { key })

    expect(first.body).toMatchObject({ code, retryable: true })
    expect(again.body).toMatchObject({ code, retryable: true })
    expect(again.headers).not.toHaveProperty('idempotency-replayed')
    expect(hits()).toBe(2 * hitsOfOne)
  })

  it.each([
    ['another name', { ...person(1), name: '李四' }],
    ['another card', { ...person(1), cardNumber: person(2).cardNumber }],
    ['another ID number', { ...person(1), idNumber: person(2).idNumber }],
    ['another reference', { ...person(1), reference: 'payout-2' }],
    ['another operation', twoElements(person(1))],
  ])('refuses %s', async (_, other) => {
    await verify(person(1), { key })
    const reused = await verify(other, { key })

    expect(reused.status).toBe(422)
    expect(reused.body).toMatchObject({ code: 'idempotency_key_reused', billable: 'no' })
    expect(reused.headers).not.toHaveProperty('idempotency-replayed')
    expect(hits()).toBe(1)
    expect((await verify(person(1), { key })).status).toBe(200)
    expect(hits()).toBe(1)
  })

  it('of one caller says nothing to another', async () => {
    const mine = await verify(person(1), { key, caller: 'payouts' })
    const theirs = await verify(mismatching(2), { key, caller: 'wallet' })
    const same = await verify(person(1), { key, caller: 'kyc' })

    expect([mine, theirs, same].map(({ status }) => status)).toEqual([200, 200, 200])
    expect(theirs.body['verdict']).toBe('mismatch')
    expect(hits()).toBe(3)
  })

  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['not ASCII', 'clé'],
    ['a control character', 'a\tb'],
  ])('is refused when it is %s', async (_, malformed) => {
    const { status, body } = await verify(person(1), { key: malformed })
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'invalid_idempotency_key', billable: 'no' })
    expect(hits()).toBe(0)
    expect(await dump()).toEqual([])
  })

  it('may be of 255 characters', async () => {
    const longest = { key: '~'.repeat(255) }
    await verify(person(1), longest)
    const again = await verify(person(1), longest)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(hits()).toBe(1)
  })

  it('is missed where the setting requires it', async () => {
    const without = await verify(person(1), { requireKey: true })
    expect(without.status).toBe(400)
    expect(without.body).toMatchObject({ code: 'idempotency_key_required', billable: 'no' })
    expect(hits()).toBe(0)
    expect((await verify(person(1), { requireKey: true, key })).status).toBe(200)
    expect(hits()).toBe(1)
  })

  it('replays what finishes while it waits', async () => {
    const ask = async <Answer>(askProvider: () => Promise<Answer>) => {
      const answer = await askProvider()
      await new Promise((resolve) => setTimeout(resolve, 400))
      return answer
    }
    const asked = Promise.all([
      verify(person(1), { key, ask }),
      verify(person(1), { key, ask }),
      verify(person(1), { key, ask }),
    ])
    const answers = await asked
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')
    expect(replayed).toHaveLength(2)
    expect(hits()).toBe(1)
  })

  it.each([
    ['waits up to 2 s for what is still running', 20_000, 1900, 2600],
    ['waits less where its own function is almost over', 1000, 400, 1000],
  ])('%s', async (_, remainingMs, least, most) => {
    const finish = Promise.withResolvers<void>()
    const running = verify(person(1), {
      key,
      ask: async (askProvider) => {
        const answer = await askProvider()
        await finish.promise
        return answer
      },
    })
    await expect.poll(hits).toBe(1)
    const start = performance.now()
    const waiting = await verify(person(1), { key, remainingMs })
    const elapsed = performance.now() - start
    finish.resolve()

    expect(waiting.status).toBe(409)
    expect(waiting.body).toMatchObject({ code: 'verification_in_progress', retryable: true })
    expect(waiting.headers['retry-after']).toBe('2')
    expect(elapsed).toBeGreaterThan(least)
    expect(elapsed).toBeLessThan(most)
    const first = await running
    expect((await verify(person(1), { key })).text).toBe(first.text)
    expect(hits()).toBe(1)
  })

  it('is kept for 24 hours', async () => {
    const options = { key, reuseSeconds: 0 }
    const first = await verify(person(1), options)
    travel(24 * HOUR_MS - 60_000)
    expect((await verify(person(1), options)).text).toBe(first.text)
    expect(hits()).toBe(1)

    travel(2 * 60_000)
    const later = await verify(person(1), options)
    expect(later.headers).not.toHaveProperty('idempotency-replayed')
    expect(hits()).toBe(2)
    expect((await verify(person(1), options)).text).toBe(later.text)
    expect(hits()).toBe(2)
  })

  it('may name another request after 24 hours', async () => {
    await verify(person(1), { key })
    travel(24 * HOUR_MS + 60_000)
    expect((await verify(person(2), { key })).status).toBe(200)
    expect((await verify(person(1), { key })).status).toBe(422)
    expect(hits()).toBe(2)
  })

  it('runs again after its owner died before sending', async () => {
    await dieReserved(person(1), { key })
    expect((await verify(person(1), { key })).status).toBe(200)
    expect(hits()).toBe(1)
  })
})

describe('a request that was refused before anything was sent', () => {
  const mended = person(1)
  const used = { caller: 'payouts', key }

  it.each([
    [
      'validation',
      422,
      (options: object) => verify({ ...mended, name: '' }, { ...used, ...options }),
    ],
    [
      'the guard of the card',
      429,
      async (options: object) => {
        await verify({ ...mended, name: '李四' }, { caller: 'wallet' })
        return verify(mended, { ...used, ...options, limits: { cardCalls: 1 } })
      },
    ],
    [
      'the guard of the ID number',
      429,
      async (options: object) => {
        await verify({ ...person(2), idNumber: mended.idNumber }, { caller: 'wallet' })
        return verify(mended, { ...used, ...options, limits: { idCalls: 1 } })
      },
    ],
    [
      'the cap of the provider',
      429,
      async (options: object) => {
        await verify(person(2), { caller: 'wallet' })
        return verify(mended, { ...used, ...options, limits: { providerCalls: 1 } })
      },
    ],
    [
      'the cap of the caller',
      429,
      async (options: object) => {
        await verify(person(2))
        return verify(mended, { ...used, ...options, limits: { callerCalls: 1 } })
      },
    ],
    [
      'a pause',
      503,
      async (options: object) => {
        await verify(personOf('gateway-b403mq'), { caller: 'wallet', pauseSeconds: 1 })
        return verify(mended, { ...used, ...options })
      },
    ],
  ])('by %s is not stored under its key', async (_, status, refuse) => {
    const refused = await refuse({})
    const hitsBefore = hits()
    expect(refused.status).toBe(status)
    expect(refused.body['billable']).toBe('no')

    travel(1500)
    const again = await verify(mended, used)
    expect(again.status).toBe(200)
    expect(again.headers).not.toHaveProperty('idempotency-replayed')
    expect(hits()).toBe(hitsBefore + 1)
  })

  it('leaves nothing behind that another request would meet', async () => {
    await verify(person(2))
    await verify(mended, { ...used, limits: { callerCalls: 1 } })
    const items = (await dump()).map(({ pk, phase }) => `${pk?.S} ${phase?.S ?? ''}`)
    expect(items.filter((item) => item.startsWith('key#'))).toEqual([])
    expect(items.filter((item) => /reserved|sent/.test(item))).toEqual([])
    expect(hits()).toBe(1)
  })
})

describe('a store that loses the held key', () => {
  it('keeps a slow attempt from sending what another one may be asking', async () => {
    const reserved = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const stalling = tableWith(table(), async (pk, apply, expression) => {
      if (!pk.startsWith('card#') || !expression.startsWith('ADD')) return apply()
      reserved.resolve()
      await goOn.promise
      return apply()
    })
    const stalled = verify(person(1), { key, table: stalling, remainingMs: 1000 })
    await reserved.promise
    travel(3500)
    expect((await verify(person(1), { key })).status).toBe(200)
    goOn.resolve()

    const late = await stalled
    expect(late.status).toBe(409)
    expect(late.body).toMatchObject({ code: 'verification_in_progress', billable: 'no' })
    expect(hits()).toBe(1)
    expect((await verify(person(1), { key })).headers['idempotency-replayed']).toBe('true')
    expect(hits()).toBe(1)
  })
})
