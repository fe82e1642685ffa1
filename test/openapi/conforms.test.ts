import { describe, expect, it } from 'vitest'
import { type Answer, conforming, Contract } from './conforms.ts'
import { publishedDocument } from './validators.ts'

const document = publishedDocument()
const contract = new Contract(document)

/** As loose as `JSON.parse` leaves it. */
type Body = Record<string, ReturnType<typeof JSON.parse>>
type Example = { operation: string; status: number; type: string; name: string; value: unknown }

const examples = Object.values(document.paths)
  .flatMap((methods) => Object.values(methods))
  .flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      Object.entries(content).flatMap(([type, media]) => {
        const { examples } = media as unknown as { examples: Record<string, { value: unknown }> }
        return Object.entries(examples).map(([name, { value }]): Example => ({
          operation: operationId,
          status: Number(status),
          type,
          name,
          value,
        }))
      }),
    ),
  )

const functionHeaders = { 'x-request-id': 'JKJaXmPLvHcESHA=', 'cache-control': 'no-store' }

function answerOf({ status, type, value }: Example): Answer {
  const isGateways = status !== 200 && type === 'application/json'
  const isProblem = type === 'application/problem+json'
  return {
    statusCode: status,
    headers: {
      'content-type': type,
      ...(isGateways ? {} : functionHeaders),
      ...(isProblem ? { 'content-language': 'en' } : {}),
    },
    body: JSON.stringify(value),
  }
}

const named = (operation: string, status: number, name: string) => {
  const found = examples.find(
    (one) => one.operation === operation && one.status === status && one.name === name,
  )
  if (!found) throw new Error(`no example ${operation} ${status} ${name}`)
  return answerOf(found)
}

