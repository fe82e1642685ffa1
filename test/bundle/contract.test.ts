import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { sendReply, startLoopbackServer } from '../simulators/loopback-server.ts'
import { scenarioCard } from '../simulators/scenarios.ts'
import {
  asPayloadV1,
  getEvent,
  inBase64,
  payouts,
  payoutsElsewhere,
  postEvent,
  refunds,
} from './api-event.ts'
import { type Artifact, packageArtifact } from './artifact.ts'
import { type Answer, type Bench, openBench } from './bench.ts'
import { expectAnswer, problemTable } from './contract.ts'

const name = '欧阳小明'
const idNumber = '110101190001010022'
const match = scenarioCard(1)
const mismatch = scenarioCard(2)
const slowMatch = scenarioCard(51)
const hang = scenarioCard(52)
const person = { name, idNumber, cardNumber: match }
const { idNumber: _, ...pair } = person
const secrets = { name, idNumber, match, mismatch, slowMatch, hang }

let artifact: Artifact
let bench: Bench

beforeAll(async () => {
  artifact = await packageArtifact()
}, 120_000)
afterAll(() => artifact?.remove())

beforeEach(async () => {
  bench = await openBench(artifact)
})
afterEach(async () => {
  await bench.close(secrets)
})

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })
const anew = { headers: { 'cache-control': 'no-cache' } }

const problem = (code: string, facts: object = {}) =>
  expect.objectContaining({
    status: problemTable[code]?.[0],
    body: expect.objectContaining({ code, ...facts }),
  })

describe('a verification', () => {
  it('is answered as the contract has it, for either payload and in base64', async () => {
    const three = await bench.start('verifyThreeElement')
    const two = await bench.start('verifyTwoElement')
    const body = { ...person, reference: 'payout-8841' }
    const asked = [
      await three.ask(postEvent('three-element', body)),
      await three.ask(asPayloadV1(postEvent('three-element', body, anew))),
      await three.ask(inBase64(postEvent('three-element', body, anew))),
      await two.ask(postEvent('two-element', pair)),
    ]
    for (const { status, body } of asked) {
      expect(status).toBe(200)
      expectAnswer(body)
    }
    const [answer, ...again] = asked
    expect(answer?.body).toMatchObject({
      verdict: 'match',
      elements: ['name', 'idNumber', 'cardNumber'],
      provider: 'databao',
      billable: 'yes',
      reused: false,
      card: { last4: match.slice(-4) },
      warnings: [{ pointer: '/cardNumber', code: 'bin_unknown' }],
      reference: 'payout-8841',
    })
    expect(again.at(-1)?.body).toMatchObject({ elements: ['name', 'cardNumber'], provider: 'juhe' })
    expect(bench.hits).toBe(4)
  })

  it('is refused before it reaches a provider or the table', async () => {
    const refused = [
      ['malformed_json', postEvent('two-element', '{"name":')],
      ['malformed_json', postEvent('two-element', '[]')],
      ['malformed_json', { ...postEvent('two-element', '!'), isBase64Encoded: true }],
      ['malformed_json', { ...postEvent('two-element', '/w=='), isBase64Encoded: true }],
      [
        'unsupported_media_type',
        postEvent('two-element', pair, { headers: { 'content-type': 'text/plain' } }),
      ],
      ['payload_too_large', postEvent('two-element', { ...pair, reference: 'x'.repeat(8192) })],
      ['validation_failed', postEvent('two-element', person)],
      ['validation_failed', postEvent('two-element', { ...pair, [match]: name })],
      ['validation_failed', postEvent('two-element', { ...pair, reference: match })],
      ['validation_failed', postEvent('two-element', { ...pair, cardNumber: Number(match) })],
      ['invalid_idempotency_key', postEvent('two-element', pair, keyed(name))],
      ['invalid_idempotency_key', postEvent('two-element', pair, keyed(''))],
      ['invalid_idempotency_key', postEvent('two-element', pair, keyed('k'.repeat(256)))],
      ['unauthenticated', postEvent('two-element', pair, { caller: null })],
      ['unauthenticated', {}],
    ] as const
    const two = await bench.start('verifyTwoElement')
    const answers: Answer[] = []
    for (const [, event] of refused) answers.push(await two.ask(event))
    expect(answers).toEqual(refused.map(([code]) => problem(code, { billable: 'no' })))
    expect(bench.hits).toBe(0)
    expect(await bench.dynamoDb.dump()).toEqual([])
  })
})

