import { inspect } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import type net from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AwsService, awsJsonClient } from '../../lib/aws/json-client.ts'
import { closedPort, httpAnswer, startRawServer } from '../net/raw-server.ts'
import { runToItsEnd } from '../net/run-to-its-end.ts'
import { trustedCertificate } from '../net/trusted-certificate.ts'
import { type StubAnswer, startStubProvider } from '../providers/stub-provider.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { startLoopbackServer } from '../simulators/loopback-server.ts'
import { type WireFault, wireFaults } from '../simulators/wire-fault.ts'
import { signedBySdk } from './reference-signer.ts'

const certificate = trustedCertificate()
// Long, for the tests in which time plays no part: the machine may be busy.
const ATTEMPT_MS = 5000
const HASTY = { attemptMs: 400 }
// Three of these attempts, and time for a busy machine.
const HASTY_END_MS = 3 * HASTY.attemptMs + 1500

const service: AwsService = {
  name: 'dynamodb',
  target: 'Store_20260101',
  jsonVersion: '1.0',
  attemptMs: ATTEMPT_MS,
  maxAttempts: 3,
}
const credentials = {
  accessKeyId: 'AKIAINVENTED51A7C0DE',
  secretAccessKey: 'invented/51a7c0de51a7c0de+secret',
  sessionToken: 'invented/51a7f00d51a7f00d+token==',
}
const region = 'cn-north-1'
const clientAt = (endpoint: string, options: Partial<AwsService> = {}) =>
  awsJsonClient({ endpoint, region, credentials }, { ...service, ...options })

const servers: { close(): Promise<void> }[] = []
function closedLater<Server extends { close(): Promise<void> }>(server: Server): Server {
  servers.push(server)
  return server
}
// Short waits between attempts; the test of their length has its own.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.02)
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const input = { Key: { pk: { S: '张三·👩‍👩‍👧‍👦' } }, Limit: undefined }
const body = '{"Key":{"pk":{"S":"张三·👩‍👩‍👧‍👦"}}}'
const answer = { Attributes: { answer: { S: '一致 🏦' }, used: { N: '3' } } }
const ok = { body: answer }
const failing = (status: number, type: unknown): StubAnswer => ({
  status,
  body: { __type: type, message: 'canary-in-message 6299990000000017' },
})

