import { describe, expect, it } from 'vitest'
import { answer, canary, clientOf, failureOf, pair, problem, type Reply } from './stub-service.ts'

const without = (...members: string[]) =>
  Object.fromEntries(Object.entries(answer).filter(([name]) => !members.includes(name)))
const changed = (members: object) => ({ body: { ...answer, ...members } })

const notTheContract: [string, Reply][] = [
  ['nothing', { body: '' }],
  ['no JSON', { body: '{"verdict":"match"' }],
  ['JSON null', { body: 'null' }],
  ['a list', { body: [answer] }],
  ['text', { body: '"match"' }],
  ['a page of a proxy', { type: 'text/html', body: '<html>match</html>' }],
  ['JSON that says it is a page', { type: 'text/html' }],
  ['JSON of no type', { type: null }],
  [
    'bytes that are not UTF-8',
    { body: JSON.stringify({ ...answer, reference: '\uD800' }) + '\uFFFF' },
  ],
  ...Object.keys(answer)
    .filter((member) => member !== 'providerReference')
    .map((member): [string, Reply] => [`no ${member}`, { body: without(member) }]),
  ['another verdict', changed({ verdict: 'matched' })],
  ['a verdict named toString', changed({ verdict: 'toString' })],
  ['a verdict in a list', changed({ verdict: ['match'] })],
  ['a verdict of true', changed({ verdict: true })],
  ['a match for a reason', changed({ reason: 'no_record' })],
  ['unverifiable without a reason', changed({ verdict: 'unverifiable' })],
  ['unverifiable for another reason', changed({ verdict: 'unverifiable', reason: 'busy' })],
  ['an id that is none', changed({ id: '1' })],
  ['another billable', changed({ billable: true })],
  ['reused as text', changed({ reused: 'false' })],
  ['a time that is none', changed({ verifiedAt: 'yesterday' })],
  ['another provider', changed({ provider: 'unionpay' })],
  ['warnings that are none', changed({ warnings: ['luhn'] })],
  ['a bank that is no text', changed({ card: { last4: '9990', bank: 1 } })],
  ['the elements of another question', changed({ elements: ['name', 'idNumber', 'cardNumber'] })],
  ['fewer elements', changed({ elements: ['cardNumber'] })],
  ["another card's digits", changed({ card: { last4: '9991' } })],
  ['no digits of a card', changed({ card: {} })],
  ['a reference that was not sent', changed({ reference: 'payout-1' })],
  ['the card number', changed({ providerReference: canary.cardNumber })],
  ['an answer as 201', { ...changed({}), status: 201 }],
  ['an answer as 299', { status: 299 }],
  ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
  ['a problem as 200', { body: problem }],
  ['a problem as 200 of its own type', { body: problem, type: 'application/problem+json' }],
  ['an answer as a problem', { status: 503, body: answer }],
  ['a problem of another status', { status: 504, body: problem }],
  ['an unknown code', { status: 503, body: { ...problem, code: 'provider_asleep' } }],
  ['a code named toString', { status: 503, body: { ...problem, code: 'toString' } }],
  ['a problem that does not say retryable', { status: 503, body: { ...problem, retryable: 1 } }],
  ['a problem that does not say billable', { status: 503, body: { ...problem, billable: 'yes' } }],
  [
    'a problem with the card number',
    {
      status: 503,
      body: { ...problem, requestId: canary.cardNumber },
    },
  ],
]

it.each([200, 204, 304])('%i without a body is no verdict', async (status) => {
  const { client } = clientOf([], { fetch: async () => new Response(null, { status }) })
  expect(await failureOf(client.verifyTwoElement(pair))).toMatchObject({
    code: 'unexpected_answer',
    status,
  })
})