describe('a request without a caller', () => {
  it('is 401 at every function, and reaches nothing', async () => {
    const nobody = { caller: null }
    const functions = [
      ['verifyThreeElement', postEvent('three-element', person, nobody)],
      ['verifyTwoElement', postEvent('two-element', pair, nobody)],
      ['getVerification', getEvent('/v1/verifications/x', { ...nobody, id: 'x' })],
      ['listVerifications', getEvent('/v1/verifications', nobody)],
      ['getUsage', getEvent('/v1/usage', nobody)],
    ] as const
    for (const [fn, event] of functions) {
      const started = await bench.start(fn)
      const forged = { ...event, headers: { ...event.headers, 'x-amzn-caller': payouts } }
      for (const sent of [event, forged, asPayloadV1(event)]) {
        expect(await started.ask(sent)).toEqual(problem('unauthenticated', { billable: 'no' }))
      }
    }
    expect(bench.hits).toBe(0)
    expect(await bench.dynamoDb.dump()).toEqual([])
  })
})

describe('an idempotency key', () => {
  it('is replayed by another process word for word, without a second hit', async () => {
    const [one, other] = [
      await bench.start('verifyTwoElement'),
      await bench.start('verifyTwoElement'),
    ]
    const event = () => postEvent('two-element', pair, keyed('payout 8841'))
    const first = await one.ask(event())
    const replayed = await other.ask({ ...event() })
    expect(JSON.stringify(replayed.body)).toBe(JSON.stringify(first.body))
    expect(first.headers).not.toHaveProperty('idempotency-replayed')
    expect(replayed.headers).toMatchObject({ 'idempotency-replayed': 'true' })

    const changed = { ...pair, reference: 'payout-8842' }
    expect(await other.ask(postEvent('two-element', changed, keyed('payout 8841')))).toEqual(
      problem('idempotency_key_reused', { billable: 'no' }),
    )
    expect(bench.hits).toBe(1)

    await other.ask(postEvent('two-element', pair, { ...keyed('payout 8841'), caller: refunds }))
    expect(bench.hits).toBe(2)
  })

  it('replays a problem that is not retryable, and lets a retryable one run again', async () => {
    const two = await bench.start('verifyTwoElement')
    const ask = (number: number) =>
      two.ask(
        postEvent('two-element', { name, cardNumber: scenarioCard(number) }, keyed(`k${number}`)),
      )
    const [broken, replayed] = [await ask(56), await ask(56)]
    expect(replayed).toEqual({
      ...broken,
      headers: { ...replayed.headers, 'idempotency-replayed': 'true' },
    })
    expect(broken).toEqual(problem('provider_error', { billable: 'unknown' }))
    expect(bench.hits).toBe(1)

    expect(await ask(218801)).toEqual(problem('provider_timeout', { retryable: true }))
    expect(await ask(218801)).toEqual(problem('provider_timeout', { retryable: true }))
    expect(bench.hits).toBe(3)
  })

  it('may be a card number, of which nothing is kept', async () => {
    const two = await bench.start('verifyTwoElement')
    for (const key of [match, `${name.length} ${match.slice(0, 12)} ${match.slice(12)}`]) {
      expect((await two.ask(postEvent('two-element', pair, keyed(key)))).status).toBe(200)
    }
  })

  it('is required where the setting says so', async () => {
    const two = await bench.start('verifyTwoElement', { REQUIRE_IDEMPOTENCY_KEY: 'true' })
    expect(await two.ask(postEvent('two-element', pair))).toEqual(
      problem('idempotency_key_required', { billable: 'no' }),
    )
    expect(bench.hits).toBe(0)
  })

  it('of a call that died with its process is in progress, then of unknown outcome', async () => {
    const dying = await bench.start('verifyTwoElement')
    const heir = await bench.start('verifyTwoElement', { PROVIDER_TIMEOUT_MS: '300' })
    const event = (options: { headers: Record<string, string> } = keyed('k1')) =>
      postEvent('two-element', { name, cardNumber: hang }, options)
    const lost = dying.process.invoke(event(), { remainingMs: 2000 }).catch(() => 'lost')
    await vi.waitFor(() => expect(bench.hits).toBe(1), { interval: 5, timeout: 10_000 })
    const sentAt = Date.now()
    await dying.process.kill()
    expect(await lost).toBe('lost')

    expect(await heir.ask(event())).toEqual(problem('verification_in_progress'))
    // Its own two seconds, and two more for clocks that differ.
    await sleep(sentAt + 4050 - Date.now())
    const unknown = problem('outcome_unknown', { billable: 'unknown', retryable: false })
    expect(await heir.ask(event())).toEqual(unknown)
    expect(await heir.ask(event({ headers: {} }))).toEqual(unknown)
    expect(bench.hits).toBe(1)

    expect(await heir.ask(event(keyed('k2')))).toEqual(
      problem('provider_timeout', { billable: 'unknown' }),
    )
    expect(bench.hits).toBe(2)
  })
})

