import type { Context } from 'aws-lambda'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import type { HttpResponse } from '../../lib/http/http-handler.ts'
import { verificationEndpoint } from '../../lib/http/verification-endpoint.ts'
import type { VerifyOnce } from '../../lib/ledger/verification-ledger.ts'
import type { ProviderAnswer } from '../../lib/verification/verdict.ts'
import { verificationOf } from '../../lib/verification/verification.ts'
import {
  parseThreeElementRequest,
  type ThreeElementPerson,
} from '../../lib/verification/verification-request.ts'
import { httpHandler } from '../openapi/http-handler.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'

const person = { name: '张三', idNumber: '110101190001010014', cardNumber: '6299990000000017' }
const context = {
  functionName: 'bankcard-verify-dev-verifyThreeElement',
  awsRequestId: 'aws-1',
  getRemainingTimeInMillis: () => 4321,
} as Context

const id = '019aa9b2-9c20-7c3e-8f51-2b6d0e7a4c19'
const verifiedAt = '2026-11-22T03:35:00.000Z'
const requestContext = {
  requestId: 'JKJaXmPLvHcESHA=',
  authorizer: { iam: { userArn: 'arn:aws:sts::000000000000:assumed-role/local/developer' } },
}
const caller = 'iam:arn:aws:iam::000000000000:role/local'

const output = capturedOutput()
let asked: ThreeElementPerson[] = []
let answer: (remainingMs: () => number) => ProviderAnswer

/** A ledger that remembers nothing. */
const rememberNothing: VerifyOnce = async ({ operation, request, remainingMs }, ask) => {
  const answer = await ask(request.person, remainingMs)
  return { verification: verificationOf(operation, request, answer, id, verifiedAt) }
}

const handlerWith = (verifyOnce: VerifyOnce) =>
  httpHandler(
    verificationEndpoint({
      route: 'verifyThreeElement',
      operation: { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] },
      parse: parseThreeElementRequest,
      verifyOnce,
      requireIdempotencyKey: false,
      ask: (person, remainingMs) => {
        asked.push(person)
        return Promise.resolve(remainingMs).then(answer)
      },
    }),
  )
const handler = handlerWith(rememberNothing)

beforeEach(() => {
  asked = []
  answer = () => ({ verdict: 'match', billable: 'yes', providerReference: '4XU29Z4D' })
})

