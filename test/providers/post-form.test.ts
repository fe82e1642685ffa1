import { channel } from 'node:diagnostics_channel'
import dns from 'node:dns'
import { once } from 'node:events'
import type net from 'node:net'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import { postFormTo } from '../../lib/providers/post-form.ts'
import { closedPort, httpAnswer, startRawServer } from '../net/raw-server.ts'
import { trustedCertificate } from '../net/trusted-certificate.ts'
import { startDatabaoSimulator } from '../simulators/databao-simulator.ts'
import { startJuheSimulator } from '../simulators/juhe-simulator.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import type { ProviderSimulator } from '../simulators/provider-simulator.ts'
import { REDIRECT_PATH, type WireFault, wireFaults } from '../simulators/wire-fault.ts'
import {
  fixed,
  ID_NUMBER,
  MATCH_CARD,
  NAME,
  person,
  personOf,
  problem,
  type Row,
  seen,
} from './asking.ts'
import { startStubProvider, type StubProvider } from './stub-provider.ts'

const LATE_MS = 250
const certificate = trustedCertificate()
const appCode = '51a7c0de51a7c0de51a7c0de51a7c0de'
const juheSecret = { key: '51a7beef51a7beef51a7beef51a7beef', openId: 'JH51a7f00d51a7f00d51a7f00d' }
const success = { body: { code: '10000', message: '成功', data: { state: '1' } } }
const match = { verdict: 'match', billable: 'yes' }
const neverSent = problem('databao', ['provider_unavailable', 503, true, 'no'])
const lost = problem('databao', ['provider_error', 502, false, 'unknown'])
const timedOut = problem('databao', ['provider_timeout', 504, false, 'unknown'])

const databaoAt = (baseUrl: string, timeoutMs = 1500) =>
  databaoClient({ baseUrl, timeoutMs, credentials: fixed({ appCode }) })

const chunk = (body: object) => {
  const json = Buffer.from(JSON.stringify(body))
  return `${json.length.toString(16)}\r\n${json.toString()}\r\n`
}

function expectNothingOfTheRequest(received: string) {
  for (const part of ['POST', 'HTTP/1', 'APPCODE', appCode, MATCH_CARD, ID_NUMBER, 'acct_no']) {
    expect(received).not.toContain(part)
  }
}

const faultRows = {
  slow: 'match',
  hang: ['provider_timeout', 504, false, 'unknown'],
  drip: ['provider_timeout', 504, false, 'unknown'],
  'truncated-with-length': ['provider_error', 502, false, 'unknown'],
  'truncated-without-length': ['provider_error', 502, false, 'unknown'],
  html: ['provider_error', 502, false, 'unknown'],
  'wrong-content-type': 'match',
  gbk: 'match',
  'invalid-bytes': ['provider_error', 502, false, 'unknown'],
  'oversized-chunked': ['provider_error', 502, false, 'unknown'],
  'oversized-with-length': ['provider_error', 502, false, 'unknown'],
  'reset-before-answer': ['provider_error', 502, false, 'unknown'],
  'reset-mid-body': ['provider_error', 502, false, 'unknown'],
  'redirect-302': ['provider_error', 502, false, 'unknown'],
  'redirect-307': ['provider_error', 502, false, 'unknown'],
  'server-error': ['provider_error', 502, false, 'unknown'],
  'empty-body': ['provider_error', 502, false, 'unknown'],
  gzip: ['provider_error', 502, false, 'unknown'],
  'duplicate-keys': ['provider_error', 502, false, 'unknown'],
  'json-array': ['provider_error', 502, false, 'unknown'],
  'json-null': ['provider_error', 502, false, 'unknown'],
  'json-too-deep': ['provider_error', 502, false, 'unknown'],
} satisfies Record<WireFault, Row | 'match'>

