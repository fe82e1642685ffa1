import { describe, expect, it } from 'vitest'
import {
  mismatching,
  nameOf,
  openLedger,
  person,
  personOf,
  travel,
  twoElements,
} from './open-ledger.ts'

const { verify, read, hits } = openLedger()

const key = '8e03978e-40d5-43dd-bc93-6894a57f9324'

describe('an earlier verdict', () => {
  it.each([
    ['match', person(1)],
    ['mismatch', mismatching(2)],
    ['match', twoElements(person(3))],
    ['mismatch', twoElements(mismatching(4))],
  ])('serves the same question again: %s', async (verdict, asked) => {
    const first = await verify({ ...asked, reference: 'payout-1' })
    travel(60_000)
    const again = await verify({ ...asked, reference: 'payout-2' })

    expect(first.body).toMatchObject({ verdict, billable: 'yes', reused: false })
    expect(again.body).toEqual({
      ...first.body,
      id: again.body['id'],
      billable: 'no',
      reused: true,
      reference: 'payout-2',
    })
    expect(again.body['id']).not.toBe(first.body['id'])
    expect(again.status).toBe(200)
    expect(again.headers).not.toHaveProperty('idempotency-replayed')
    expect(hits()).toBe(1)
  })

  it('carries no reference that the later request did not have', async () => {
    await verify({ ...person(1), reference: 'payout-1' })
    const again = await verify(person(1))
    expect(again.body).toMatchObject({ reused: true })
    expect(again.body).not.toHaveProperty('reference')
    expect(hits()).toBe(1)
  })

  it('serves the same values in another spelling', async () => {
    const asked = person(1)
    await verify(asked)
    const spaced = asked.cardNumber.replace(/(....)/g, '$1 ')
    const again = await verify({ ...asked, name: ' 张 三 ', cardNumber: spaced })
    expect(again.body).toMatchObject({ reused: true })
    expect(hits()).toBe(1)
  })

  it.each(['unverifiable', 'databao-10016', 'databao-10001', 'databao-10004'])(
    'is none where the provider gave no verdict: %s',
    async (scenario) => {
      await verify(personOf(scenario))
      const again = await verify(personOf(scenario))
      expect(again.body['reused'] ?? false).toBe(false)
      expect(hits()).toBe(2)
    },
  )

  it.each([
    ['another caller', person(1), { caller: 'wallet' }],
    ['another name', { ...person(1), name: '李四' }, {}],
    ['another ID number', { ...person(1), idNumber: person(2).idNumber }, {}],
    ['another card', { ...person(1), cardNumber: person(2).cardNumber }, {}],
    ['two elements', twoElements(person(1)), {}],
  ])('does not serve %s', async (_, asked, options) => {
    await verify(person(1))
    expect((await verify(asked, options)).body).toMatchObject({ reused: false })
    expect(hits()).toBe(2)
  })

  it('serves for REUSE_SECONDS', async () => {
    const options = { reuseSeconds: 600 }
    await verify(person(1), options)
    travel(590_000)
    expect((await verify(person(1), options)).body).toMatchObject({ reused: true })
    expect(hits()).toBe(1)
    // Not since it was last reused, but since the provider gave it.
    travel(20_000)
    expect((await verify(person(1), options)).body).toMatchObject({ reused: false })
    expect(hits()).toBe(2)
  })

  it('serves beyond a day where the setting says so', async () => {
    const options = { reuseSeconds: 7 * 86_400 }
    await verify(person(1), options)
    travel(6 * 86_400_000)
    expect((await verify(person(1), options)).body).toMatchObject({ reused: true })
    expect(hits()).toBe(1)
  })

  it('serves nobody where REUSE_SECONDS is 0', async () => {
    await verify(person(1), { reuseSeconds: 0 })
    expect((await verify(person(1), { reuseSeconds: 0 })).body).toMatchObject({ reused: false })
    expect(hits()).toBe(2)
  })

  it('is asked anew with no-cache, and the new one serves from then on', async () => {
    const first = await verify(person(1))
    const anew = await verify(person(1), { noCache: true })
    const again = await verify(person(1))
    expect(anew.body).toMatchObject({ reused: false, billable: 'yes' })
    expect(again.body).toMatchObject({
      reused: true,
      providerReference: anew.body['providerReference'],
    })
    expect(first.body['providerReference']).not.toBe(anew.body['providerReference'])
    expect(hits()).toBe(2)
  })

  it.each([
    ['the guard', { limits: { cardCalls: 1 } }, 429],
    ['the cap', { limits: { providerCalls: 1 } }, 429],
  ])('outlives a no-cache that %s refuses', async (_, options, status) => {
    const first = await verify(person(1))
    const refused = await verify(person(1), { ...options, noCache: true })
    expect(refused.status).toBe(status)
    const again = await verify(person(1))
    expect(again.body).toMatchObject({ reused: true, verifiedAt: first.body['verifiedAt'] })
    expect(hits()).toBe(1)
  })

  it('serves a new key, and is replayed under it', async () => {
    await verify(person(1))
    const reused = await verify(person(1), { key })
    const replayed = await verify(person(1), { key, reuseSeconds: 0, noCache: true })
    expect(reused.body).toMatchObject({ reused: true })
    expect(replayed.text).toBe(reused.text)
    expect(replayed.headers['idempotency-replayed']).toBe('true')
    expect(hits()).toBe(1)
  })

  it('can be fetched by the id of whoever it served', async () => {
    const first = await verify({ ...person(1), reference: 'payout-1' })
    const reused = await verify({ ...person(1), reference: 'payout-2' })
    for (const { body } of [first, reused]) {
      const found = await read('getVerification', { id: String(body['id']) })
      expect({ ...found.body, card: {} }).toEqual({ ...body, card: {} })
    }
    expect(hits()).toBe(1)
  })

  it('serves all who ask while the first of them is running', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(person(1))))
    const reused = answers.filter(({ body }) => body['reused'])
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(reused).toHaveLength(19)
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(20)
    expect(hits()).toBe(1)
  })

  it('serves many names that each ask at once under keys of their own', async () => {
    const people = Array.from({ length: 10 }, (_, n) => ({ ...person(n), name: nameOf(n) }))
    await Promise.all(
      people.flatMap((asked, n) =>
        ['a', 'b', 'c'].map((letter) => verify(asked, { key: `${letter}-${n}` })),
      ),
    )
    expect(hits()).toBe(10)
  })
})
