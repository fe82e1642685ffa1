import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import https from 'node:https'
import net from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onceConnected } from '../../lib/net/connection.ts'
import { keepAliveAgent } from '../../lib/net/keep-alive-agent.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { startLoopbackServer } from '../simulators/loopback-server.ts'
import { rawExchange } from '../simulators/raw-exchange.ts'
import { closedPort, httpAnswer, startRawServer } from './raw-server.ts'
import { runToItsEnd } from './run-to-its-end.ts'
import { trustedCertificate } from './trusted-certificate.ts'

const GIVES_UP_MS = 1500
const certificate = trustedCertificate()

const servers: { close(): Promise<void> }[] = []
function closedLater<Server extends { close(): Promise<void> }>(server: Server): Server {
  servers.push(server)
  return server
}
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const at = (url: string) => keepAliveAgent(new URL(url))

/** Long enough for both ends of a connection in this process to see what the other did. */
async function aWhile() {
  await sleep(50)
  for (let turns = 0; turns < 5; turns++) await turn()
}

async function timed(task: Promise<unknown>) {
  const start = performance.now()
  await task
  return performance.now() - start
}

describe.each(['http', 'https'] as const)('a connection opened ahead over %s', (scheme) => {
  const tlsOptions = scheme === 'https' ? certificate : {}
  const rawServer = async (accept: (socket: net.Socket, reset: () => void) => void) =>
    closedLater(await startRawServer(accept, tlsOptions))
  const httpServer = async (afterMs = 0) => {
    const options = scheme === 'https' ? { tls: certificate } : {}
    return closedLater(
      await startLoopbackServer(options, (_request, { response }) => {
        setTimeout(() => response.end('{}'), afterMs)
      }),
    )
  }
  /** Opens two connections ahead and lets `spoil` do what it likes with them; requests are answered. */
  const spoiling = async (spoil: (socket: net.Socket, reset: () => void) => unknown) => {
    const greeted: (() => unknown)[] = []
    const server = await rawServer((socket, reset) => {
      greeted.push(() => spoil(socket, reset))
      socket.on('data', () => socket.write(httpAnswer({ connection: server.connections })))
    })
    const { agent, connectAhead } = at(server.url)
    await connectAhead(2)
    await vi.waitFor(() => expect(greeted).toHaveLength(2))
    for (const spoilOne of greeted) spoilOne()
    await aWhile()
    return { server, agent }
  }
  const bodies = (answers: { body: Buffer }[]) => answers.map(({ body }) => body.toString())

  it('stands when the promise resolves, and carries nothing', async () => {
    const server = await rawServer(() => {})
    await at(server.url).connectAhead(3)
    await aWhile()
    expect(server.connections).toBe(3)
    expect(server.open).toBe(3)
    expect(server.received()).toBe('')
  })

  it('carries one of the first requests, and no further one is opened for it', async () => {
    const server = await httpServer(50)
    const { agent, connectAhead } = at(server.url)
    await connectAhead(3)
    const three = [1, 2, 3].map(() => rawExchange(server.url, { agent }))
    expect(bodies(await Promise.all(three))).toEqual(['{}', '{}', '{}'])
    expect(server.connections).toBe(3)
  })

  it('is kept for the requests after the first ones', async () => {
    const server = await httpServer()
    const { agent, connectAhead } = at(server.url)
    await connectAhead(1)
    for (const _ of [1, 2, 3]) await rawExchange(server.url, { agent })
    expect(server.connections).toBe(1)
  })

  it('is joined by others where more is asked at once', async () => {
    const server = await httpServer(50)
    const { agent, connectAhead } = at(server.url)
    await connectAhead(2)
    const many = Array.from({ length: 20 }, () => rawExchange(server.url, { agent }))
    expect(new Set(bodies(await Promise.all(many)))).toEqual(new Set(['{}']))
    expect(server.connections).toBe(20)
  })

  it('is waited for by a request that comes before it stands', async () => {
    const server = await httpServer()
    const { agent, connectAhead } = at(server.url)
    const opened = connectAhead(1)
    const answer = await rawExchange(server.url, { agent })
    await opened
    expect(answer.status).toBe(200)
    expect(server.connections).toBe(1)
  })

  it.each<[string, (socket: net.Socket, reset: () => void) => unknown]>([
    ['closed', (socket) => socket.end()],
    ['reset', (_socket, reset) => reset()],
    ['told to go away, and closed,', (socket) => socket.end(httpAnswer({ gone: true }))],
  ])('is not used once the server has %s it', async (_how, spoil) => {
    const { server, agent } = await spoiling(spoil)
    const answer = await rawExchange(server.url, { agent })
    expect(answer.body.toString()).toBe('{"connection":3}')
    expect(server.connections).toBe(3)
  })

  it('is not used where the server has spoken unasked, or an old answer would be a new one', async () => {
    const { server, agent } = await spoiling((socket) => socket.write(httpAnswer({ forged: true })))
    const answer = await rawExchange(server.url, { agent })
    expect(answer.body.toString()).toBe('{"connection":3}')
    await vi.waitFor(() => expect(server.open).toBe(1))
  })

  it.each([
    [0, 2],
    [4000, 2],
    [4001, 3],
    [86_400_000, 3],
    [-1, 3],
  ])('that was idle for %i ms makes %i in all, where 4 s are allowed', async (idleMs, expected) => {
    const server = await httpServer()
    const { agent, connectAhead, dropIdle } = at(server.url)
    const now = Date.now()
    vi.setSystemTime(now)
    await connectAhead(2)
    vi.setSystemTime(now + idleMs)
    dropIdle(4000)
    await rawExchange(server.url, { agent })
    expect(server.connections).toBe(expected)
  })

  it('is dropped with all the kept ones', async () => {
    const server = await rawServer((socket) => {
      socket.on('data', () => socket.write(httpAnswer({})))
    })
    const { agent, connectAhead, dropIdle } = at(server.url)
    await connectAhead(3)
    await rawExchange(server.url, { agent })
    await sleep(5)
    dropIdle(0)
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect((await rawExchange(server.url, { agent })).status).toBe(200)
    expect(server.connections).toBe(4)
  })

  it('has the options of those that the agent opens itself', async () => {
    const server = await httpServer()
    const connect =
      scheme === 'https' ? vi.spyOn(tls, 'connect') : vi.spyOn(net, 'createConnection')
    const { agent, connectAhead } = at(server.url)
    await connectAhead(1)
    await Promise.all([rawExchange(server.url, { agent }), rawExchange(server.url, { agent })])
    const [ahead, own] = connect.mock.calls.map(([options]) => Object(options))
    connect.mockRestore()
    const names = ['noDelay', 'keepAlive', 'rejectUnauthorized', 'secureContext', 'host'] as const
    for (const name of names) expect([name, ahead[name]]).toEqual([name, own[name]])
    expect(ahead.noDelay).toBe(true)
  })

  it('lets a process end that asks nothing', async () => {
    const server = await rawServer(() => {})
    const { exitCode, stdout, stderr } = await runToItsEnd(
      [
        "const { keepAliveAgent } = await import(lib + '/net/keep-alive-agent.ts')",
        'await keepAliveAgent(new URL(process.env.SERVER)).connectAhead(2)',
        "console.log('stands')",
      ],
      { SERVER: server.url, TRUSTED: certificate.cert },
    )
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'stands\n', stderr: '' })
    expect(server.connections).toBe(2)
  })

  it('fails nobody where there is no server, and the request has the usual failure', async () => {
    const url = `${scheme}://${await closedPort()}`
    const { agent, connectAhead } = at(url)
    expect(await timed(connectAhead(3))).toBeLessThan(GIVES_UP_MS - 100)
    await expect(rawExchange(url, { agent })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('fails nobody where the name does not resolve', async () => {
    const url = `${scheme}://nonexistent.invalid`
    const { agent, connectAhead } = at(url)
    expect(await timed(connectAhead(2))).toBeLessThan(GIVES_UP_MS + 1500)
    await expect(rawExchange(url, { agent })).rejects.toMatchObject({ syscall: 'getaddrinfo' })
  })

  it('does not stand in the way once a server is there', async () => {
    const { host } = new URL(`http://${await closedPort()}`)
    const { agent, connectAhead } = at(`${scheme}://${host}`)
    await connectAhead(2)
    const options = scheme === 'https' ? { tls: certificate } : {}
    const server = closedLater(
      await startLoopbackServer(
        { ...options, port: Number(host.split(':')[1]) },
        (_request, { response }) => response.end('{}'),
      ),
    )
    expect((await rawExchange(server.url, { agent })).status).toBe(200)
    expect(server.connections).toBe(1)
  })
})

describe('a connection opened ahead', () => {
  it('reaches an IPv6 address', async () => {
    const server = closedLater(
      await startRawServer(
        (socket) => socket.on('data', () => socket.write(httpAnswer({ v: 6 }))),
        { host: '::1' },
      ),
    )
    const { agent, connectAhead } = at(server.url)
    await connectAhead(1)
    await vi.waitFor(() => expect(server.connections).toBe(1))
    const answer = await rawExchange(server.url, { agent })
    expect(answer.body.toString()).toBe('{"v":6}')
    expect(server.connections).toBe(1)
  })

  it('whose handshake does not come is given up in time, and closed', async () => {
    const server = closedLater(await startRawServer(() => {}))
    const elapsedMs = await timed(at(`https://${server.host}`).connectAhead(2))
    expect(elapsedMs).toBeGreaterThan(GIVES_UP_MS - 50)
    expect(elapsedMs).toBeLessThan(GIVES_UP_MS + 1500)
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect(server.connections).toBe(2)
  })

  it('whose TLS breaks before it is used is not used', async () => {
    const breaks: (() => void)[] = []
    const server = closedLater(
      await startRawServer((socket, _reset, garble) => {
        breaks.push(garble)
        socket.on('data', () => socket.write(httpAnswer({})))
      }, certificate),
    )
    const { agent, connectAhead } = at(server.url)
    await connectAhead(1)
    await vi.waitFor(() => expect(breaks).toHaveLength(1))
    breaks[0]!()
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect((await rawExchange(server.url, { agent })).status).toBe(200)
    expect(server.connections).toBe(2)
  })

  it('whose handshake does not come is not used', async () => {
    const server = closedLater(
      await startRawServer((socket) => {
        if (server.connections === 1) return
        const secure = new tls.TLSSocket(socket, { isServer: true, ...certificate })
        secure.once('data', () => secure.write(httpAnswer({})))
      }),
    )
    const url = `https://${server.host}`
    const { agent, connectAhead } = at(url)
    await connectAhead(1)
    expect((await rawExchange(url, { agent })).status).toBe(200)
    expect(server.connections).toBe(2)
  })
})

describe('a server that proves nothing', () => {
  const ask = async (url: string) => {
    const { agent, connectAhead } = at(url)
    await connectAhead(2)
    return rawExchange(url, { agent, body: 'secret' })
  }

  it.each([undefined, '0'])(
    'is shown nothing with NODE_TLS_REJECT_UNAUTHORIZED=%s',
    async (setting) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', setting)
      const server = closedLater(await startRawServer(() => {}, loopbackCertificate()))
      await expect(ask(server.url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
      expect(server.connections).toBe(3)
      expect(server.received()).toBe('')
    },
  )

  it('is asked by its name, and shown nothing where its certificate has another', async () => {
    const asked: string[] = []
    const server = closedLater(
      await startRawServer(() => {}, {
        ...certificate,
        SNICallback: (name, callback) => {
          asked.push(name)
          callback(null)
        },
      }),
    )
    await expect(ask(server.url.replace('127.0.0.1', 'localhost'))).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    expect(asked).toEqual(['localhost', 'localhost', 'localhost'])
    expect(server.received()).toBe('')
  })

  describe('better than TLS 1.1', () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls
    beforeEach(() => {
      Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' })
      vi.resetModules()
    })
    afterEach(() => {
      Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS })
    })

    it.each([
      ['TLSv1.1', 'EPROTO', 1],
      ['TLSv1.2', 200, 2],
    ] as const)(
      'that speaks %s gets %s, where Node would speak with it',
      async (version, fate, heard) => {
        const server = closedLater(
          await startRawServer((socket) => socket.on('data', () => socket.end(httpAnswer({}))), {
            ...certificate,
            minVersion: 'TLSv1',
            maxVersion: version,
          }),
        )
        expect((await rawExchange(server.url, { agent: new https.Agent() })).status).toBe(200)
        const { keepAliveAgent } = await import('../../lib/net/keep-alive-agent.ts')
        const { agent, connectAhead } = keepAliveAgent(new URL(server.url))
        await connectAhead(1)
        const outcome = await rawExchange(server.url, { agent }).then(
          ({ status }) => status,
          (error: NodeJS.ErrnoException) => error.code,
        )
        expect(outcome).toBe(fate)
        expect(server.received().split('POST ')).toHaveLength(heard + 1)
      },
    )
  })
})