describe('an earlier verdict', () => {
  it('serves the same caller in another process, session and spelling, and nobody else', async () => {
    const [one, other] = [
      await bench.start('verifyTwoElement'),
      await bench.start('verifyTwoElement'),
    ]
    const first = await one.ask(postEvent('two-element', { ...pair, reference: 'payout-1' }))
    const spelt = { name: '欧阳 小明', cardNumber: match.replaceAll(/.{4}/g, '$& ') }
    const reused = await other.ask(postEvent('two-element', spelt, { caller: payoutsElsewhere }))
    expect(reused.body).toEqual({
      ...first.body,
      id: expect.not.stringMatching(String(first.body.id)),
      reused: true,
      billable: 'no',
      reference: undefined,
    })
    expect(bench.hits).toBe(1)

    const others = await other.ask(postEvent('two-element', pair, { caller: refunds }))
    expect(others.body).toMatchObject({ reused: false, billable: 'yes' })
    expect((await other.ask(postEvent('two-element', pair, anew))).body).toMatchObject({
      reused: false,
    })
    expect(bench.hits).toBe(3)
  })

  it('serves two processes that ask at once with one hit', async () => {
    const two = await Promise.all([
      bench.start('verifyTwoElement'),
      bench.start('verifyTwoElement'),
    ])
    const event = postEvent('two-element', { name, cardNumber: slowMatch })
    const answers = await Promise.all(two.map((started) => started.ask(event)))
    expect(new Set(answers.map(({ body }) => body['reused']))).toEqual(new Set([false, true]))
    expect(bench.hits).toBe(1)
  })
})

describe('the guards', () => {
  it('stop guessing at a card after three mismatches, whoever asks', async () => {
    const two = await bench.start('verifyTwoElement')
    const guess = (guessed: string, caller = payouts) =>
      two.ask(postEvent('two-element', { name: guessed, cardNumber: mismatch }, { caller }))
    for (const guessed of ['张三', '李四', '王五']) {
      expect((await guess(guessed)).body).toMatchObject({ verdict: 'mismatch' })
    }
    const refused = problem('too_many_attempts', { billable: 'no' })
    expect(await guess('赵六')).toEqual(refused)
    expect(await guess('赵六', refunds)).toEqual(refused)
    expect((await guess('张三')).body).toMatchObject({ reused: true })
    expect(bench.hits).toBe(3)
  })

  it('remember a lock that a provider reported', async () => {
    const two = await bench.start('verifyTwoElement')
    const ask = (asked: string) =>
      two.ask(postEvent('two-element', { name: asked, cardNumber: scenarioCard(218866) }))
    expect(await ask('张三')).toEqual(problem('card_locked', { provider: 'juhe' }))
    expect(await ask('李四')).toEqual(problem('card_locked', { billable: 'no' }))
    expect(bench.hits).toBe(1)
  })

  it.each(['PROVIDER_DAILY_LIMIT', 'CALLER_DAILY_LIMIT'])('keep to %s', async (limit) => {
    const two = await bench.start('verifyTwoElement', { [limit]: '2' })
    const cards = [1, 2, 3].map((number) => scenarioCard(100_000_000 + number))
    const answers: Answer[] = []
    for (const cardNumber of cards)
      answers.push(await two.ask(postEvent('two-element', { name, cardNumber })))
    expect(answers[1]?.status).toBe(200)
    expect(answers[2]).toEqual(problem('daily_limit_reached', { billable: 'no' }))
    expect(bench.hits).toBe(2)
  })

  it('let nothing out while the table cannot be used', async () => {
    const two = await bench.start('verifyTwoElement', {
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    })
    expect(await two.ask(postEvent('two-element', pair))).toEqual(
      problem('ledger_unavailable', { billable: 'no' }),
    )
    expect(bench.hits).toBe(0)
  })
})