async function failureOf(sent: Promise<unknown>): Promise<Error> {
  const outcome = await sent.then(
    () => 'no failure',
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error(`not an error: ${String(outcome)}`)
  return outcome
}

async function timed<Result>(task: () => Promise<Result>) {
  const start = performance.now()
  const result = await task()
  return { result, elapsedMs: performance.now() - start }
}

describe.each(['http', 'https'] as const)('a request to AWS over %s', (scheme) => {
  const tls = scheme === 'https' ? certificate : undefined
  const stubOf = async (...answers: StubAnswer[]) => {
    const stub = closedLater(await startStubProvider(tls))
    stub.answer(...answers)
    return stub
  }

  it('is what AWS documents, and nothing besides', async () => {
    const stub = await stubOf(ok)
    expect(await clientAt(stub.url).send('UpdateItem', input)).toEqual(answer)
    const [{ method, path, query, headers, body: received }] = stub.requests as [
      (typeof stub.requests)[0],
    ]
    expect([method, path, query]).toEqual(['POST', '/', ''])
    expect(received.toString()).toBe(body)
    expect(headers).toEqual({
      host: new URL(stub.url).host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': 'Store_20260101.UpdateItem',
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'x-amz-security-token': credentials.sessionToken,
      authorization: expect.stringContaining('/cn-north-1/dynamodb/aws4_request'),
    })
  })

  it("has a signature that AWS's own SDK would give what arrived", async () => {
    const stub = await stubOf(ok)
    await clientAt(stub.url).send('GetItem', input)
    const { headers, body: received } = stub.requests[0]!
    const sentAt = String(headers['x-amz-date'])
    const now = new Date(sentAt.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    expect(Math.abs(Date.now() - now.getTime())).toBeLessThan(10_000)
    const signed = Object.fromEntries(
      ['host', 'content-type', 'x-amz-target'].map((name) => [name, String(headers[name])]),
    )
    const { authorization } = await signedBySdk(
      { headers: signed, body: received, now },
      { credentials, region, service: 'dynamodb' },
    )
    expect(headers.authorization).toBe(authorization)
  })

  it('goes on the connection of the one before', async () => {
    const stub = await stubOf(ok)
    const { send } = clientAt(stub.url)
    for (const _ of [1, 2, 3]) await send('GetItem', input)
    expect(stub.requests).toHaveLength(3)
    expect(stub.connections).toBe(1)
  })

  it('gets its own answer among twenty at once', async () => {
    const server = closedLater(
      await startLoopbackServer(tls ? { tls } : {}, ({ body: sent }, { response }) => {
        const { number } = JSON.parse(sent.toString())
        setTimeout(() => response.end(JSON.stringify({ echo: number })), 20 - number)
      }),
    )
    const client = clientAt(server.url)
    await client.connectAhead(4)
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    const answers = await Promise.all(numbers.map((number) => client.send('Echo', { number })))
    expect(answers).toEqual(numbers.map((echo) => ({ echo })))
    expect(server.connections).toBe(20)
  })

  it('goes on a connection that was opened ahead', async () => {
    const stub = await stubOf({ ...ok, afterMs: 30 })
    const { send, connectAhead } = clientAt(stub.url)
    await connectAhead(2)
    await vi.waitFor(() => expect(stub.connections).toBe(2))
    expect(stub.requests).toHaveLength(0)
    await Promise.all([send('GetItem', input), send('GetItem', input)])
    expect([stub.connections, stub.requests.length]).toEqual([2, 2])
  })

  it('keeps no process alive once it is answered', async () => {
    const stub = await stubOf(ok)
    const run = runToItsEnd(
      [
        "const { dynamoDbClient } = await import(lib + '/aws/dynamodb-client.ts')",
        "const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }",
        'const access = { endpoint: process.env.SERVER, region: "local", credentials }',
        'const { send, connectAhead } = dynamoDbClient(access)',
        'await connectAhead(3)',
        "await Promise.all([send('GetItem', {}), send('GetItem', {})])",
        'const answeredAt = performance.now()',
        "process.on('exit', () => console.log(performance.now() - answeredAt < 800))",
      ],
      { SERVER: stub.url, TRUSTED: certificate.cert },
    )
    expect(await run).toEqual({ exitCode: 0, stdout: 'true\n', stderr: '' })
    expect([stub.connections, stub.requests.length]).toEqual([3, 2])
  })
})

describe('an error of AWS', () => {
  const stubOf = async (...answers: StubAnswer[]) => {
    const stub = closedLater(await startStubProvider())
    stub.answer(...answers)
    return stub
  }
  const PREFIX = 'com.amazonaws.dynamodb.v20120810#'

  it.each([
    [400, `${PREFIX}ConditionalCheckFailedException`, 'ConditionalCheckFailedException'],
    [400, 'ResourceNotFoundException', 'ResourceNotFoundException'],
    [400, 'com.amazon.coral.validate#ValidationException', 'ValidationException'],
    [400, undefined, 'UnknownError'],
    [400, '', 'UnknownError'],
    [403, null, 'UnknownError'],
    [500, `${PREFIX}InternalServerError`, 'InternalServerError'],
  ])('of HTTP %i and type %j is named %s', async (status, type, name) => {
    const stub = await stubOf(failing(status, type))
    const error = await failureOf(clientAt(stub.url).send('UpdateItem', input, { once: true }))
    expect(error.name).toBe(name)
    expect(error.message).toBe(name)
  })

  it.each(['17', '"text"', 'null', '[{}]', '{', ''])(
    'of HTTP 200 with %j is tried again',
    async (said) => {
      const stub = await stubOf({ body: said }, ok)
      expect(await clientAt(stub.url).send('UpdateItem', input)).toEqual(answer)
      expect(stub.requests).toHaveLength(2)
    },
  )

  const lasting = [
    [400, 'ConditionalCheckFailedException'],
    [400, 'ValidationException'],
    [400, 'AccessDeniedException'],
    [400, 'ResourceNotFoundException'],
    [400, 'ItemCollectionSizeLimitExceededException'],
    [400, 'UnrecognizedClientException'],
    [400, 'ExpiredTokenException'],
    [400, 'SerializationException'],
    [403, 'InvalidSignatureException'],
    [404, 'UnknownOperationException'],
  ] as const
  it.each(lasting)('of HTTP %i, %s, is final', async (status, type) => {
    const stub = await stubOf(failing(status, PREFIX + type), ok)
    const error = await failureOf(clientAt(stub.url).send('UpdateItem', input))
    expect(error.name).toBe(type)
    expect(stub.requests).toHaveLength(1)
  })

  const passing = [
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
    [429, 'TooManyRequests'],
    [400, 'ThrottlingException'],
    [400, 'ProvisionedThroughputExceededException'],
    [400, 'RequestLimitExceeded'],
    [400, 'LimitExceededException'],
  ] as const
  it.each(passing)('of HTTP %i, %s, is tried again', async (status, type) => {
    const stub = await stubOf(failing(status, PREFIX + type), failing(status, type), ok)
    expect(await clientAt(stub.url).send('UpdateItem', input)).toEqual(answer)
    expect(stub.requests.map((request) => request.body.toString())).toEqual([body, body, body])
  })

  it.each(passing)('of HTTP %i, %s, is told after three attempts', async (status, type) => {
    const stub = await stubOf(failing(status, type))
    const error = await failureOf(clientAt(stub.url).send('UpdateItem', input))
    expect(error.name).toBe(type)
    expect(stub.requests).toHaveLength(3)
  })

  it.each([...passing, ...lasting])(
    'of HTTP %i, %s, ends what is sent once',
    async (status, type) => {
      const stub = await stubOf(failing(status, type), ok)
      const error = await failureOf(clientAt(stub.url).send('UpdateItem', input, { once: true }))
      expect(error.name).toBe(type)
      await sleep(50)
      expect(stub.requests).toHaveLength(1)
    },
  )

  it('is waited for up to 100 ms, and up to 200 ms the second time', async () => {
    const stub = await stubOf(failing(503, 'ServiceUnavailable'))
    vi.spyOn(Math, 'random').mockReturnValue(0.999)
    const waits: number[] = []
    for (const _ of [1, 2, 3]) {
      const { elapsedMs } = await timed(() => failureOf(clientAt(stub.url).send('GetItem', input)))
      waits.push(elapsedMs)
    }
    // The shortest: a busy machine may prolong any.
    expect(Math.min(...waits)).toBeGreaterThan(295)
    expect(Math.min(...waits)).toBeLessThan(590)
  })
})

/** What a store may do on the wire, and the name of the failure where it does nothing else. */
const faults = {
  hang: 'TimeoutError',
  drip: 'TimeoutError',
  'truncated-with-length': 'ConnectionLost',
  'truncated-without-length': 'UnknownError',
  html: 'UnknownError',
  'empty-body': 'UnknownError',
  'json-null': 'UnknownError',
  'json-array': 'UnknownError',
  'reset-before-answer': 'ConnectionLost',
  'reset-mid-body': 'ConnectionLost',
  'server-error': 'UnknownError',
  'redirect-302': 'UnknownError',
  gzip: 'UnknownError',
} as const satisfies Partial<Record<WireFault, string>>

describe.each(['http', 'https'] as const)('a fault over %s', (scheme) => {
  const names = Object.keys(faults) as (keyof typeof faults)[]

  const clientOf = (url: string, fault: keyof typeof faults) =>
    clientAt(url, faults[fault] === 'TimeoutError' ? HASTY : {})

  /** Meets the first `times` requests with the fault, and answers the others. */
  async function startFaulty(fault: keyof typeof faults, times: number) {
    let requests = 0
    const tls = scheme === 'https' ? { tls: certificate } : {}
    const reply = { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) }
    const server = closedLater(
      await startLoopbackServer(tls, (_request, exchange) => {
        requests += 1
        if (requests > times) exchange.response.end(reply.body)
        else wireFaults[fault]({ ...exchange, reply, slowMs: 0 })
      }),
    )
    return { url: server.url, requests: () => requests }
  }

  it.each(names)('(%s) is overcome', async (fault) => {
    const server = await startFaulty(fault, 1)
    expect(await clientOf(server.url, fault).send('UpdateItem', input)).toEqual(answer)
    expect(server.requests()).toBe(2)
  })

  it.each(names)('(%s) that lasts ends after three attempts, in time', async (fault) => {
    const server = await startFaulty(fault, Infinity)
    const { result, elapsedMs } = await timed(() =>
      failureOf(clientOf(server.url, fault).send('UpdateItem', input)),
    )
    expect(result.name).toBe(faults[fault])
    expect(server.requests()).toBe(3)
    expect(elapsedMs).toBeLessThan(HASTY_END_MS)
  })

  it.each(names)('(%s) ends what is sent once', async (fault) => {
    const server = await startFaulty(fault, 1)
    const client = clientOf(server.url, fault)
    const error = await failureOf(client.send('UpdateItem', input, { once: true }))
    expect(error.name).toBe(faults[fault])
    await sleep(50)
    expect(server.requests()).toBe(1)
    expect(await client.send('UpdateItem', input, { once: true })).toEqual(answer)
  })
})

describe('an answer that is whole JSON', () => {
  const json = JSON.stringify(answer)
  it.each([
    [
      'of a longer length',
      `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(json) + 50}\r\n\r\n${json}`,
    ],
    [
      'without its last chunk',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${Buffer.byteLength(json).toString(16)}\r\n${json}\r\n`,
    ],
  ])('%s is none where the connection ends', async (_what, bytes) => {
    const server = closedLater(
      await startRawServer((socket) => socket.once('data', () => socket.end(bytes))),
    )
    const error = await failureOf(clientAt(server.url).send('GetItem', input, { once: true }))
    expect(error.name).toBe('ConnectionLost')
  })
})

describe('a store that cannot be reached', () => {
  it.each(['http', 'https'])('over %s is tried three times', async (scheme) => {
    const { send, connectAhead } = clientAt(`${scheme}://${await closedPort()}`)
    await connectAhead(2)
    const { result, elapsedMs } = await timed(() => failureOf(send('GetItem', input)))
    expect(result.name).toBe('ConnectionLost')
    expect(elapsedMs).toBeLessThan(ATTEMPT_MS)
  })

  it.each([undefined, '0'])(
    'for want of a trusted certificate is shown nothing with NODE_TLS_REJECT_UNAUTHORIZED=%s',
    async (setting) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', setting)
      const server = closedLater(await startRawServer(() => {}, loopbackCertificate()))
      const error = await failureOf(clientAt(server.url).send('GetItem', input))
      expect(error.name).toBe('ConnectionLost')
      expect(server.connections).toBe(3)
      expect(server.received()).toBe('')
    },
  )

  it('because no handshake comes is given up in time', async () => {
    const server = closedLater(await startRawServer(() => {}))
    const { result, elapsedMs } = await timed(() =>
      failureOf(clientAt(`https://${server.host}`, HASTY).send('GetItem', input)),
    )
    expect(result.name).toBe('TimeoutError')
    expect(server.connections).toBe(3)
    expect(elapsedMs).toBeLessThan(HASTY_END_MS)
    await vi.waitFor(() => expect(server.open).toBe(0))
  })
})

describe.each(['http', 'https'] as const)('connections over %s that died while idle', (scheme) => {
  /** Keeps `count` connections of one client, and gives them up in one of three ways. */
  async function startForgetful(count: number, onData: (reset: () => void) => unknown) {
    let forgets = false
    const onOld: number[] = []
    const sockets: net.Socket[] = []
    const server = closedLater(
      await startRawServer(
        (socket, reset) => {
          sockets.push(socket)
          const isOld = sockets.length <= count
          socket.on('data', (chunk) => {
            if (!chunk.includes('POST')) return
            if (forgets && isOld) {
              onOld.push(sockets.indexOf(socket))
              onData(reset)
            } else setTimeout(() => socket.write(httpAnswer({})), forgets ? 0 : 30)
          })
        },
        scheme === 'https' ? certificate : {},
      ),
    )
    const client = clientAt(server.url, { attemptMs: 1000 })
    await Promise.all(Array.from({ length: count }, () => client.send('GetItem', input)))
    expect(server.connections).toBe(count)
    await sleep(10)
    forgets = true
    return { client, server, sockets, onOld }
  }

  it.each<[string, (reset: () => void) => unknown]>([
    ['reset', (reset) => reset()],
    ['silent', () => {}],
  ])('and are %s cost one attempt, however many they are', async (_how, onData) => {
    const { client, server, onOld } = await startForgetful(5, onData)
    expect(await client.send('UpdateItem', input)).toEqual({})
    expect(onOld).toHaveLength(1)
    expect(server.connections).toBe(6)
    await vi.waitFor(() => expect(server.open).toBe(1))
  })

  it('cost one request of those that are sent once, however many they are', async () => {
    const { client, onOld } = await startForgetful(5, (reset) => reset())
    const once = () => client.send('UpdateItem', input, { once: true })
    expect((await failureOf(once())).name).toBe('ConnectionLost')
    expect(await once()).toEqual({})
    expect(onOld).toHaveLength(1)
  })

  it('and were closed by the server meanwhile cost nothing', async () => {
    const { client, server, sockets, onOld } = await startForgetful(3, () => {})
    for (const socket of sockets) socket.end()
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect(await client.send('UpdateItem', input, { once: true })).toEqual({})
    expect(onOld).toHaveLength(0)
    expect(server.connections).toBe(4)
  })
})

describe('a failure', () => {
  const canaries = [
    'canary',
    '6299990000000017',
    '张三',
    'pk',
    credentials.secretAccessKey,
    credentials.sessionToken,
    credentials.accessKeyId,
    'AWS4-HMAC',
    'Attributes',
  ]
  const everythingOf = (error: Error) => {
    const own = Object.getOwnPropertyNames(error)
    return [
      String(error),
      error.stack,
      JSON.stringify(error, own),
      inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    ].join('\n')
  }

  it.each<[string, StubAnswer]>([
    ['that AWS explains', failing(400, 'ValidationException')],
    ['that passes', failing(500, 'InternalServerError')],
    ['without a type', { status: 400, body: { message: 'canary', Item: answer } }],
    ['of a text', { status: 502, body: '<html>canary</html>' }],
    ['of HTTP 200', { body: 'Attributes canary' }],
    ['of a lost connection', 'reset'],
    ['of time', 'hang'],
  ])('%s shows nothing of what was sent or said', async (_what, said) => {
    const stub = closedLater(await startStubProvider())
    stub.answer(said)
    const error = await failureOf(clientAt(stub.url, HASTY).send('UpdateItem', input))
    const shown = everythingOf(error)
    expect(shown).toContain(error.name)
    expect(canaries.filter((canary) => shown.includes(canary))).toEqual([])
  })

  it('of a credential that no header can carry shows nothing of it, and sends nothing', async () => {
    const stub = closedLater(await startStubProvider())
    const broken = { ...credentials, sessionToken: 'canary\n' }
    const { send } = awsJsonClient({ endpoint: stub.url, region, credentials: broken }, service)
    const shown = everythingOf(await failureOf(send('GetItem', input)))
    expect(canaries.filter((canary) => shown.includes(canary))).toEqual([])
    expect(stub.connections).toBe(0)
  })
})