describe('a fault on the wire', () => {
  const timeoutMs = 400
  let databaoSimulator: ProviderSimulator
  let juheSimulator: ProviderSimulator
  beforeAll(async () => {
    databaoSimulator = await startDatabaoSimulator({ appCode, slowMs: 150 })
    juheSimulator = await startJuheSimulator({ ...juheSecret, slowMs: 150 })
  })
  afterAll(() => Promise.all([databaoSimulator.close(), juheSimulator.close()]))

  async function ask(provider: 'databao' | 'juhe', fault: string, within = timeoutMs) {
    const simulator = provider === 'databao' ? databaoSimulator : juheSimulator
    const client =
      provider === 'databao'
        ? databaoAt(simulator.url, within)
        : juheClient({
            baseUrl: simulator.url,
            channel: 'encrypted',
            credentials: fixed(juheSecret),
            timeoutMs: within,
          })
    const before = simulator.hits.length
    const { outcome, elapsedMs } = await seen(client, personOf(fault))
    const hits = simulator.hits.slice(before)
    return { outcome, elapsedMs, hits }
  }

  const cases = Object.entries(faultRows).flatMap(([fault, row]) =>
    (['databao', 'juhe'] as const).map((provider) => [fault, provider, row] as const),
  )

  it.each(cases)('%s of %s costs one call at most, in time', async (fault, provider, row) => {
    const { outcome, elapsedMs, hits } = await ask(provider, fault)
    expect(outcome).toEqual(typeof row === 'string' ? match : problem(provider, row))
    expect(hits.map((hit) => hit.scenario)).toEqual([fault])
    expect(hits.map((hit) => hit.path)).not.toContain(REDIRECT_PATH)
    expect(elapsedMs).toBeLessThan(timeoutMs + LATE_MS)
  })

  it.each(['databao', 'juhe'] as const)('of %s is not followed up later', async (provider) => {
    const simulator = provider === 'databao' ? databaoSimulator : juheSimulator
    const before = simulator.hits.length
    await Promise.all([
      ask(provider, 'redirect-307'),
      ask(provider, 'reset-before-answer'),
      ask(provider, 'truncated-with-length'),
      ask(provider, 'hang', 100),
    ])
    await vi.waitFor(() => expect(simulator.hits.length).toBe(before + 4))
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(simulator.hits.length).toBe(before + 4)
  })

  it('that is slowness past the deadline is a timeout of one call', async () => {
    const { outcome, elapsedMs, hits } = await ask('databao', 'slow', 80)
    expect(outcome).toEqual(timedOut)
    expect(hits).toHaveLength(1)
    expect(elapsedMs).toBeLessThan(80 + LATE_MS)
  })

  it('is known by every name that the simulators have for one', () => {
    expect(Object.keys(faultRows).toSorted()).toEqual(Object.keys(wireFaults).toSorted())
  })
})

