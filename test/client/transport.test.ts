import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from '../../client/src/client.ts'
import {
  type LoopbackRequest,
  type LoopbackResponse,
  sendReply,
  startLoopbackServer,
} from '../simulators/loopback-server.ts'
import { answer, clientOf, failureOf, pair } from './stub-service.ts'

type Server = Awaited<ReturnType<typeof startLoopbackServer>>

const servers: Server[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

async function serve(respond: (request: LoopbackRequest, answer: LoopbackResponse) => void) {
  const server = await startLoopbackServer({}, respond)
  servers.push(server)
  return server
}

const clientAt = (baseUrl: string) => createClient({ baseUrl, auth: 'none', maxRetries: 0 })
const json = (body: object, headers = {}) => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
})

describe('a connection', () => {
  it.each(['127.0.0.1', 'localhost'])('that is refused has sent nothing: %s', async (host) => {
    const server = await serve(() => undefined)
    await server.close()
    const baseUrl = server.url.replace('127.0.0.1', host)
    expect(await failureOf(clientAt(baseUrl).verifyTwoElement(pair))).toMatchObject({
      code: 'connection_failed',
      message: 'connection_failed (ECONNREFUSED)',
      outcomeUnknown: false,
      billable: 'no',
      retryable: true,
    })
  })

  it.each([undefined, null, 1, 'lost', {}])('may fail with anything: %j', async (thrown) => {
    const { client } = clientOf([], { fetch: () => Promise.reject(thrown) })
    const error = await failureOf(client.verifyTwoElement(pair))
    expect(error).toMatchObject({ code: 'connection_lost', outcomeUnknown: true })
  })

  it.each([
    ['ENOTFOUND', 'connection_failed'],
    ['EAI_AGAIN', 'connection_failed'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connection_failed'],
    ['ECONNRESET', 'connection_lost'],
    ['EPIPE', 'connection_lost'],
    ['UND_ERR_SOCKET', 'connection_lost'],
    [undefined, 'connection_lost'],
  ])('that fails with %s counts as %s', async (code, expected) => {
    const { client } = clientOf([new TypeError('fetch failed', { cause: { code } })])
    expect(await failureOf(client.verifyTwoElement(pair))).toMatchObject({
      code: expected,
      outcomeUnknown: expected === 'connection_lost',
    })
  })

  it.each([
    ['before the answer', (answering: LoopbackResponse) => answering.reset()],
    [
      'in its middle',
      (answering: LoopbackResponse) => {
        const { response } = answering
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
        response.write('{"verdict":"match"', () => answering.reset())
      },
    ],
    [
      'before its end',
      ({ response }: LoopbackResponse) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
        response.write(JSON.stringify(answer), () => response.destroy())
      },
    ],
  ])('that is lost leaves the outcome unknown: %s', async (_, lose) => {
    const server = await serve((_request, response) => lose(response))
    expect(await failureOf(clientAt(server.url).verifyTwoElement(pair))).toMatchObject({
      code: 'connection_lost',
      outcomeUnknown: true,
      billable: 'unknown',
      retryable: true,
    })
  })

  it('ends with the signal of the caller', async () => {
    const lost = Promise.withResolvers<void>()
    const stop = new AbortController()
    const server = await serve((_request, { response }) => {
      response.once('close', () => lost.resolve())
      stop.abort()
    })
    const asked = clientAt(server.url).verifyTwoElement(pair, { signal: stop.signal })
    expect(await failureOf(asked)).toMatchObject({ code: 'aborted', outcomeUnknown: true })
    await lost.promise
  })

  it.each([301, 302, 303, 307, 308])('follows no redirect: %i', async (status) => {
    const elsewhere: LoopbackRequest[] = []
    const other = await serve((request, { response }) => {
      elsewhere.push(request)
      sendReply(response, json(answer))
    })
    const server = await serve((_request, { response }) =>
      response.writeHead(status, { location: `${other.url}/match` }).end(),
    )
    const client = clientAt(server.url)
    const error = await failureOf(client.verifyTwoElement(pair))
    expect(error).toMatchObject({ code: 'unexpected_answer', status, outcomeUnknown: true })
    expect(await failureOf(client.getVerification(answer.id))).toMatchObject({ status })
    expect(elsewhere).toEqual([])
  })

  it('carries the request as the contract has it', async () => {
    const requests: LoopbackRequest[] = []
    const server = await serve((request, { response }) => {
      requests.push(request)
      sendReply(response, json(answer))
    })
    const client = createClient({
      baseUrl: `${server.url}/prod/`,
      auth: { bearer: async () => 'invented.to.ken' },
      language: 'zh',
    })
    await client.verifyTwoElement(pair, { idempotencyKey: 'payout-8841', anew: true })
    const [{ method, path, query, headers, body } = {} as LoopbackRequest] = requests
    expect({ method, path, query, body: body.toString() }).toEqual({
      method: 'POST',
      path: '/prod/v1/verifications/two-element',
      query: '',
      body: JSON.stringify(pair),
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'payout-8841',
      'cache-control': 'no-cache',
      'accept-language': 'zh',
      authorization: 'Bearer invented.to.ken',
    })
    await client.verifyTwoElement(pair)
    expect(requests[1]?.headers['cache-control']).not.toBe('no-cache')
  })
})