describe('the contract', () => {
  it.each(examples)('allows the example $operation $status $name', (example) => {
    expect(contract.faults(example.operation, answerOf(example), 'http')).toEqual([])
  })

  const match = named('verifyThreeElement', 200, 'match')
  const undecided = named('verifyTwoElement', 200, 'unverifiable')
  const refused = named('verifyThreeElement', 422, 'validation_failed')
  const broken = named('verifyThreeElement', 500, 'internal_error')
  const recorded = named('getVerification', 200, 'recorded')
  const usage = named('getUsage', 200, 'day')
  const gateways = named('getUsage', 503, 'gateway')

  const withBody = (answer: Answer, change: (body: Body) => object): Answer => ({
    ...answer,
    body: JSON.stringify(change(JSON.parse(answer.body))),
  })
  const withHeaders = (answer: Answer, headers: Record<string, string>): Answer => ({
    ...answer,
    headers: { ...answer.headers, ...headers },
  })
  const without = (answer: Answer, header: string): Answer => {
    const { [header]: _, ...headers } = answer.headers
    return { ...answer, headers }
  }

  // Each is an answer that a broken build could give.
  it.each<[why: string, operation: string, answer: Answer, fault: RegExp]>([
    ['an unknown operation', 'toString', match, /no operation/],
    ['an unknown status', 'verifyThreeElement', { ...match, statusCode: 201 }, /status 201/],
    ['a status of another route', 'getUsage', { ...refused, statusCode: 409 }, /status 409/],
    ['no content type', 'verifyThreeElement', without(match, 'content-type'), /content type ""/],
    [
      'an answer as a problem',
      'verifyThreeElement',
      withHeaders(match, { 'content-type': 'application/problem+json' }),
      /content type "application\/problem\+json"/,
    ],
    [
      'no request id',
      'verifyThreeElement',
      without(match, 'x-request-id'),
      /header x-request-id is ""/,
    ],
    [
      'no request id where the gateway may have none',
      'verifyThreeElement',
      without(broken, 'x-request-id'),
      /header x-request-id is ""/,
    ],
    [
      'an answer that may be stored',
      'getVerification',
      withHeaders(recorded, { 'cache-control': 'private' }),
      /header cache-control is "private"/,
    ],
    [
      'no language of a problem',
      'verifyThreeElement',
      without(refused, 'content-language'),
      /header content-language is ""/,
    ],
    [
      'a wait of no number',
      'verifyThreeElement',
      withHeaders(named('verifyThreeElement', 409, 'verification_in_progress'), {
        'retry-after': 'soon',
      }),
      /header retry-after is "soon"/,
    ],
    [
      'an unknown header',
      'verifyThreeElement',
      withHeaders(match, { 'x-card': '6299990000000017' }),
      /header x-card is not documented/,
    ],
    [
      "the gateway's header from a function",
      'getUsage',
      withHeaders(usage, { 'apigw-requestid': 'a' }),
      /header apigw-requestid is not documented/,
    ],
    ["the gateway's answer from a function", 'getUsage', gateways, /only the gateway/],
    ['a body cut off', 'getUsage', { ...usage, body: usage.body.slice(1) }, /no JSON/],
    [
      'an unknown member',
      'verifyThreeElement',
      withBody(match, (body) => ({ ...body, name: '张三' })),
      /additional properties/,
    ],
    [
      'an unknown member of a problem',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, stack: 'at' })),
      /additional properties/,
    ],
    [
      'an unknown member further down',
      'verifyThreeElement',
      withBody(match, ({ card, ...body }) => ({
        ...body,
        card: { ...card, number: '' },
      })),
      /body\/card must NOT have additional properties/,
    ],
    [
      'a missing member',
      'verifyThreeElement',
      withBody(match, (body) => ({ ...body, billable: undefined })),
      /required property 'billable'/,
    ],
    [
      'an unknown verdict',
      'verifyThreeElement',
      withBody(match, (body) => ({ ...body, verdict: 'perhaps' })),
      /body\/verdict/,
    ],
    [
      'no reason',
      'verifyTwoElement',
      withBody(undecided, (body) => ({ ...body, reason: undefined })),
      /required property 'reason'/,
    ],
    [
      'a reason of a match',
      'verifyThreeElement',
      withBody(match, (body) => ({ ...body, reason: 'abnormal' })),
      /exactly one schema/,
    ],
    [
      "the other provider's reason",
      'verifyTwoElement',
      withBody(undecided, (body) => ({ ...body, reason: 'no_record' })),
      /body\/reason/,
    ],
    ["the other provider's answer", 'verifyTwoElement', match, /body\/provider/],
    [
      'other elements',
      'verifyThreeElement',
      withBody(match, (body) => ({ ...body, elements: ['name', 'cardNumber'] })),
      /body\/elements/,
    ],
    [
      'four digits in a record',
      'getVerification',
      withBody(recorded, (body) => ({ ...body, card: { last4: '0017' } })),
      /body\/card must NOT have additional properties/,
    ],
    [
      'a bank without a type',
      'getVerification',
      withBody(recorded, (body) => ({ ...body, card: { bank: '中国银行' } })),
      /body\/card must have property type/,
    ],
    [
      'an unknown code',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, code: 'toString' })),
      /body\/code/,
    ],
    [
      'a code of another status',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, code: 'provider_error' })),
      /body\/code/,
    ],
    [
      'a code of another route',
      'getUsage',
      named('verifyTwoElement', 503, 'provider_throttled'),
      /body\/code/,
    ],
    [
      'another status in the body',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, status: 502 })),
      /body\/status/,
    ],
    [
      'a retry of what must not be sent again',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, retryable: true })),
      /body\/retryable/,
    ],
    [
      'errors beside another code',
      'verifyThreeElement',
      withBody(broken, (body) => ({ ...body, errors: [{ pointer: '', code: 'type' }] })),
      /body must NOT be valid|must match "else"/,
    ],
    [
      'a pointer that is a card number',
      'verifyThreeElement',
      withBody(refused, (body) => ({
        ...body,
        errors: [{ pointer: '/6299990000000017', code: 'unknown_field' }],
      })),
      /body\/errors\/0/,
    ],
    [
      'a field of another route',
      'verifyTwoElement',
      withBody(named('verifyTwoElement', 422, 'validation_failed'), (body) => ({
        ...body,
        errors: [{ pointer: '/idNumber', code: 'checksum' }],
      })),
      /body\/errors\/0\/pointer/,
    ],
    [
      'a field where there are parameters only',
      'getUsage',
      withBody(named('getUsage', 422, 'validation_failed'), (body) => ({
        ...body,
        errors: [{ pointer: '', code: 'required' }],
      })),
      /body\/errors\/0/,
    ],
    [
      'a count that is text',
      'getUsage',
      withBody(usage, ({ usage, ...body }) => ({
        ...body,
        usage: [{ ...usage[0], asked: '9' }],
      })),
      /body\/usage\/0\/asked/,
    ],
  ])('refuses %s', (_why, operation, answer, fault) => {
    expect(contract.faults(operation, answer).join('\n')).toMatch(fault)
  })

  it('fails a test whose handler has left it', async () => {
    const honest = async () => match
    await expect(conforming('verifyThreeElement', honest)()).resolves.toEqual(match)
    const spoilt = async () => ({ ...match, body: match.body.replace('"id"', '"ID"') })
    await expect(conforming('verifyThreeElement', spoilt)()).rejects.toThrow(
      /verifyThreeElement 200 is not as docs\/openapi.json has it:\n.*required property 'id'/,
    )
  })
})