describe('httpHandler', () => {
  it.each([
    ['payload 2.0', eventOf(person)],
    ['a base64 body', eventOf(base64(JSON.stringify(person)), { isBase64Encoded: true })],
    [
      'payload 1.0 with duplicate headers',
      eventOf(person, {
        version: '1.0',
        headers: { 'Content-Type': 'application/json' },
        multiValueHeaders: { 'Content-Type': ['text/plain', 'application/json'] },
      }),
    ],
    ['a byte order mark', eventOf(`\ufeff${JSON.stringify(person)}`)],
  ])('answers %s', async (_, event) => {
    const response = await handler(event, context)
    expect(response).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-request-id': 'JKJaXmPLvHcESHA=',
      },
    })
    expect(JSON.parse(response.body)).toMatchObject({ verdict: 'match', card: { last4: '0017' } })
    expect(asked).toEqual([person])
  })

  it('tells the endpoint how long the function may still run', async () => {
    let remaining = 0
    answer = (remainingMs) => {
      remaining = remainingMs()
      return { verdict: 'mismatch', billable: 'yes' }
    }
    await handler(eventOf(person), context)
    expect(remaining).toBe(4321)
  })

  it('does not know how long that is where nobody says', async () => {
    let remaining = 0
    answer = (remainingMs) => {
      remaining = remainingMs()
      return { verdict: 'mismatch', billable: 'yes' }
    }
    const { statusCode } = await handler(eventOf(person), { awsRequestId: 'aws-1' } as Context)
    expect([statusCode, remaining]).toEqual([200, Infinity])
    expect(output.lines()).toMatchObject([{ Service: '' }])
  })

  it('lets the endpoint answer late: what it paid for must not be thrown away', async () => {
    vi.useFakeTimers()
    try {
      const late = handlerWith(async (question, ask) => {
        await new Promise((resolve) => setTimeout(resolve, 1000))
        return rememberNothing(question, ask)
      })
      const answering = late(eventOf(person), { ...context, getRemainingTimeInMillis: () => 100 })
      await vi.advanceTimersByTimeAsync(1000)
      expect(await answering).toMatchObject({ statusCode: 200 })
    } finally {
      vi.useRealTimers()
    }
  })

  it('writes one line for an answer, without the person', async () => {
    const response = await handler(eventOf({ ...person, reference: 'payout-8841' }), context)
    expect(output.lines()).toStrictEqual([
      {
        level: 'info',
        event: 'request',
        time: expect.any(String),
        requestId: 'JKJaXmPLvHcESHA=',
        route: 'verifyThreeElement',
        caller,
        status: 200,
        verificationId: id,
        provider: 'databao',
        verdict: 'match',
        billable: 'yes',
        providerReference: '4XU29Z4D',
        reused: false,
        durationMs: expect.any(Number),
        _aws: expect.any(Object),
        Service: 'bankcard-verify-dev',
        Route: 'verifyThreeElement',
        Requests: 1,
        DurationMs: expect.any(Number),
        Provider: 'databao',
        Matches: 1,
        BilledCalls: 1,
      },
    ])
    expectNothingPersonal(response)
  })

  it('tells how long the answer took', async () => {
    const startedAt = performance.now()
    await handler(eventOf(person), context)
    const [line] = output.lines()
    expect(line?.['durationMs']).toBeLessThanOrEqual(performance.now() - startedAt + 1)
  })

  it.each([
    ['provider_timeout', 'unknown', { UnknownOutcomes: 1 }],
    ['outcome_unknown', 'not_sent', { UnknownOutcomes: 1 }],
    ['provider_error', 'answered', {}],
    ['too_many_attempts', 'not_sent', { GuardRefusals: 1 }],
    ['card_locked', 'not_sent', { GuardRefusals: 1 }],
    ['daily_limit_reached', 'not_sent', { GuardRefusals: 1 }],
    ['provider_quota_exhausted', 'not_sent', { GuardRefusals: 1 }],
    ['provider_credentials_rejected', 'not_sent', { GuardRefusals: 1 }],
    ['ledger_unavailable', 'not_sent', {}],
  ] as const)('counts %s, whose call is %s, as %j', async (code, fate, metrics) => {
    answer = () => {
      throw new AppError(code, {}, fate)
    }
    await handler(eventOf(person), context)
    const [line] = output.lines()
    const { UnknownOutcomes, GuardRefusals } = line ?? {}
    expect(JSON.parse(JSON.stringify({ UnknownOutcomes, GuardRefusals }))).toEqual(metrics)
  })

  it('counts as a refusal of our own only what no provider was asked for', async () => {
    answer = () => {
      throw new AppError('card_locked', {}, 'answered')
    }
    const tracing = handlerWith(({ trace = {}, ...question }, ask) => {
      trace.attempts = 1
      return rememberNothing(question, ask)
    })
    await tracing(eventOf(person), context)
    expect(output.lines()).toMatchObject([{ code: 'card_locked', attempts: 1 }])
    expect(output.lines()[0]).not.toHaveProperty('GuardRefusals')
  })

  it('warns of what is behind a failure, by its name alone', async () => {
    answer = () => {
      const cause = new RangeError(`the card ${person.cardNumber}`)
      throw new AppError('ledger_unavailable', {}, 'not_sent', { cause })
    }
    const response = await handler(eventOf(person), context)
    expect(output.lines()).toMatchObject([
      { level: 'warn', event: 'ledger_unavailable', error: 'RangeError' },
      { level: 'info', event: 'request', status: 503 },
    ])
    expectNothingPersonal(response)
  })

  it.each([
    ['malformed_json', 400, eventOf(`{"cardNumber":"6299990000000017`)],
    ['malformed_json', 400, eventOf(undefined)],
    ['malformed_json', 400, eventOf('%%%', { isBase64Encoded: true })],
    ['unsupported_media_type', 415, eventOf(person, { headers: {} })],
    ['unauthenticated', 401, eventOf(person, { requestContext: { requestId: 'r-1' } })],
    ['unauthenticated', 401, {}],
    ['unauthenticated', 401, undefined],
    ['payload_too_large', 413, eventOf(JSON.stringify(person).padEnd(8193))],
    ['payload_too_large', 413, eventOf('A'.repeat(6_000_000), { isBase64Encoded: true })],
    ['validation_failed', 422, eventOf({ ...person, cardNumber: 6299990000000017 })],
    ['validation_failed', 422, eventOf({ ...person, '6299990000000017': '110101190001010014' })],
    ['validation_failed', 422, eventOf({ ...person, name: '\ud842张' })],
    ['validation_failed', 422, eventOf(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`)],
  ])('refuses with %s (%i) before the endpoint is asked', async (code, status, event) => {
    const response = await handler(event, context)
    const problem = JSON.parse(response.body)
    expect(response).toMatchObject({
      statusCode: status,
      headers: {
        'content-type': 'application/problem+json',
        'content-language': 'en',
        'cache-control': 'no-store',
        'x-request-id': problem.requestId,
      },
    })
    expect(problem).toMatchObject({ code, status, billable: 'no', retryable: false })
    expect(asked).toEqual([])
    expect(output.lines()).toMatchObject([{ event: 'request', status, code, billable: 'no' }])
    expectNothingPersonal(response)
  })

  it('lists every failing field', async () => {
    const event = eventOf({ name: '', idNumber: 1, '6299990000000017': 'x' })
    const { body } = await handler(event, context)
    expect(JSON.parse(body).errors).toEqual([
      { pointer: '/name', code: 'length' },
      { pointer: '/idNumber', code: 'type' },
      { pointer: '/cardNumber', code: 'required' },
      { pointer: '', code: 'unknown_field' },
    ])
  })

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh', /\p{Script=Han}/u],
    ['en-US,zh;q=0.9', 'en', /^[\x20-\x7e]+$/],
  ])('speaks for Accept-Language %s in %s', async (acceptLanguage, language, text) => {
    const headers = { 'content-type': 'text/plain', 'Accept-Language': acceptLanguage }
    const response = await handler(eventOf(person, { headers }), context)
    expect(response.headers['content-language']).toBe(language)
    const { title, detail } = JSON.parse(response.body)
    expect(title).toMatch(text)
    expect(detail).toMatch(text)
  })

  it('passes the facts of a failure on, with Retry-After where waiting helps', async () => {
    const facts = { provider: 'juhe', providerCode: '10011', providerReference: 'JH1' }
    answer = () => {
      throw new AppError('provider_throttled', facts)
    }
    const response = await handler(eventOf(person), context)
    expect(response).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } })
    expect(JSON.parse(response.body)).toMatchObject({ ...facts, retryable: true, billable: 'no' })
    expect(output.lines()).toMatchObject([{ status: 503, code: 'provider_throttled', ...facts }])
    expectNothingPersonal(response)
  })

  it('has no Retry-After where waiting does not help', async () => {
    const response = await handler(eventOf({}), context)
    expect(response.headers).not.toHaveProperty('retry-after')
  })

  it.each([
    ['a problem', new AppError('provider_timeout', { billable: 'unknown' }, 'unknown'), 504],
    ['a waiting problem', new AppError('provider_throttled'), 503],
  ])('replays %s word for word in its own language', async (_, thrown, status) => {
    answer = () => {
      throw thrown
    }
    let kept = ''
    const keeping = handlerWith(async (question, ask) => {
      try {
        return await rememberNothing(question, ask)
      } catch (error) {
        kept = question.replyOf(error as AppError)
        throw error
      }
    })
    const chinese = eventOf(person, {
      headers: { 'content-type': 'application/json', 'accept-language': 'zh' },
    })
    const first = await keeping(chinese, context)
    const replaying = handlerWith(async () => ({ replay: kept }))
    const replayed = await replaying(eventOf(person), { ...context, awsRequestId: 'aws-2' })
    expect(replayed).toEqual({
      ...first,
      headers: { ...first.headers, 'idempotency-replayed': 'true' },
    })
    expect(replayed).toMatchObject({ statusCode: status, headers: { 'content-language': 'zh' } })
    expect(asked).toHaveLength(1)
    expect(output.lines().at(-1)).toMatchObject({ status, replayed: true, Replayed: 1 })
  })

  it('replays a verdict, with the last digits of the card that is asked about', async () => {
    const first = await handler(eventOf(person), context)
    const kept = JSON.stringify({
      ...JSON.parse(first.body),
      card: { bank: '中国银行', type: 'debit' },
    })
    const replaying = handlerWith(async () => ({ replay: kept }))
    const replayed = await replaying(eventOf(person), context)
    expect(replayed).toMatchObject({
      statusCode: 200,
      headers: { 'idempotency-replayed': 'true', 'content-type': 'application/json' },
    })
    expect(JSON.parse(replayed.body)).toEqual({
      ...JSON.parse(first.body),
      card: { last4: '0017', bank: '中国银行', type: 'debit' },
    })
    expect(asked).toHaveLength(1)
    expect(output.lines()).toMatchObject([
      { verificationId: id },
      { verificationId: id, replayed: true, Replayed: 1 },
    ])
    expect(output.lines()[1]).not.toHaveProperty('Matches')
  })

  it.each([
    ['an error', new Error(`the card ${person.cardNumber}`)],
    ['an error with frames in its message', new Error(`x\n    at f (${person.cardNumber}:1:1)`)],
    ['an error with a cause', new TypeError('x', { cause: { data: JSON.stringify(person) } })],
    ['a string', person.cardNumber],
    ['an object', { statusCode: 200, body: person.cardNumber }],
    ['nothing', undefined],
  ])('makes an internal error of %s thrown, and says nothing of it', async (_, thrown) => {
    answer = () => {
      throw thrown
    }
    const response = await handler(eventOf(person), context)
    expect(response).toMatchObject({
      statusCode: 500,
      headers: { 'x-request-id': 'JKJaXmPLvHcESHA=', 'cache-control': 'no-store' },
    })
    expect(JSON.parse(response.body)).toMatchObject({
      code: 'internal_error',
      billable: 'unknown',
      retryable: false,
    })
    expect(output.lines()).toMatchObject([
      { level: 'error', event: 'unexpected_error', error: expect.any(String) },
      { event: 'request', status: 500, code: 'internal_error', billable: 'unknown' },
    ])
    expectNothingPersonal(response)
  })

  it('never fails, and never asks with what it has not validated', async () => {
    const noise = fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.constant(undefined))
    const fields = fc.record(
      {
        name: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(person.name) }, noise),
        idNumber: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(person.idNumber) }, noise),
        cardNumber: fc.oneof(
          { weight: 3, arbitrary: fc.constant<unknown>(person.cardNumber) },
          fc.stringMatching(/^[0-9 -]{10,22}$/),
          noise,
        ),
        reference: noise,
        [person.cardNumber]: noise,
      },
      { requiredKeys: ['name', 'idNumber', 'cardNumber'] },
    )
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
      fc.json(),
      fields.map(jsonOf),
      fields.map(jsonOf).map(base64),
      fc.anything(),
    )
    const event = fc.oneof(
      fc.anything(),
      fc.record({
        headers: fc.oneof(
          { weight: 4, arbitrary: fc.constant<unknown>({ 'content-type': 'application/json' }) },
          fc.dictionary(
            fc.constantFrom('Content-Type', 'Accept-Language', 'Idempotency-Key'),
            noise,
          ),
          fc.anything(),
        ),
        requestContext: fc.oneof(
          { weight: 4, arbitrary: fc.constant<unknown>(requestContext) },
          fc.anything(),
        ),
        body,
        isBase64Encoded: fc.oneof(fc.boolean(), fc.anything()),
      }),
    )
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(event, async (event) => {
        asked = []
        const response = await handler(event, context)
        statuses.add(response.statusCode)
        expect([200, 400, 401, 413, 415, 422]).toContain(response.statusCode)
        expect(response.headers).toMatchObject({
          'x-request-id': expect.stringMatching(/^[\w.:=+/-]{1,128}$/),
          'cache-control': 'no-store',
        })
        expect(asked).toHaveLength(response.statusCode === 200 ? 1 : 0)
        for (const { name, idNumber, cardNumber } of asked) {
          expect(name).toMatch(/^[\p{Script=Han}\p{Co}\p{Script=Latin}· ,.'-]{1,50}$/u)
          expect(idNumber).toMatch(/^\d{17}[\dX]$/)
          expect(cardNumber).toMatch(/^[1-9]\d{11,18}$/)
        }
        expectNothingPersonal(response)
      }),
      { numRuns: 1500 },
    )
    // The generator reaches the endpoint and each gate before it.
    expect(statuses).toEqual(new Set([200, 400, 401, 415, 422]))
  })
})

function eventOf(body: unknown, members: object = {}) {
  return {
    version: '2.0',
    headers: { 'content-type': 'application/json' },
    requestContext,
    body: typeof body === 'object' ? jsonOf(body) : body,
    isBase64Encoded: false,
    ...members,
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return 'not JSON'
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function expectNothingPersonal(response: HttpResponse) {
  for (const said of [JSON.stringify(response), output.text()]) {
    for (const value of Object.values(person)) expect(said).not.toContain(value)
  }
}
