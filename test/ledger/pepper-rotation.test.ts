import { describe, expect, it } from 'vitest'
import { mismatching, nameOf, openLedger, person, personOf, travelTo } from './open-ledger.ts'

const { verify, dieAfterSending, hits } = openLedger()

const OLD = 'old-pepper-of-thirty-two-characters-or-more'
const NEW = 'new-pepper-of-thirty-two-characters-or-more'
const before = [OLD]
const during = [NEW, OLD]
const after = [NEW]
const key = '8e03978e-40d5-43dd-bc93-6894a57f9324'

describe('a rotation of the pepper', () => {
  const steps = [
    ['a function that has seen it', before, during],
    ['a function that has not seen it yet', during, before],
    ['a function that starts after it', during, after],
  ] as const

  it.each(steps)('leaves a key to %s', async (_, first, second) => {
    const answer = await verify(person(1), { key, peppers: first })
    const replayed = await verify(person(1), { key, peppers: second })
    expect(replayed.text).toBe(answer.text)
    expect(replayed.headers['idempotency-replayed']).toBe('true')
    expect((await verify(person(2), { key, peppers: second })).status).toBe(422)
    expect(hits()).toBe(1)
  })

  it.each(steps)('leaves a verdict to %s', async (_, first, second) => {
    const answer = await verify(person(1), { peppers: first })
    const reused = await verify(person(1), { peppers: second })
    expect(reused.body).toMatchObject({ reused: true, verifiedAt: answer.body['verifiedAt'] })
    // Under a new key too, which is then known to all.
    const keyed = await verify(person(1), { key, peppers: second })
    expect((await verify(person(1), { key, peppers: second })).text).toBe(keyed.text)
    expect(hits()).toBe(1)
  })

  it.each(steps)('leaves an unknown outcome to %s', async (_, first, second) => {
    await dieAfterSending(person(1), { key, peppers: first })
    for (const options of [{ key }, {}]) {
      const { body } = await verify(person(1), { ...options, peppers: second })
      expect(body).toMatchObject({ code: 'outcome_unknown' })
    }
    expect(hits()).toBe(1)
  })

  it('lets three of fifty wrong names through, whatever each function knows of it', async () => {
    travelTo('2026-11-22T12:00:00+08:00')
    const known = [before, during, during, before]
    for (let number = 0; number < 50; number++) {
      await verify(
        { ...mismatching(1), name: nameOf(number) },
        { peppers: known[number % 4] ?? after, limits: { cardCalls: 4, cardMismatches: 3 } },
      )
    }
    expect(hits()).toBe(3)
  })

  it('counts calls of an ID number on', async () => {
    const limits = { idCalls: 3 }
    for (let number = 0; number < 10; number++) {
      const asked = { ...person(number), idNumber: person(0).idNumber }
      await verify(asked, { limits, peppers: number % 2 === 0 ? before : during })
    }
    expect(hits()).toBe(3)
  })

  it.each(steps)("leaves a provider's lock to %s", async (_, first, second) => {
    const asked = personOf('databao-10020')
    await verify(asked, { peppers: first })
    expect((await verify({ ...asked, name: '李四' }, { peppers: second })).status).toBe(429)
    expect(hits()).toBe(1)
  })

  it.each([
    ['without keys', () => ({})],
    ['with one key', () => ({ key })],
    ['with keys of their own', (place: number) => ({ key: `key-${place}` })],
  ])('keeps functions apart that know more or less of it: %s', async (_, options) => {
    const known = [before, during]
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, place) =>
        verify(person(1), { ...options(place), peppers: known[place % 2] ?? after }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200))
    expect(hits()).toBe(1)
  })
})