it('an answer without an end is no verdict', async () => {
  const blanks = new Uint8Array(1024 * 1024).fill(32)
  const body = new ReadableStream({ pull: (stream) => stream.enqueue(blanks) })
  const { client } = clientOf([], {
    fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
  })
  expect(await failureOf(client.verifyTwoElement(pair))).toMatchObject({
    code: 'unexpected_answer',
    outcomeUnknown: true,
  })
})

describe('an answer that is not the contract’s', () => {
  it.each(notTheContract)('is no verdict: %s', async (_, reply) => {
    const { client, sent } = clientOf([reply], { maxRetries: 2 })
    expect(await failureOf(client.verifyTwoElement(pair))).toMatchObject({
      code: 'unexpected_answer',
      outcomeUnknown: true,
      billable: 'unknown',
      retryable: false,
      idempotencyKey: sent[0]?.headers.get('idempotency-key'),
    })
    expect(sent).toHaveLength(1)
  })

  it('is none for a read either, and nothing is in doubt', async () => {
    const { id } = answer
    const { client } = clientOf([{ body: { ...answer, verdict: 'no' } }])
    expect(await failureOf(client.getVerification(id))).toMatchObject({
      code: 'unexpected_answer',
      outcomeUnknown: false,
      billable: 'no',
      verificationId: id,
    })
    const lists = clientOf([{ body: { verifications: [answer, {}] } }])
    const listed = lists.client.listVerifications({ reference: 'payout-1' })
    expect(await failureOf(listed)).toMatchObject({ code: 'unexpected_answer' })
    const usage = clientOf([{ body: { from: '2026-11-01', to: '2026-11-02', usage: [{}] } }])
    const used = usage.client.getUsage({ from: '2026-11-01', to: '2026-11-02' })
    expect(await failureOf(used)).toMatchObject({ code: 'unexpected_answer' })
  })

  it('is not another verification than the one that was asked for', async () => {
    const { client } = clientOf([{}])
    const other = client.getVerification('01a207ae-dac9-7710-9250-164430d7c7f9')
    expect(await failureOf(other)).toMatchObject({ code: 'unexpected_answer' })
  })
})

describe('an answer of the contract', () => {
  it.each([
    ['match', {}],
    ['mismatch', { verdict: 'mismatch' }],
    ['unverifiable', { verdict: 'unverifiable', reason: 'declined', billable: 'no' }],
    [
      'one with all that may be known',
      {
        card: { last4: '9990', bank: '中国工商银行', type: 'debit' },
        warnings: [{ pointer: '/cardNumber', code: 'luhn' }],
      },
    ],
  ])('is told as it came: %s', async (_, members) => {
    const { client, sent } = clientOf([changed(members)])
    const { idempotencyKey, replayed, ...told } = await client.verifyTwoElement(pair)
    expect(told).toEqual({ ...answer, ...members })
    expect(replayed).toBe(false)
    expect(idempotencyKey).toBe(sent[0]?.headers.get('idempotency-key'))
  })

  it('belongs to the card and the reference, however they are written', async () => {
    const cardNumber = '６２９９ 9909-9999 9990'
    const { client } = clientOf([changed({ reference: 'payout-1' })])
    const found = await client.verifyTwoElement({ ...pair, cardNumber, reference: 'payout-1' })
    expect(found.verdict).toBe('match')
  })

  it('may come byte by byte', async () => {
    const card = { last4: '9990', bank: '中国工商银行', type: 'debit' }
    const bytes = new TextEncoder().encode(JSON.stringify({ ...answer, card }))
    const body = new ReadableStream({
      start(stream) {
        for (const byte of bytes) stream.enqueue(Uint8Array.of(byte))
        stream.close()
      },
    })
    const { client } = clientOf([], {
      fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    })
    expect((await client.verifyTwoElement(pair)).card).toEqual(card)
  })

  it('may have its type with a parameter', async () => {
    const { client } = clientOf([{ type: 'Application/JSON ; charset=utf-8' }])
    expect(await client.verifyTwoElement(pair)).toMatchObject({ verdict: 'match' })
  })
})
