import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { httpPoster, type PostOutcome } from '../../lib/net/http-poster.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { closedPort, httpAnswer, startRawServer } from './raw-server.ts'
import { runToItsEnd } from './run-to-its-end.ts'
import { trustedCertificate } from './trusted-certificate.ts'

const GIVES_UP_MS = 1500
const MAX_REPLY_BYTES = 8 * 1024 * 1024
// Long, for the tests in which time plays no part: the machine may be busy.
const PATIENT_MS = 10_000
const HEADERS = { host: 'store.example', 'x-target': 'Put' }
const certificate = trustedCertificate()

const servers: { close(): Promise<void> }[] = []
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function startedServer(...options: Parameters<typeof startRawServer>) {
  const server = await startRawServer(...options)
  servers.push(server)
  return server
}

const posterAt = (url: string) => {
  const poster = httpPoster(new URL(url))
  return {
    ...poster,
    ask: (body = '{}', timeoutMs = PATIENT_MS) => poster.post(HEADERS, body, timeoutMs),
  }
}
const textOf = (outcome: PostOutcome) =>
  typeof outcome === 'string' ? outcome : `${outcome.status} ${outcome.body.toString()}`

describe.each(['http', 'https'] as const)('a POST over %s', (scheme) => {
  const rawServer = (accept: Parameters<typeof startRawServer>[0]) =>
    startedServer(accept, scheme === 'https' ? certificate : {})
  /** Tells each request the number of its connection. */
  const numbering = async (afterMs = 0, headers = '') => {
    const server = await rawServer((socket) => {
      const reply = httpAnswer({ connection: server.connections }).replace('\r\n', `\r\n${headers}`)
      socket.on('data', () => setTimeout(() => socket.write(reply), afterMs))
    })
    return server
  }

  it('is these bytes, and no others', async () => {
    const server = await numbering()
    const { ask } = posterAt(server.url)
    expect(textOf(await ask('{"name":"张三"}'))).toBe('200 {"connection":1}')
    expect(Buffer.from(server.received(), 'latin1').toString()).toBe(
      'POST / HTTP/1.1\r\nhost: store.example\r\nx-target: Put\r\ncontent-length: 17\r\n\r\n{"name":"张三"}',
    )
  })

  it.each(['canary\r\nx: y', 'canary\n', 'canary\r', 'canary\0', 'canary\t', 'canaré', '\x7f'])(
    'with a header of %j is none, and the failure does not repeat it',
    async (value) => {
      const server = await numbering()
      const sent = posterAt(server.url).post({ ...HEADERS, 'x-token': value }, '{}', PATIENT_MS)
      const error = await sent.catch((reason: unknown) => reason)
      expect(error).toEqual(new TypeError('header'))
      expect(String(error)).not.toContain('canar')
      expect(server.connections).toBe(0)
    },
  )

  it('goes on the connection that was used last', async () => {
    const server = await numbering(20)
    const { ask } = posterAt(server.url)
    const first = ask()
    await sleep(5)
    await Promise.all([first, ask(), ask()])
    const later = [textOf(await ask()), textOf(await ask())]
    expect(later).toEqual(['200 {"connection":3}', '200 {"connection":3}'])
    expect(server.connections).toBe(3)
  })

  it.each([
    [999, 1],
    [1000, 2],
    [60_000, 2],
  ])('%i ms after one whose server keeps for 2 s goes on connection %i', async (ms, expected) => {
    const server = await numbering(0, 'Keep-Alive: timeout=2\r\n')
    const { ask } = posterAt(server.url)
    const now = Date.now()
    vi.setSystemTime(now)
    await ask()
    vi.setSystemTime(now + ms)
    expect(textOf(await ask())).toBe(`200 {"connection":${expected}}`)
    await vi.waitFor(() => expect(server.open).toBe(1))
  })

  it('is not sent where the server has said that it closes', async () => {
    const server = await numbering(0, 'Connection: close\r\n')
    const { ask } = posterAt(server.url)
    for (const number of [1, 2, 3]) {
      expect(textOf(await ask())).toBe(`200 {"connection":${number}}`)
    }
    await vi.waitFor(() => expect(server.open).toBe(0))
  })

  it('has the reply that lasts until its connection ends', async () => {
    const server = await rawServer((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.0 400 Bad Request\r\n\r\n{"a":')
        setTimeout(() => socket.end('1}'), 20)
      })
    })
    const { ask } = posterAt(server.url)
    expect(textOf(await ask())).toBe('400 {"a":1}')
    expect(textOf(await ask())).toBe('400 {"a":1}')
    expect(server.connections).toBe(2)
  })

  it.each([
    ['byte by byte', 1],
    ['in two halves', 30],
  ])('has its reply where that comes %s', async (_how, size) => {
    const reply = httpAnswer({ name: '张三', n: 1 })
    const server = await rawServer((socket) => {
      socket.setNoDelay(true)
      socket.on('data', async () => {
        const bytes = Buffer.from(reply)
        for (let at = 0; at < bytes.length; at += size) {
          socket.write(bytes.subarray(at, at + size))
          await sleep(0)
        }
      })
    })
    const { ask } = posterAt(server.url)
    for (const _ of [1, 2]) expect(textOf(await ask())).toBe('200 {"name":"张三","n":1}')
    expect(server.connections).toBe(1)
  })

  it('has a reply of up to 8 MiB, and is lost where that is longer', async () => {
    const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`
    let length = MAX_REPLY_BYTES - head(MAX_REPLY_BYTES).length
    const server = await rawServer((socket) => {
      socket.on('data', () => socket.write(head(length) + 'x'.repeat(length)))
    })
    const { ask } = posterAt(server.url)
    expect(textOf(await ask()) === `200 ${'x'.repeat(length)}`).toBe(true)
    length += 1
    expect(await ask()).toBe('lost')
    await vi.waitFor(() => expect(server.open).toBe(0))
  })

  it('is lost where the reply is none, and its connection with it', async () => {
    const server = await rawServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}'))
    })
    expect(await posterAt(server.url).ask()).toBe('lost')
    await vi.waitFor(() => expect(server.open).toBe(0))
  })

  it.each([
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}'],
    ['nothing', ''],
  ])('is lost where the connection ends after %s', async (_what, bytes) => {
    const server = await rawServer((socket) => socket.on('data', () => socket.end(bytes)))
    expect(await posterAt(server.url).ask()).toBe('lost')
  })

  it('is lost where the connection is reset', async () => {
    const server = await rawServer((socket, reset) => socket.on('data', reset))
    expect(await posterAt(server.url).ask()).toBe('lost')
  })

  it('that is answered too late is over, and the answer is nobody else’s', async () => {
    let requests = 0
    const server = await rawServer((socket) => {
      socket.on('data', () => {
        const number = ++requests
        setTimeout(() => socket.write(httpAnswer({ number })), number === 1 ? 150 : 0)
      })
    })
    const { ask } = posterAt(server.url)
    expect(await ask('{}', 100)).toBe('timed_out')
    expect(textOf(await ask())).toBe('200 {"number":2}')
    await sleep(100)
    expect(textOf(await ask())).toBe('200 {"number":3}')
    expect(server.connections).toBe(2)
    expect(server.open).toBe(1)
  })

  it('that is answered before all of it is out has its reply, and the last on its connection', async () => {
    const server = await rawServer((socket) => {
      socket.once('data', () => {
        socket.pause()
        socket.write(httpAnswer({ connection: server.connections }))
      })
    })
    const { ask } = posterAt(server.url)
    expect(textOf(await ask('x'.repeat(30_000_000)))).toBe('200 {"connection":1}')
    expect(textOf(await ask())).toBe('200 {"connection":2}')
  })

  it.each<[string, (socket: net.Socket, reset: () => void) => unknown]>([
    ['has spoken unasked', (socket) => socket.write(httpAnswer({ forged: true }))],
    ['has spoken and closed', (socket) => socket.end(httpAnswer({ forged: true }))],
    ['has closed', (socket) => socket.end()],
    ['has reset', (_socket, reset) => reset()],
  ])('does not go where the server %s meanwhile', async (_what, spoil) => {
    const spoilers: (() => unknown)[] = []
    const server = await rawServer((socket, reset) => {
      const { connections } = server
      spoilers.push(() => spoil(socket, reset))
      socket.on('data', () => setTimeout(() => socket.write(httpAnswer({ connections })), 20))
    })
    const { ask, connectAhead } = posterAt(server.url)
    await Promise.all([ask(), ask()])
    await connectAhead(1)
    await vi.waitFor(() => expect(spoilers).toHaveLength(3))
    for (const spoilOne of spoilers) spoilOne()
    await vi.waitFor(() => expect(server.open).toBe(0))
    await sleep(20)
    expect(textOf(await ask())).toBe('200 {"connections":4}')
  })

  it('goes on while those connections are dropped that are idle', async () => {
    const server = await numbering(100)
    const { ask, dropIdle, connectAhead } = posterAt(server.url)
    await connectAhead(2)
    const asked = ask()
    dropIdle()
    expect(textOf(await asked)).toMatch(/^200/)
    await vi.waitFor(() => expect(server.open).toBe(1))
    dropIdle()
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect(textOf(await ask())).toBe('200 {"connection":3}')
  })

  it.each<[string, (socket: net.Socket) => unknown]>([
    ['closed', (socket) => socket.end()],
    ['said something and closed', (socket) => socket.end(httpAnswer({ forged: true }))],
  ])('does not go where the server has %s while the process was frozen', async (_what, spoil) => {
    const sockets: net.Socket[] = []
    const server = await rawServer((socket) => {
      const { connections } = server
      sockets.push(socket)
      socket.on('data', () => socket.write(httpAnswer({ connections })))
    })
    const { ask } = posterAt(server.url)
    const now = Date.now()
    vi.setSystemTime(now)
    await ask()
    // All at once, so that nothing of it is read before the next request.
    for (const socket of sockets) spoil(socket)
    vi.setSystemTime(now + 1000)
    expect(textOf(await ask())).toBe('200 {"connections":2}')
  })

  describe('on a connection that was opened ahead', () => {
    it('finds it standing, with nothing sent', async () => {
      const server = await numbering(30)
      const { ask, connectAhead } = posterAt(server.url)
      await connectAhead(3)
      await vi.waitFor(() => expect(server.connections).toBe(3))
      expect(server.received()).toBe('')
      await Promise.all([ask(), ask(), ask(), ask()])
      expect(server.connections).toBe(4)
    })

    // The 1.5 s within which it must stand are over then.
    it('finds it standing two seconds later', async () => {
      const server = await numbering()
      const { ask, connectAhead } = posterAt(server.url)
      await connectAhead(1)
      await sleep(1700)
      expect(textOf(await ask())).toBe('200 {"connection":1}')
    })

    it('waits for it where it does not stand yet', async () => {
      const server = await numbering()
      const { ask, connectAhead } = posterAt(server.url)
      const opened = connectAhead(1)
      expect(textOf(await ask())).toBe('200 {"connection":1}')
      await opened
      expect(server.connections).toBe(1)
    })

    it('fails nobody where there is no server', async () => {
      const { ask, connectAhead } = posterAt(`${scheme}://${await closedPort()}`)
      await connectAhead(3)
      expect(await ask()).toBe('lost')
    })
  })

  it('holds its process only while it is not answered', async () => {
    const server = await numbering(100)
    const { ask, connectAhead } = posterAt(server.url)
    // Those of the server are of this process too, and hold it.
    const holding = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length -
      server.open
    await connectAhead(2)
    await vi.waitFor(() => expect(server.open).toBe(2))
    expect(holding()).toBe(0)
    const asked = ask()
    await sleep(50)
    expect(holding()).toBe(1)
    await asked
    expect(holding()).toBe(0)
  })

  it('is lost at once where the server ends its side and reads no more', async () => {
    const server = await rawServer((socket) => {
      socket.pause()
      socket.end(httpAnswer({}).slice(0, 20))
    })
    expect(await posterAt(server.url).ask('x'.repeat(30_000_000), 3000)).toBe('lost')
  })

  it('keeps no process alive once it is answered', async () => {
    const server = await numbering()
    const run = runToItsEnd(
      [
        "const { httpPoster } = await import(lib + '/net/http-poster.ts')",
        'const { post, connectAhead } = httpPoster(new URL(process.env.SERVER))',
        'await connectAhead(2)',
        "const { status } = await post({ host: 'a' }, '{}', 20_000)",
        'const answeredAt = performance.now()',
        "process.on('exit', () => console.log(status, performance.now() - answeredAt < 1000))",
      ],
      { SERVER: server.url, TRUSTED: certificate.cert },
    )
    expect(await run).toEqual({ exitCode: 0, stdout: '200 true\n', stderr: '' })
  })

  it('keeps its process alive until it is answered', async () => {
    const server = await numbering(300)
    const run = runToItsEnd(
      [
        "const { httpPoster } = await import(lib + '/net/http-poster.ts')",
        'const { post, connectAhead } = httpPoster(new URL(process.env.SERVER))',
        'await connectAhead(1)',
        'setTimeout(() => {}, 1).unref()',
        "const { status } = await post({ host: 'a' }, '{}', 20_000)",
        'console.log(status)',
      ],
      { SERVER: server.url, TRUSTED: certificate.cert },
    )
    expect(await run).toEqual({ exitCode: 0, stdout: '200\n', stderr: '' })
  })
})