describe('a secret', () => {
  const juheSecret = 'bankcard-verify/local/juhe'
  const juhe = { key: 'rotated-51a7', openId: 'JH51a7f00d51a7f00d51a7f00d51a7f00d' }
  const unknownKey = JSON.stringify(juhe)
  const goodKey = JSON.stringify({ ...juhe, key: '51a7beef51a7beef51a7beef51a7beef' })
  const fresh = (number: number) =>
    postEvent('two-element', { name, cardNumber: scenarioCard(100_000_000 + number) })

  it('is read once by 200 requests that meet it unread', async () => {
    const table = await startTableThatTakesAll()
    bench.secretsManager.fail('error')
    const two = await bench.start('verifyTwoElement', { AWS_ENDPOINT_URL_DYNAMODB: table.url })
    bench.secretsManager.fail(undefined)
    bench.secretsManager.delayMs = 200
    bench.secretsManager.reads.length = 0
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, number) => two.ask(fresh(number))),
    )
    await table.close()
    const outcomes = answers.map(({ status, body }) => body['code'] ?? status)
    expect(outcomes).toContain(200)
    // A busy machine may keep one of its 200 waiting for the table too long.
    expect([200, 'ledger_unavailable']).toEqual(expect.arrayContaining(outcomes))
    // A young pepper has its predecessor looked for as well.
    expect(bench.secretsManager.reads.sort()).toEqual([
      'bankcard-verify/local/fingerprint',
      'bankcard-verify/local/fingerprint',
      juheSecret,
    ])
  })

  it('that the provider rejects is read again, and its new version used at once', async () => {
    bench.secretsManager.set(juheSecret, unknownKey)
    const two = await bench.start('verifyTwoElement')
    bench.secretsManager.set(juheSecret, goodKey)
    expect((await two.ask(fresh(1))).body).toMatchObject({ verdict: 'match' })
    expect(bench.juhe.hits.map(({ scenario }) => scenario)).toEqual(['juhe-10001', 'match'])
  })

  it('is read again after SECRET_TTL_SECONDS; a rejected one pauses the provider', async () => {
    const two = await bench.start('verifyTwoElement', { SECRET_TTL_SECONDS: '2' })
    expect((await two.ask(fresh(1))).status).toBe(200)
    bench.secretsManager.set(juheSecret, unknownKey)
    expect((await two.ask(fresh(2))).status).toBe(200)
    await sleep(2100)
    const rejected = problem('provider_credentials_rejected', { provider: 'juhe', billable: 'no' })
    expect(await two.ask(fresh(3))).toEqual(rejected)
    expect(bench.hits).toBe(3)

    const paused = await two.ask(fresh(4))
    expect(paused).toEqual(rejected)
    expect(Number(paused.headers['retry-after'])).toBeLessThanOrEqual(600)
    expect(bench.hits).toBe(3)
  })

  it.each([
    ['the key', juheSecret, { openId: juhe.openId }],
    ['the openid of the encrypted channel', juheSecret, { key: juhe.key }],
    ['32 characters of pepper', 'bankcard-verify/local/fingerprint', { pepper: 'x'.repeat(31) }],
  ])('without %s opens nothing', async (_what, secret, fields) => {
    bench.secretsManager.set(secret, JSON.stringify(fields))
    const two = await bench.start('verifyTwoElement')
    expect(await two.ask(fresh(1))).toEqual(
      problem('credentials_unavailable', { retryable: false, billable: 'no' }),
    )
    expect(bench.hits).toBe(0)
  })

  it('that cannot be read is a problem that may pass', async () => {
    bench.secretsManager.fail('denied')
    const two = await bench.start('verifyTwoElement')
    const unavailable = problem('credentials_unavailable', { retryable: true, billable: 'no' })
    expect(await two.ask(fresh(1))).toEqual(unavailable)
    expect(bench.hits).toBe(0)
  })
})

