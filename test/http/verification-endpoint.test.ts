import { describe, expect, it } from 'vitest'
import { openLedger, person, tableWith, twoElements } from '../ledger/open-ledger.ts'

const { verify, hits, dump, table } = openLedger()

const arn = (text: string) => ({ authorizer: { iam: { userArn: text } } })
const ROLE = 'assumed-role/payouts'

describe('the caller of a verification', () => {
  it.each([
    ['nobody', {}],
    ['an empty authorizer', { authorizer: {} }],
    ['an API key alone', { identity: { apiKey: 'key', sourceIp: '127.0.0.1' } }],
    ['a blank ARN', arn(' ')],
    ['a token without a subject', { authorizer: { jwt: { claims: { iss: 'issuer' } } } }],
  ])('is missed where the gateway names %s', async (_, requestContext) => {
    const requests: string[] = []
    const counting = tableWith(table(), (key, apply) => {
      requests.push(key)
      return apply()
    })
    const forged = { 'x-caller': 'payouts', authorization: 'Bearer forged' }
    const refused = await verify(person(1), { requestContext, table: counting, headers: forged })
    expect(refused).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', billable: 'no', retryable: false },
    })
    expect(requests).toEqual([])
    expect(hits()).toBe(0)
  })

  it.each([
    [
      'two sessions of a role',
      arn(`arn:aws:sts::111122223333:${ROLE}/a`),
      arn(`arn:aws:sts::111122223333:${ROLE}/b`),
      1,
    ],
    [
      'both payload formats',
      arn(`arn:aws:sts::111122223333:${ROLE}/a`),
      { identity: { userArn: `arn:aws:sts::111122223333:${ROLE}/b` } },
      1,
    ],
    [
      'two sessions in China',
      arn(`arn:aws-cn:sts::111122223333:${ROLE}/a`),
      arn(`arn:aws-cn:sts::111122223333:${ROLE}/b`),
      1,
    ],
    [
      'a subject in both payload formats',
      { authorizer: { jwt: { claims: { sub: 'a' } } } },
      { authorizer: { claims: { sub: 'a' } } },
      1,
    ],
    [
      'one user',
      arn('arn:aws:iam::111122223333:user/ops'),
      arn('arn:aws:iam::111122223333:user/ops'),
      1,
    ],
    [
      'two roles',
      arn(`arn:aws:sts::111122223333:${ROLE}/a`),
      arn('arn:aws:sts::111122223333:assumed-role/wallet/a'),
      2,
    ],
    [
      'two accounts',
      arn(`arn:aws:sts::111122223333:${ROLE}/a`),
      arn(`arn:aws:sts::444455556666:${ROLE}/a`),
      2,
    ],
    [
      'two partitions',
      arn(`arn:aws:sts::111122223333:${ROLE}/a`),
      arn(`arn:aws-cn:sts::111122223333:${ROLE}/a`),
      2,
    ],
    [
      'two subjects',
      { authorizer: { jwt: { claims: { sub: 'a' } } } },
      { authorizer: { jwt: { claims: { sub: 'b' } } } },
      2,
    ],
    [
      'a subject that looks like a role',
      arn('arn:aws:iam::111122223333:role/a'),
      { authorizer: { jwt: { claims: { sub: 'arn:aws:iam::111122223333:role/a' } } } },
      2,
    ],
  ])('is the principal and not the session: %s', async (_, first, second, calls) => {
    const key = 'a'
    await verify(person(1), { requestContext: first, key })
    await verify(person(1), { requestContext: second, key })
    await verify(twoElements(person(2)), { requestContext: first })
    await verify(twoElements(person(2)), { requestContext: second })
    expect(hits()).toBe(2 * calls)
  })
})

describe('a request that is refused at the door', () => {
  it.each([
    ['a malformed body', { 'content-type': 'text/plain' }, 415],
    ['a malformed key', { 'idempotency-key': '' }, 400],
  ])('reaches neither the store nor a provider: %s', async (_, headers, status) => {
    expect((await verify(person(1), { headers })).status).toBe(status)
    expect(await dump()).toEqual([])
    expect(hits()).toBe(0)
  })
})