describe('a connection whose TLS breaks after its handshake', () => {
  const garbling = async () => {
    const breaks: (() => void)[] = []
    const server = await startedServer((socket, _reset, garble) => {
      const { connections } = server
      breaks.push(garble)
      socket.on('data', () => {
        if (connections > 1) socket.write(httpAnswer({ connections }))
      })
    }, certificate)
    return { server, breakAll: () => breaks.forEach((garble) => garble()), breaks }
  }

  it('loses its request at once', async () => {
    const { server, breakAll, breaks } = await garbling()
    const { ask } = posterAt(server.url)
    const asked = ask()
    await vi.waitFor(() => expect(server.received()).toContain('{}'))
    expect(breaks).toHaveLength(1)
    breakAll()
    expect(await asked).toBe('lost')
    expect(textOf(await ask())).toBe('200 {"connections":2}')
  })

  it('carries none where it was idle', async () => {
    const { server, breakAll, breaks } = await garbling()
    const { ask, connectAhead } = posterAt(server.url)
    await connectAhead(1)
    await vi.waitFor(() => expect(breaks).toHaveLength(1))
    breakAll()
    await vi.waitFor(() => expect(server.open).toBe(0))
    expect(textOf(await ask())).toBe('200 {"connections":2}')
  })
})

describe('a server', () => {
  it('is reached at an IPv6 address', async () => {
    const accept = (socket: net.Socket) =>
      void socket.on('data', () => socket.write(httpAnswer({ v: 6 })))
    const server = await startedServer(accept, { host: '::1' })
    expect(textOf(await posterAt(server.url).ask())).toBe('200 {"v":6}')
  })

  it.each(['rejects', 'is indifferent'])(
    'with a certificate that nobody trusts is shown nothing, even where the environment %s',
    async (how) => {
      if (how !== 'rejects') vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
      const server = await startedServer(() => {}, loopbackCertificate())
      const { ask, connectAhead } = posterAt(server.url)
      await connectAhead(1)
      expect(await ask()).toBe('lost')
      expect(server.received()).toBe('')
      vi.unstubAllEnvs()
    },
  )

  it('is asked by its name, and shown nothing where its certificate has another', async () => {
    const asked: string[] = []
    const server = await startedServer(() => {}, {
      ...certificate,
      SNICallback: (name, callback) => {
        asked.push(name)
        callback(null)
      },
    })
    expect(await posterAt(server.url.replace('127.0.0.1', 'localhost')).ask()).toBe('lost')
    expect(asked).toEqual(['localhost'])
    expect(server.received()).toBe('')
  })

  it('is asked by no name where it has an address alone', async () => {
    const asked: string[] = []
    const server = await startedServer(
      (socket) => socket.on('data', () => socket.write(httpAnswer({}))),
      {
        ...certificate,
        SNICallback: (name, callback) => {
          asked.push(name)
          callback(null)
        },
      },
    )
    expect(textOf(await posterAt(server.url).ask())).toBe('200 {}')
    expect(asked).toEqual([])
  })

  it('is asked for HTTP/1.1 alone', async () => {
    const server = await startedServer(
      (socket) => {
        const { alpnProtocol } = socket as tls.TLSSocket
        socket.on('data', () => socket.write(httpAnswer({ alpnProtocol })))
      },
      { ...certificate, ALPNProtocols: ['h2', 'http/1.1'] },
    )
    expect(textOf(await posterAt(server.url).ask())).toBe('200 {"alpnProtocol":"http/1.1"}')
  })

  it.each(['http', 'https'])('without a port is at that of %s', async (scheme) => {
    const connected = vi.spyOn(
      scheme === 'https' ? tls : (await import('node:net')).default,
      'connect',
    )
    connected.mockImplementation(() => {
      throw new Error('seen')
    })
    await expect(posterAt(`${scheme}://store.example`).ask()).rejects.toThrow('seen')
    const port = scheme === 'https' ? 443 : 80
    expect(connected.mock.calls[0]?.[0]).toMatchObject({ host: 'store.example', port })
  })

  it('whose handshake does not come is given up in time, ahead and asked', async () => {
    const server = await startedServer(() => {}, {})
    const { ask, connectAhead } = posterAt(`https://${server.host}`)
    const start = performance.now()
    await connectAhead(2)
    const elapsedMs = performance.now() - start
    expect(elapsedMs).toBeGreaterThan(GIVES_UP_MS - 50)
    expect(elapsedMs).toBeLessThan(GIVES_UP_MS + 1500)
    expect(await ask('{}', 100)).toBe('timed_out')
    expect(server.connections).toBe(3)
    await vi.waitFor(() => expect(server.open).toBe(0))
  })
})

it('reads many replies at once without taking one for another', async () => {
  const server = await startedServer((socket) => {
    socket.on('data', async (chunk) => {
      const number = Number(/\d+$/.exec(chunk.toString())?.[0])
      const bytes = Buffer.from(httpAnswer({ number, filling: 'x'.repeat(number * 100) }))
      // In two parts, between which others are read into the same buffer.
      socket.write(bytes.subarray(0, 50))
      await sleep(number % 7)
      socket.write(bytes.subarray(50))
    })
  }, certificate)
  const { ask } = posterAt(server.url)
  const numbers = Array.from({ length: 60 }, (_, number) => number)
  for (const _ of [1, 2]) {
    const outcomes = await Promise.all(numbers.map((number) => ask(String(number))))
    expect(outcomes.map(textOf)).toEqual(
      numbers.map(
        (number) => `200 ${JSON.stringify({ number, filling: 'x'.repeat(number * 100) })}`,
      ),
    )
  }
  expect(server.connections).toBe(60)
})
