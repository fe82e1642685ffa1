import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type Verified, VerificationError } from '../../client/src/client.ts'
import { person, personOf, twoElements } from '../ledger/open-ledger.ts'
import { startLocalApi } from './local-api.ts'

type Fetch = typeof fetch

let api: Awaited<ReturnType<typeof startLocalApi>>
beforeAll(async () => {
  api = await startLocalApi()
}, 60_000)
afterAll(() => api.close())

/** A request that reaches the API, and what is left of its answer on the way back. */
const losses = {
  'is lost with the connection': async () => {
    throw new TypeError('fetch failed')
  },
  'breaks off': async (answer) => {
    const half = new Uint8Array(await answer.arrayBuffer()).subarray(0, 40)
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(half),
      pull: (stream) => stream.error(new TypeError('terminated')),
    })
    return new Response(body, answer)
  },
  'never comes': () => new Promise<never>(() => {}),
  'becomes a 503 of the gateway': () => gatewayMessage(503, 'Service Unavailable'),
  'becomes a 504 of the gateway': () => gatewayMessage(504, 'Endpoint request timed out'),
  'becomes a 500 of the gateway': () => gatewayMessage(500, 'Internal Server Error'),
} satisfies Record<string, (answer: Response) => Promise<Response>>

async function gatewayMessage(status: number, message: string) {
  return Response.json({ message }, { status })
}

/** Loses the answers of as many requests, and notes the key of each. */
function losing(lose: (answer: Response) => Promise<Response>, times: number) {
  const keys: string[] = []
  const lossy: Fetch = async (input, init) => {
    keys.push(new Headers(init?.headers).get('idempotency-key') ?? '')
    const answer = await fetch(input, init)
    if (keys.length > times) return answer
    const copy = new Response(await answer.clone().arrayBuffer(), answer)
    return lose(copy)
  }
  return { keys, fetch: lossy }
}

const clientWith = (options: { fetch?: Fetch; timeoutMs?: number; maxRetries?: number }) =>
  createClient({ baseUrl: api.url, auth: 'none', ...options })

const failureOf = async (asked: Promise<Verified>) => {
  const error = await asked.then(
    (found) => Promise.reject(new Error(`answered ${found.verdict}`)),
    (error: unknown) => error,
  )
  if (!(error instanceof VerificationError)) throw error
  return error
}

let serial = 0
const somebody = () => person((serial += 1))

describe.each(Object.entries(losses))('where the answer %s', (_, lose) => {
  it('once, the repeat gets the same answer and the provider is asked once', async () => {
    const who = somebody()
    const { keys, fetch } = losing(lose, 1)
    const found = await clientWith({ fetch, timeoutMs: 1000 }).verifyThreeElement(who)
    expect(found).toMatchObject({ verdict: 'match', replayed: true, idempotencyKey: keys[0] })
    expect(new Set(keys).size).toBe(1)
    expect(api.hits(who.cardNumber)).toBe(1)
  })

  it('every time, the outcome is unknown until the caller repeats with the key', async () => {
    const who = twoElements(somebody())
    const { keys, fetch } = losing(lose, Infinity)
    const client = clientWith({ fetch, timeoutMs: 1000 })
    const error = await failureOf(client.verifyTwoElement(who))
    expect(error).toMatchObject({
      outcomeUnknown: true,
      billable: 'unknown',
      retryable: true,
      idempotencyKey: keys[0],
    })
    expect(new Set(keys).size).toBe(1)
    expect(keys).toHaveLength(3)

    const { idempotencyKey = '' } = error
    const found = await clientWith({}).verifyTwoElement(who, { idempotencyKey })
    expect(found).toMatchObject({ verdict: 'match', replayed: true, idempotencyKey })
    expect(api.hits(who.cardNumber)).toBe(1)
  })
})

describe('a provider is asked once', () => {
  it('where the client loses its patience while the call runs', async () => {
    const who = personOf('slow')
    const found = await clientWith({ timeoutMs: 400, maxRetries: 9 }).verifyThreeElement(who)
    expect(found).toMatchObject({ verdict: 'match', replayed: true })
    expect(api.hits(who.cardNumber)).toBe(1)
  })

  it('by ten calls at once under one key', async () => {
    const who = somebody()
    const client = clientWith({ maxRetries: 5 })
    const calls = Array.from({ length: 10 }, () =>
      client.verifyThreeElement(who, { idempotencyKey: 'payout-8841' }),
    )
    const ids = new Set((await Promise.all(calls)).map(({ id }) => id))
    expect(ids.size).toBe(1)
    expect(api.hits(who.cardNumber)).toBe(1)
  })

  it.each([
    // May be repeated, says the service; may have been charged, it says as well.
    ['databao-10014', { code: 'provider_unavailable', retryable: true }],
    ['databao-10003', { code: 'provider_timeout', retryable: false, outcomeUnknown: true }],
    ['reset-mid-body', { code: 'provider_error', retryable: false, outcomeUnknown: true }],
    ['databao-10001', { code: 'provider_rejected_input', outcomeUnknown: false }],
  ])('where it may have charged for a failure: %s', async (scenario, expected) => {
    const who = personOf(scenario, (serial += 1))
    const error = await failureOf(clientWith({}).verifyThreeElement(who))
    expect(error).toMatchObject({ ...expected, billable: 'unknown' })
    expect(api.hits(who.cardNumber)).toBe(1)
  })

  it('and again only where it certainly charged nothing', async () => {
    const who = twoElements(personOf('juhe-218801'))
    // Without the 5 s that the service asks for.
    const impatient: Fetch = async (input, init) => {
      const answer = await fetch(input, init)
      const headers = new Headers(answer.headers)
      headers.delete('retry-after')
      return new Response(answer.body, { status: answer.status, headers })
    }
    const client = clientWith({ fetch: impatient, maxRetries: 1 })
    const error = await failureOf(client.verifyTwoElement(who))
    expect(error).toMatchObject({ code: 'provider_timeout', billable: 'no', outcomeUnknown: false })
    expect(api.hits(who.cardNumber)).toBe(2)
  })
})

describe('a new call', () => {
  it('has a new key, and asks anew only if told to', async () => {
    const who = somebody()
    const client = clientWith({})
    const first = await client.verifyThreeElement(who)
    const second = await client.verifyThreeElement(who)
    expect(second).toMatchObject({ reused: true, replayed: false })
    expect(second.idempotencyKey).not.toBe(first.idempotencyKey)
    expect(api.hits(who.cardNumber)).toBe(1)
    const third = await client.verifyThreeElement(who, { anew: true })
    expect(third.reused).toBe(false)
    expect(api.hits(who.cardNumber)).toBe(2)
  })
})
