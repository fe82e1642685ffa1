import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type createClient, VerificationError } from '../../client/src/client.ts'
import { findLeaks } from '../support/leak-scan.ts'
import {
  answer,
  canary,
  clientOf,
  failureOf,
  problem,
  problemNamed,
  type Reply,
} from './stub-service.ts'

const everything = JSON.stringify(canary)
const { idNumber, ...pair } = canary
const echo = {
  title: everything,
  detail: everything,
  instance: everything,
  [everything]: everything,
}

/** Whoever answers repeats the person wherever there is room. */
const echoes: [string, Reply | Error][] = [
  ['a problem', { status: 503, body: { ...problem, ...echo } }],
  [
    'a problem with a name in its facts',
    {
      status: 422,
      body: problemNamed('validation_failed', 422, {
        requestId: canary.name,
        providerReference: canary.name,
        errors: [{ pointer: `/${canary.name}`, code: canary.name }],
      }),
    },
  ],
  ['a code', { status: 503, body: { ...problem, code: everything } }],
  ['an answer', { body: { ...answer, verdict: everything, ...echo } }],
  ['a page', { type: 'text/html', body: everything }],
  [
    'a message of the gateway',
    { status: 503, type: 'application/json', body: { message: everything } },
  ],
  ['a refusal', { status: 403, type: 'application/json', body: { message: everything } }],
  [
    'a header',
    {
      status: 302,
      headers: {
        location: `/?${encodeURIComponent(everything)}`,
        'x-request-id': canary.cardNumber,
      },
    },
  ],
  ['an error of fetch', new TypeError(everything, { cause: new Error(everything) })],
  [
    'an error with a code',
    Object.assign(new Error(everything), { cause: { code: canary.cardNumber } }),
  ],
]

const printed: unknown[] = []
beforeEach(() => {
  printed.length = 0
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void printed.push(words))
  }
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(text) > 0)
  }
})
afterEach(() => vi.restoreAllMocks())

/** All that a logger could make of an error. */
function shown(error: VerificationError): string {
  return [
    String(error),
    error.message,
    error.stack,
    JSON.stringify(error),
    JSON.stringify(Object.entries(error)),
    inspect(error, { depth: Infinity, showHidden: true }),
    inspect(printed, { depth: Infinity }),
  ].join('\n')
}

type Client = ReturnType<typeof createClient>
const calls: [string, (client: Client) => Promise<unknown>][] = [
  ['verifyTwoElement', (client) => client.verifyTwoElement(pair)],
  ['verifyThreeElement', (client) => client.verifyThreeElement(canary)],
  ['getVerification', (client) => client.getVerification(everything)],
  ['getVerification of a card', (client) => client.getVerification(canary.cardNumber)],
  ['listVerifications', (client) => client.listVerifications({ reference: canary.cardNumber })],
  ['getUsage', (client) => client.getUsage({ from: canary.cardNumber, to: canary.name })],
]

describe.each(calls)('an error of %s', (_, call) => {
  it.each(echoes)('tells nothing of the person that %s repeats', async (_, reply) => {
    const { client } = clientOf([reply], { auth: { bearer: () => 'invented.to.ken' } })
    const error = await failureOf(call(client))
    expect(findLeaks(shown(error), canary)).toEqual([])
    expect(findLeaks(inspect(client, { depth: Infinity, showHidden: true }), canary)).toEqual([])
  })
})

describe('an error', () => {
  it('tells nothing of the person that stands in the key or breaks it', async () => {
    const { client, sent } = clientOf([{}])
    for (const idempotencyKey of [
      canary.cardNumber,
      `payout-${canary.cardNumber}`,
      'payout-6299-9909-9999-9990',
      idNumber.toLowerCase(),
      canary.name,
      `${canary.name}\n`,
    ]) {
      const error = await failureOf(client.verifyThreeElement(canary, { idempotencyKey }))
      expect(error).toMatchObject({
        code: 'invalid_idempotency_key',
        billable: 'no',
        retryable: false,
      })
      expect(findLeaks(shown(error), canary)).toEqual([])
    }
    expect(sent).toEqual([])
  })

  it('tells nothing of the person that a reason to abort names', async () => {
    const { client } = clientOf([{}])
    const signal = AbortSignal.abort(new Error(everything))
    const error = await failureOf(client.verifyTwoElement(pair, { signal }))
    expect(error.code).toBe('aborted')
    expect(findLeaks(shown(error), canary)).toEqual([])
  })

  it('tells nothing of the credentials', async () => {
    const secret = 'invented/51a7c0de51a7c0de+secret/access/key'
    const bad = `${secret}\n`
    const bearers = [bad, `\n${secret}`, `${secret} `, `${secret} ${secret}`, '']
    const credentials = { region: 'cn-north-1', accessKeyId: bad, secretAccessKey: secret }
    for (const auth of [
      ...bearers.map((bearer) => ({ bearer })),
      { bearer: () => bad },
      { sigv4: credentials },
      { sigv4: { ...credentials, accessKeyId: 'AKIAINVENTED51A7C0DE', sessionToken: bad } },
    ]) {
      const { client, sent } = clientOf([{}], { auth, maxRetries: 2 })
      const error = await failureOf(client.verifyTwoElement(pair))
      expect(error).toMatchObject({
        code: 'signing_failed',
        outcomeUnknown: false,
        retryable: false,
      })
      expect(findLeaks(shown(error), { secret, ...canary })).toEqual([])
      expect(findLeaks(inspect(client, { depth: 9, showHidden: true }), { secret })).toEqual([])
      expect(sent).toEqual([])
    }
  })

  it('hides a request id that could hold a number, and a reason that is no code', async () => {
    const { cardNumber, name } = canary
    for (const requestId of [`r-1 ${name}`, `${name} r-1`, 'r-629999099999', cardNumber]) {
      const body = { ...problem, requestId }
      const others = { name, cardNumber: '6299990000000017' }
      const { client } = clientOf([{ status: 503, body }])
      expect((await failureOf(client.verifyTwoElement(others))).requestId).toBeUndefined()
    }
    for (const code of [`${cardNumber}_ECONN`, `ECONNRESET ${cardNumber}`]) {
      const { client } = clientOf([new TypeError('fetch failed', { cause: { code } })])
      expect((await failureOf(client.verifyTwoElement(pair))).message).toBe('connection_lost')
    }
  })

  it('has the cause that the caller’s own function gave, and no other', async () => {
    const cause = new Error('the token has expired')
    const { client } = clientOf([{}], { auth: { bearer: () => Promise.reject(cause) } })
    expect(await failureOf(client.verifyTwoElement(pair))).toMatchObject({
      code: 'signing_failed',
      cause,
    })
    const lost = clientOf([new TypeError('fetch failed', { cause })])
    expect(await failureOf(lost.client.verifyTwoElement(pair))).not.toHaveProperty('cause')
  })

  it('still tells what there is to know', async () => {
    const { client } = clientOf([{ status: 503, headers: { 'retry-after': '5' }, body: problem }])
    const error = await failureOf(client.verifyTwoElement(pair, { idempotencyKey: 'payout-1' }))
    expect(error.message).toBe('provider_throttled (HTTP 503, request JKJaXmPLvHcESHA=)')
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'VerificationError',
      code: 'provider_throttled',
      status: 503,
      billable: 'no',
      retryable: true,
      retryAfterSeconds: 5,
      outcomeUnknown: false,
      idempotencyKey: 'payout-1',
      requestId: 'JKJaXmPLvHcESHA=',
    })
    expect(error.problem).toMatchObject({ providerCode: '10011', title: problem.title })
  })
})