describe('a kept connection', () => {
  it('is not taken for one where the clock went back behind it alone', async () => {
    const server = closedLater(
      await startLoopbackServer({}, (_request, { response }) => {
        setTimeout(() => response.end('{}'), 20)
      }),
    )
    const { agent, dropIdle } = at(server.url)
    const now = Date.now()
    vi.setSystemTime(now)
    const first = rawExchange(server.url, { agent })
    await sleep(10)
    const second = rawExchange(server.url, { agent })
    await first
    vi.setSystemTime(now + 1000)
    await second
    vi.setSystemTime(now + 500)
    dropIdle(4000)
    expect((await rawExchange(server.url, { agent })).status).toBe(200)
    expect(server.connections).toBe(2)
  })
})

describe('onceConnected', () => {
  const opened = async () => {
    const created = channel('net.client.socket')
    const server = closedLater(await startRawServer(() => {}))
    const sockets: net.Socket[] = []
    const keep = (message: unknown) => sockets.push((message as { socket: net.Socket }).socket)
    created.subscribe(keep)
    await at(server.url).connectAhead(1)
    created.unsubscribe(keep)
    return sockets[0]!
  }

  it('calls back at once where the connection stands', async () => {
    const connected = vi.fn<() => void>()
    onceConnected(await opened(), connected)
    expect(connected).toHaveBeenCalledOnce()
  })

  it('never calls back for one that is destroyed: nothing can be sent on it', async () => {
    const socket = await opened()
    const connected = vi.fn<() => void>()
    socket.destroy()
    onceConnected(socket, connected)
    await once(socket, 'close')
    expect(connected).not.toHaveBeenCalled()
  })
})