describe('an answer', () => {
  let stub: StubProvider
  beforeAll(async () => {
    stub = await startStubProvider()
  })
  afterAll(() => stub.close())

  const ofSize = (bytes: number) => {
    const text = JSON.stringify(success.body)
    return { body: text + ' '.repeat(bytes - Buffer.byteLength(text)) }
  }

  it.each([
    [64 * 1024, match],
    [64 * 1024 + 1, lost],
  ])('of %i bytes is within the cap or beyond it', async (bytes, expected) => {
    stub.answer(ofSize(bytes))
    const { outcome } = await seen(databaoAt(stub.url), person())
    expect(outcome).toEqual(expected)
    expect(stub.requests).toHaveLength(1)
  })

  it.each(['gzip', 'br', 'deflate', 'x'])('encoded as %s is not decoded', async (encoding) => {
    stub.answer({ ...success, headers: { 'Content-Encoding': encoding } })
    const { outcome } = await seen(databaoAt(stub.url), person())
    expect(outcome).toEqual(lost)
    expect(stub.requests).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])('of HTTP %i leads nowhere', async (status) => {
    const target = await startStubProvider()
    target.answer(success)
    stub.answer({ ...success, status, headers: { location: `${target.url}/elsewhere` } })
    const { outcome } = await seen(databaoAt(stub.url), person())
    expect(outcome).toEqual(lost)
    expect(stub.requests).toHaveLength(1)
    expect(target.requests).toHaveLength(0)
    expect(target.connections).toBe(0)
    await target.close()
  })

  it.each([
    [
      'of HTTP 101',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['of two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
    ['that is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['cut short after whole JSON', httpAnswer(success.body).replace(/(?<=Length: )/, '1')],
    [
      'without its last chunk',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(success.body)}`,
    ],
    ['with a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s is unreadable, once', async (_what, bytes) => {
    const server = await startRawServer((socket) => socket.once('data', () => socket.end(bytes)))
    const { outcome } = await seen(databaoAt(`http://${server.host}`), person())
    expect(outcome).toEqual(lost)
    expect(server.connections).toBe(1)
    await server.close()
  })
})

describe('a connection that is never made', () => {
  it('because the port is closed is tried twice and told as never sent', async () => {
    let sockets = 0
    const count = () => {
      sockets += 1
    }
    const host = await closedPort()
    channel('net.client.socket').subscribe(count)
    const { outcome } = await seen(databaoAt(`http://${host}`), person())
    channel('net.client.socket').unsubscribe(count)
    expect(outcome).toEqual(neverSent)
    expect(sockets).toBe(2)
  })

  it('because the name does not resolve is tried twice and told as never sent', async () => {
    const lookup = vi.spyOn(dns, 'lookup')
    const { outcome, elapsedMs } = await seen(
      databaoAt('https://nonexistent.invalid', 2500),
      person(),
    )
    expect(outcome).toEqual(neverSent)
    expect(lookup.mock.calls.length).toBeGreaterThanOrEqual(1)
    expect(lookup.mock.calls.length).toBeLessThanOrEqual(2)
    expect(elapsedMs).toBeLessThan(2500 + LATE_MS)
    lookup.mockRestore()
  })

  it('because the other side speaks plain http has shown nothing', async () => {
    const server = await startRawServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    const { outcome } = await seen(databaoAt(`https://${server.host}`), person())
    expect(outcome).toEqual(neverSent)
    expect(server.connections).toBe(2)
    expectNothingOfTheRequest(server.received())
    await server.close()
  })

  it('because the other side resets before the handshake has shown nothing', async () => {
    const server = await startRawServer((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    )
    const { outcome } = await seen(databaoAt(`https://${server.host}`), person())
    expect(outcome).toEqual(neverSent)
    expect(server.connections).toBe(2)
    expectNothingOfTheRequest(server.received())
    await server.close()
  })

  it('because the certificate is not trusted has shown nothing, encrypted or clear', async () => {
    const server = await startRawServer(
      (socket) => socket.end(httpAnswer(success.body)),
      loopbackCertificate(),
    )
    const { outcome } = await seen(databaoAt(server.url), person())
    await server.close()
    expect(outcome).toEqual(neverSent)
    expect(server.connections).toBe(2)
    expect(server.received()).toBe('')
  })

  it('because no handshake comes ends with the deadline', async () => {
    const server = await startRawServer(() => {})
    const { outcome, elapsedMs } = await seen(databaoAt(`https://${server.host}`, 400), person())
    expect(outcome).toEqual(neverSent)
    expect(server.connections).toBe(1)
    expect(elapsedMs).toBeLessThan(400 + LATE_MS)
    expectNothingOfTheRequest(server.received())
    await server.close()
  })

  it('because no handshake comes is given up after 3 s, and tried once more', async () => {
    const server = await startRawServer(() => {})
    const { outcome, elapsedMs } = await seen(databaoAt(`https://${server.host}`, 3600), person())
    expect(outcome).toEqual(neverSent)
    expect(server.connections).toBe(2)
    expect(elapsedMs).toBeGreaterThan(3000)
    expect(elapsedMs).toBeLessThan(3600 + LATE_MS)
    expectNothingOfTheRequest(server.received())
    await server.close()
  })

  it('because the certificate is unknown stays so where the environment would accept it', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const provider = await startStubProvider(loopbackCertificate())
    provider.answer(success)
    const { outcome } = await seen(databaoAt(provider.url), person())
    vi.unstubAllEnvs()
    expect(outcome).toEqual(neverSent)
    expect(provider.requests).toHaveLength(0)
    await provider.close()
  })

  it('at first, and is at the second attempt, gives the answer of one call', async () => {
    const server = await startRawServer((socket) => {
      if (server.connections === 1) {
        socket.resetAndDestroy()
        return
      }
      const secure = new tls.TLSSocket(socket, { isServer: true, ...certificate })
      secure.on('error', () => {})
      secure.once('data', () => secure.end(httpAnswer(success.body)))
    })
    const { outcome } = await seen(databaoAt(`https://${server.host}`), person())
    expect(outcome).toEqual(match)
    expect(server.connections).toBe(2)
    await server.close()
  })
})

describe('whether a request was sent', () => {
  it('is unknown where the server accepts, reads nothing and resets', async () => {
    const server = await startRawServer((socket) => {
      socket.pause()
      setTimeout(() => socket.resetAndDestroy(), 60)
    })
    const { outcome } = await seen(databaoAt(`http://${server.host}`), person())
    expect(outcome).toEqual(lost)
    expect(server.connections).toBe(1)
    await server.close()
  })

  it.each(['opened for it', 'opened ahead'])(
    'is never taken for a no where bytes have left on a connection %s',
    async (how) => {
      const server = await startRawServer((socket) => socket.resetAndDestroy())
      const post = postFormTo(`http://${server.host}`)
      for (let round = 0; round < 20; round++) {
        const opened = channel('net.client.socket')
        const sockets: net.Socket[] = []
        const keep = (message: unknown) => sockets.push((message as { socket: net.Socket }).socket)
        opened.subscribe(keep)
        if (how === 'opened ahead') await post.connectAhead()
        const { outcome } = await post({ form: {}, deadline: performance.now() + 1000 })
        opened.unsubscribe(keep)
        const isWritten = sockets.some((socket) => socket.bytesWritten > 0)
        expect(outcome).toBe(isWritten ? 'broken' : 'never_sent')
      }
      await server.close()
    },
  )

  it.each([0, -1])('is a no %i ms from the deadline, without a connection', async (leftMs) => {
    const stub = await startStubProvider()
    const post = postFormTo(stub.url)
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000)
    const exchange = await post({ form: {}, deadline: 1000 + leftMs })
    now.mockRestore()
    expect(exchange).toEqual({ outcome: 'never_sent' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(stub.connections).toBe(0)
    await stub.close()
  })
})

describe('an exchange', () => {
  const deadline = () => performance.now() + 5000
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

  it('asks for plain JSON, by a form', async () => {
    const stub = await startStubProvider()
    stub.answer(success)
    const form = { realname: NAME, acct_no: MATCH_CARD }
    await postFormTo(stub.url)({ headers: { 'x-own': 'own' }, form, deadline: deadline() })
    const { method, headers, body } = stub.requests[0]!
    expect(method).toBe('POST')
    expect(headers).toMatchObject({
      'x-own': 'own',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'content-length': String(body.length),
    })
    expect(body.toString()).toBe('realname=%E5%BC%A0%E4%B8%89&acct_no=6299990000000017')
    await stub.close()
  })

  // Its connection stands: the 3 s for connecting are none of its.
  it('may take longer than a connection may', async () => {
    const stub = await startStubProvider()
    stub.answer({ ...success, afterMs: 3200 })
    const { outcome } = await postFormTo(stub.url)({ form: {}, deadline: deadline() })
    expect(outcome).toBe('answered')
    await stub.close()
  })

  // A frozen environment would find them over when it thaws.
  it('leaves no timer behind, answered or not', async () => {
    const stub = await startStubProvider()
    stub.answer(success)
    const before = timers()
    for (const url of [stub.url, `http://${await closedPort()}`]) {
      await postFormTo(url)({ form: {}, deadline: deadline() })
      expect(timers()).toBeLessThanOrEqual(before)
    }
    await stub.close()
  })
})

describe.each(['http', 'https'] as const)('a connection kept alive over %s', (scheme) => {
  let stub: StubProvider
  beforeAll(async () => {
    stub = await startStubProvider(scheme === 'https' ? certificate : undefined)
  })
  afterAll(() => stub.close())
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Two calls, `idleMs` apart by the clock: how many connections they took, and their verdicts. */
  async function twoCalls(idleMs: number) {
    stub.answer(success)
    const ask = databaoAt(stub.url)
    const before = stub.connections
    const now = Date.now()
    vi.setSystemTime(now)
    const first = await seen(ask, person())
    vi.setSystemTime(now + idleMs)
    const second = await seen(ask, person())
    expect([first.outcome, second.outcome]).toEqual([match, match])
    expect(stub.requests).toHaveLength(2)
    return stub.connections - before
  }

  it('carries the second call too', async () => {
    expect(await twoCalls(0)).toBe(1)
  })

  it('is used up to 4 s of idleness', async () => {
    expect(await twoCalls(4000)).toBe(1)
  })

  it.each([4001, 60_000, 86_400_000])('is not used after %i ms of idleness', async (idleMs) => {
    expect(await twoCalls(idleMs)).toBe(2)
  })

  it('is not used where the clock went back', async () => {
    expect(await twoCalls(-1)).toBe(2)
  })

  it('is not used after 4 s, also where there are several', async () => {
    stub.answer({ ...success, afterMs: 50 })
    const ask = databaoAt(stub.url)
    const before = stub.connections
    const now = Date.now()
    vi.setSystemTime(now)
    await Promise.all([seen(ask, person()), seen(ask, person()), seen(ask, person())])
    expect(stub.connections - before).toBe(3)
    vi.setSystemTime(now + 4001)
    const { outcome } = await seen(ask, person())
    expect(outcome).toEqual(match)
    expect(stub.connections - before).toBe(4)
    expect(stub.requests).toHaveLength(4)
  })

  it('is not used after a timeout or a cut answer', async () => {
    const ask = databaoAt(stub.url, 150)
    const before = stub.connections
    stub.answer('hang')
    expect((await seen(ask, person())).outcome).toEqual(timedOut)
    stub.answer({ body: ' '.repeat(100_000) })
    expect((await seen(ask, person())).outcome).toEqual(lost)
    stub.answer(success)
    expect((await seen(ask, person())).outcome).toEqual(match)
    expect(stub.connections - before).toBe(3)
  })
})

describe('a kept connection that the server has given up', () => {
  /** Answers the first request of a connection; the second meets `onSecond`. */
  const startForgetful = async (onSecond: (socket: net.Socket) => void) => {
    const requests: number[] = []
    const server = await startRawServer((socket) => {
      let heard = 0
      socket.on('data', (chunk) => {
        if (!chunk.includes('POST')) return
        heard += 1
        requests.push(server.connections)
        if (heard === 1) socket.write(httpAnswer(success.body))
        else onSecond(socket)
      })
    })
    return Object.assign(server, { requests })
  }

  it.each([
    ['resets it', (socket: net.Socket) => void socket.resetAndDestroy(), lost],
    ['closes it', (socket: net.Socket) => void socket.end(), lost],
    ['is silent', () => {}, timedOut],
  ])('and %s costs that one request and no second hit', async (_what, onSecond, expected) => {
    const server = await startForgetful(onSecond)
    const ask = databaoAt(`http://${server.host}`, 400)
    expect((await seen(ask, person())).outcome).toEqual(match)
    const { outcome, elapsedMs } = await seen(ask, person())
    expect(outcome).toEqual(expected)
    expect(elapsedMs).toBeLessThan(400 + LATE_MS)
    expect(server.requests).toEqual([1, 1])
    expect((await seen(ask, person())).outcome).toEqual(match)
    expect(server.requests).toEqual([1, 1, 2])
    await server.close()
  })

  it('and closed while it was idle is replaced before anything is sent', async () => {
    const closed: Promise<unknown>[] = []
    const server = await startRawServer((socket) => {
      closed.push(once(socket, 'close'))
      socket.on('data', (chunk) => {
        if (!chunk.includes('POST')) return
        socket.write(httpAnswer(success.body))
        setTimeout(() => socket.end(), 20)
      })
    })
    const ask = databaoAt(`http://${server.host}`)
    expect((await seen(ask, person())).outcome).toEqual(match)
    await closed[0]
    expect((await seen(ask, person())).outcome).toEqual(match)
    expect(server.connections).toBe(2)
    expect(server.received().split('POST ')).toHaveLength(3)
    await server.close()
  })
})

describe.each(['http', 'https'] as const)('a connection opened ahead over %s', (scheme) => {
  const tlsOptions = scheme === 'https' ? certificate : {}
  const deadline = () => performance.now() + 5000
  const form = { acct_no: MATCH_CARD }
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A provider that answers; the first connection, opened ahead, meets `onFirst` before that. */
  async function startSpoilt(onFirst: (socket: net.Socket) => unknown) {
    let first: net.Socket | undefined
    const server = await startRawServer((socket) => {
      first ??= socket
      socket.on('data', () => socket.write(httpAnswer({ connection: server.connections })))
    }, tlsOptions)
    const post = postFormTo(server.url)
    await post.connectAhead()
    await vi.waitFor(() => expect(first).toBeDefined())
    onFirst(first!)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { server, post }
  }
  const bodyOf = (exchange: Awaited<ReturnType<ReturnType<typeof postFormTo>>>) =>
    'answer' in exchange ? exchange.answer.body.toString() : exchange.outcome

  it('carries the request, though the server takes no other any more', async () => {
    const server = await startRawServer((socket) => {
      socket.on('data', () => socket.write(httpAnswer(success.body)))
    }, tlsOptions)
    const post = postFormTo(server.url)
    await post.connectAhead()
    expect(server.received()).toBe('')
    server.stopListening()
    expect(bodyOf(await post({ form, deadline: deadline() }))).toBe(JSON.stringify(success.body))
    expect(server.received()).toMatch(/^POST .*acct_no=6299990000000017$/s)
    await server.close()
  })

  it("is opened by a client's `prepare`, and serves its first question", async () => {
    const stub = await startStubProvider(scheme === 'https' ? certificate : undefined)
    stub.answer(success)
    const ask = databaoAt(stub.url)
    await ask.prepare()
    await vi.waitFor(() => expect(stub.connections).toBe(1))
    expect(stub.requests).toHaveLength(0)
    expect((await seen(ask, person())).outcome).toEqual(match)
    expect([stub.connections, stub.requests.length]).toEqual([1, 1])
    await stub.close()
  })

  it.each<[string, (socket: net.Socket, reset: () => void) => unknown, string]>([
    ['reset', (_socket, reset) => reset(), 'broken'],
    ['closed', (socket) => socket.end(), 'broken'],
    ['silent', () => {}, 'timed_out'],
  ])('that is %s once it is written on may have run', async (_how, onData, outcome) => {
    const server = await startRawServer((socket, reset) => {
      socket.once('data', () => onData(socket, reset))
    }, tlsOptions)
    const post = postFormTo(server.url)
    await post.connectAhead()
    expect(await post({ form, deadline: performance.now() + 700 })).toEqual({ outcome })
    expect(server.connections).toBe(1)
    await server.close()
  })

  it('that the server closed before is replaced', async () => {
    const { server, post } = await startSpoilt((socket) => socket.end())
    expect(bodyOf(await post({ form, deadline: deadline() }))).toBe('{"connection":2}')
    expect(server.received().split('POST ')).toHaveLength(2)
    await server.close()
  })

  it('on which the server spoke unasked is replaced: that is no verdict on anybody', async () => {
    const { server, post } = await startSpoilt((socket) => socket.write(httpAnswer(success.body)))
    expect(bodyOf(await post({ form, deadline: deadline() }))).toBe('{"connection":2}')
    expect(server.received().split('POST ')).toHaveLength(2)
    await server.close()
  })

  it.each([
    [4000, 1],
    [4001, 2],
    [-1, 2],
  ])('that was idle for %i ms makes %i in all', async (idleMs, connections) => {
    const stub = await startStubProvider(scheme === 'https' ? certificate : undefined)
    stub.answer(success)
    const post = postFormTo(stub.url)
    const now = Date.now()
    vi.setSystemTime(now)
    await post.connectAhead()
    vi.setSystemTime(now + idleMs)
    expect((await post({ form, deadline: deadline() })).outcome).toBe('answered')
    expect(stub.connections).toBe(connections)
    await stub.close()
  })

  it('to nobody fails no one, and the request was never sent', async () => {
    const post = postFormTo(`${scheme}://${await closedPort()}`)
    await post.connectAhead()
    expect(await post({ form, deadline: deadline() })).toEqual({ outcome: 'never_sent' })
  })
})

describe('a connection opened ahead that does not stand yet', () => {
  it('is waited for, and shows nothing of a request that it never carries', async () => {
    const server = await startRawServer(() => {})
    const post = postFormTo(`https://${server.host}`)
    const opened = post.connectAhead()
    const exchange = await post({
      form: { acct_no: MATCH_CARD },
      deadline: performance.now() + 300,
    })
    expect(exchange).toEqual({ outcome: 'never_sent' })
    expect(server.connections).toBe(1)
    expectNothingOfTheRequest(server.received())
    await opened
    await server.close()
  })
})
