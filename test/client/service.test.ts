import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type SigV4Credentials } from '../../client/src/client.ts'
import { awsCredentials } from '../bundle/function-process.ts'
import { person, twoElements } from '../ledger/open-ledger.ts'
import { type GatewayEvent, startLocalApi } from './local-api.ts'
import { failureOf } from './stub-service.ts'

const trusted = getCACertificates('default')
let api: Awaited<ReturnType<typeof startLocalApi>>
beforeAll(async () => {
  api = await startLocalApi()
  setDefaultCACertificates([...trusted, readFileSync(api.certificate, 'utf8')])
}, 60_000)
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await api.close()
})

const credentials: SigV4Credentials = {
  region: awsCredentials.AWS_REGION,
  accessKeyId: awsCredentials.AWS_ACCESS_KEY_ID,
  secretAccessKey: awsCredentials.AWS_SECRET_ACCESS_KEY,
}
const clientWith = (options: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({
    baseUrl: api.gatewayUrl,
    auth: { sigv4: credentials },
    maxRetries: 0,
    ...options,
  })
const changing =
  (change: (init: RequestInit) => RequestInit): typeof fetch =>
  (input, init = {}) =>
    fetch(input, change(init))

let serial = 0
const somebody = () => person((serial += 1))

describe('a signed call', () => {
  it('is let in, with a Chinese name too', async () => {
    const who = { ...somebody(), name: '买买提·艾力𠮷', reference: 'payout:8841' }
    expect(await clientWith().verifyThreeElement(who)).toMatchObject({
      verdict: 'match',
      elements: ['name', 'idNumber', 'cardNumber'],
      card: { last4: who.cardNumber.slice(-4) },
      reference: 'payout:8841',
    })
    expect(api.hits(who.cardNumber)).toBe(1)
  })

  it('signs its key, its caching and its session', async () => {
    const sigv4 = async () => ({ ...credentials, sessionToken: 'invented//session+token==' })
    const client = clientWith({ auth: { sigv4 } })
    await client.verifyTwoElement(twoElements(somebody()), { anew: true })
    const { headers } = api.received.at(-1) as GatewayEvent
    expect(headers['x-amz-security-token']).toBe('invented//session+token==')
    expect(headers['authorization']).toContain(
      'SignedHeaders=cache-control;host;idempotency-key;x-amz-date;x-amz-security-token,',
    )
  })

  it.each<[string, typeof fetch]>([
    ['body', changing((init) => ({ ...init, body: `${init.body as string} ` }))],
    [
      'key',
      changing((init) => {
        const headers = new Headers(init.headers)
        headers.set('idempotency-key', 'another')
        return { ...init, headers }
      }),
    ],
  ])('is turned away with another %s', async (_, fetch) => {
    const who = somebody()
    expect(await failureOf(clientWith({ fetch }).verifyThreeElement(who))).toMatchObject({
      code: 'gateway_refused',
      status: 403,
      outcomeUnknown: false,
      billable: 'no',
      retryable: false,
    })
    expect(api.hits(who.cardNumber)).toBe(0)
  })

  it.each<[string, Parameters<typeof createClient>[0]['auth']]>([
    ['no signature', 'none'],
    ['a token', { bearer: 'invented.to.ken' }],
    ['another secret', { sigv4: { ...credentials, secretAccessKey: 'guessed' } }],
    ['another region', { sigv4: { ...credentials, region: 'cn-north-1' } }],
  ])('is turned away with %s', async (_, auth) => {
    const asked = clientWith({ auth }).verifyThreeElement(somebody())
    expect(await failureOf(asked)).toMatchObject({ code: 'gateway_refused', status: 403 })
  })

  it('is signed anew for each attempt, with what the credentials are then', async () => {
    const secrets = ['guessed', credentials.secretAccessKey]
    const sigv4 = () => ({ ...credentials, secretAccessKey: secrets.shift() ?? '' })
    let attempts = 0
    const client = clientWith({
      auth: { sigv4 },
      maxRetries: 1,
      fetch: async (input, init) => {
        const answer = await fetch(input, init)
        attempts += 1
        return answer.status === 403 ? Response.json({ message: 'Busy' }, { status: 429 }) : answer
      },
    })
    expect(await client.verifyThreeElement(somebody())).toMatchObject({ verdict: 'match' })
    expect(attempts).toBe(2)
  })
})

describe('a read', () => {
  it('finds what was answered, page by page', async () => {
    const client = clientWith()
    const reference = 'order_8841:a.b-c'
    const ids: string[] = []
    for (let number = 0; number < 3; number++) {
      ids.unshift((await client.verifyThreeElement({ ...somebody(), reference })).id)
    }
    const { cursor, verifications } = await client.listVerifications({ reference, limit: 2 })
    expect(verifications.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(cursor).toBe(ids[1])

    const pages: string[][] = []
    for await (const page of client.verificationPages({ reference, limit: 2 })) {
      pages.push(page.verifications.map(({ id }) => id))
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2)])
    const found = await client.getVerification(String(ids[0]))
    expect(found).toEqual(verifications[0])
    expect(found.card).not.toHaveProperty('last4')
  })

  it('tells what was used', async () => {
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
    const { usage } = await clientWith().getUsage({ from: day, to: day })
    const line = usage.find(({ provider }) => provider === 'databao')
    expect(line).toMatchObject({ day, billed: { yes: line?.reached, no: 0 } })
    expect(line?.reached).toBeGreaterThan(0)
  })

  it('says what is wrong with it, in the language that was asked for', async () => {
    const client = clientWith({ language: 'zh' })
    const id = '01a207ae-dac9-7710-9250-164430d7c7f8'
    const unknown = await failureOf(client.getVerification(id))
    expect(unknown).toMatchObject({ code: 'not_found', status: 404, verificationId: id })
    expect(unknown.problem?.title).toBe('未找到')
    const query = { from: '2026-11-23', to: '2026-11-22' }
    expect(await failureOf(client.getUsage(query))).toMatchObject({
      code: 'validation_failed',
      errors: [{ parameter: 'to', code: 'format' }],
    })
  })
})

describe('a question', () => {
  it('that breaks a rule costs nothing and names its fields', async () => {
    const who = { name: '', idNumber: '110101190001010015', cardNumber: '1' }
    expect(await failureOf(clientWith().verifyThreeElement(who))).toMatchObject({
      code: 'validation_failed',
      status: 422,
      retryable: false,
      billable: 'no',
      errors: [
        { pointer: '/name', code: 'length' },
        { pointer: '/idNumber', code: 'checksum' },
        { pointer: '/cardNumber', code: 'length' },
      ],
    })
  })

  it('under a key that served another one is refused', async () => {
    const client = clientWith()
    const { idempotencyKey } = await client.verifyThreeElement(somebody())
    const other = client.verifyThreeElement(somebody(), { idempotencyKey })
    expect(await failureOf(other)).toMatchObject({ code: 'idempotency_key_reused', idempotencyKey })
  })
})