it('a query has only what was given', async () => {
  const { client, sent } = clientOf([{ body: { verifications: [] } }])
  await client.listVerifications({ reference: 'a:b c', limit: undefined } as { reference: string })
  expect(sent[0]?.url).toBe('https://api.example/prod/v1/verifications?reference=a%3Ab+c')
})

describe('a base URL', () => {
  it.each([
    'http://api.example',
    'http://127.0.0.1.example',
    'http://localhost.example',
    'http://127.1.2.3.4',
    'http://[::2]',
    'ftp://localhost',
    'file:///etc/hosts',
    'https://key:secret@api.example',
    'https://api.example?to=elsewhere',
    'https://api.example#here',
    'api.example',
    '',
  ])('over which no person may go is refused: %j', (baseUrl) => {
    let message = ''
    try {
      createClient({ baseUrl, auth: 'none' })
    } catch (error) {
      message = (error as TypeError).message
    }
    expect(message).toMatch(/^baseUrl must be /)
    expect(message).not.toContain('secret')
  })

  it.each([
    ['https://api.example', 'https://api.example/v1/'],
    ['https://api.example/', 'https://api.example/v1/'],
    ['https://api.example/prod', 'https://api.example/prod/v1/'],
    ['https://api.example/prod//', 'https://api.example/prod/v1/'],
    ['HTTPS://API.example:8443/prod/', 'https://api.example:8443/prod/v1/'],
    ['http://localhost:3000', 'http://localhost:3000/v1/'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/v1/'],
    ['http://[::1]:3000', 'http://[::1]:3000/v1/'],
  ])('is what every path begins with: %s', async (baseUrl, start) => {
    const { client, sent } = clientOf([{}], { baseUrl })
    await client.verifyTwoElement(pair)
    expect(sent[0]?.url).toBe(`${start}verifications/two-element`)
  })
})

describe('an id', () => {
  it.each(['', '../usage', '1', `${answer.id}/`, `${answer.id}?x`, '.', '..%2fusage'])(
    'that is none of the service never gets into a URL: %j',
    async (id) => {
      const { client, sent } = clientOf([{ body: answer }])
      expect(await failureOf(client.getVerification(id))).toMatchObject({
        code: 'not_found',
        retryable: false,
        billable: 'no',
      })
      expect(sent).toEqual([])
    },
  )

  it('may be written in capitals', async () => {
    const { client, sent } = clientOf([{ body: answer }])
    expect(await client.getVerification(answer.id.toUpperCase())).toEqual(answer)
    expect(sent[0]?.url).toBe(`https://api.example/prod/v1/verifications/${answer.id}`)
  })
})