/** dynalite is too slow for 200 requests at once. */
const startTableThatTakesAll = () =>
  startLoopbackServer({}, (_request, { response }) =>
    sendReply(response, {
      status: 200,
      headers: { 'Content-Type': 'application/x-amz-json-1.0' },
      body: Buffer.from('{}'),
    }),
  )

describe('a record', () => {
  it('is for the caller that it was made for, without the last four digits', async () => {
    const two = await bench.start('verifyTwoElement')
    const one = await bench.start('getVerification')
    const { body } = await two.ask(postEvent('two-element', { ...pair, reference: 'payout-1' }))
    const { id = '', card, ...answer } = body
    const get = (caller: string, wanted = id) =>
      one.ask(getEvent(`/v1/verifications/${wanted}`, { id: wanted, caller }))

    expect(card).toHaveProperty('last4')
    const own = await get(payoutsElsewhere)
    expect(own).toMatchObject({ status: 200, body: { id, ...answer } })
    expect(own.body.card).not.toHaveProperty('last4')
    expect(await one.ask(asPayloadV1(getEvent('/', { id })))).toMatchObject({ body: own.body })

    expect(await get(refunds)).toEqual(problem('not_found'))
    expect(await get(payouts, id.replace(/.$/, 'z'))).toEqual(problem('not_found'))
    expect(await get(payouts, match)).toEqual(problem('not_found'))
  })

  it('is listed by its reference, newest first and a page at a time', async () => {
    const two = await bench.start('verifyTwoElement')
    const list = await bench.start('listVerifications')
    const query = { reference: 'payout-1', limit: '2' }
    const listed = (more = {}, caller = payouts) =>
      list.ask(getEvent('/v1/verifications', { query: { ...query, ...more }, caller }))
    const ids: unknown[] = []
    for (const number of [1, 2, 3]) {
      const cardNumber = scenarioCard(100_000_000 + number)
      const event = postEvent('two-element', { name, cardNumber, reference: 'payout-1' })
      ids.unshift((await two.ask(event)).body.id)
    }
    const first = await listed()
    const second = await listed({ cursor: first.body['cursor'] })
    const idsOf = ({ body }: Answer) => body.verifications?.map(({ id }) => id)
    expect([idsOf(first), idsOf(second)]).toEqual([ids.slice(0, 2), ids.slice(2)])
    expect(JSON.stringify(first.body)).not.toContain('last4')
    expect(idsOf(await listed({}, refunds))).toEqual([])
    expect(await listed({ limit: match, cursor: name, [match]: name })).toEqual(
      problem('validation_failed', {
        errors: [
          { parameter: 'limit', code: 'format' },
          { parameter: 'cursor', code: 'format' },
          { parameter: '', code: 'unknown_field' },
        ],
      }),
    )
  })

  it('is counted by day, provider and caller', async () => {
    const two = await bench.start('verifyTwoElement')
    const usage = await bench.start('getUsage')
    for (const options of [{}, {}, keyed('k1'), keyed('k1'), { caller: refunds }]) {
      await two.ask(postEvent('two-element', pair, options))
    }
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
    const { body } = await usage.ask(getEvent('/v1/usage', { query: { from: day, to: day } }))
    const line = (role: string, counts: object) =>
      expect.objectContaining({
        day,
        provider: 'juhe',
        caller: expect.stringMatching(new RegExp(`role/${role}$`)),
        ...counts,
      })
    expect(body.usage).toHaveLength(2)
    expect(body.usage).toEqual(
      expect.arrayContaining([
        line('payouts', { asked: 4, reached: 1, reused: 2, replayed: 1, refused: 0 }),
        line('refunds', {
          asked: 1,
          reached: 1,
          verdicts: { match: 1, mismatch: 0, unverifiable: 0 },
        }),
      ]),
    )
    expect(body.usage?.[0]).toMatchObject({ billed: { yes: 1, no: 0, unknown: 0 } })
  })
})
