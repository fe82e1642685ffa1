import http from 'node:http'
import { Duplex } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HttpReply, readReply } from '../../lib/net/http-reply.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const read = (text: string, isEnd = false) => readReply(bytes(text), isEnd)

function replyOf(text: string, isEnd = false): Omit<HttpReply, 'body'> & { body: string } {
  const outcome = read(text, isEnd)
  if (outcome === 'malformed' || 'atLeast' in outcome) throw new Error(JSON.stringify(outcome))
  const { reply } = outcome
  return { ...reply, body: reply.body.toString('latin1') }
}

const OK = 'HTTP/1.1 200 OK\r\n'
const withLength = (headers = '') => `${OK}${headers}Content-Length: 2\r\n\r\n{}`
const chunked = (chunks: string, headers = '') =>
  `${OK}${headers}Transfer-Encoding: chunked\r\n\r\n${chunks}`

describe('a reply', () => {
  it.each([
    ['of a stated length', withLength(), '{}'],
    ['of no length', `${OK}content-length:0\r\n\r\n`, ''],
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}', '{}'],
    ['with an empty reason', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}', '{}'],
    ['with spaces about a length', `${OK}CONTENT-LENGTH: \t2  \r\n\r\n{}`, '{}'],
    ['with bytes beyond ASCII', `${OK}x: \xa0\xff\t~\r\nContent-Length: 2\r\n\r\n{}`, '{}'],
    ['with an empty header', `${OK}x-empty:\r\nContent-Length: 2\r\n\r\n{}`, '{}'],
    ['with a header that stands twice', `${OK}a: 1\r\na: 2\r\nContent-Length: 2\r\n\r\n{}`, '{}'],
    ['in one chunk', chunked('2\r\n{}\r\n0\r\n\r\n'), '{}'],
    ['in chunks', chunked('1\r\n{\r\n0000001\r\n}\r\n000\r\n\r\n'), '{}'],
    [
      'in chunks of hexadecimal size',
      chunked(`aA\r\n${'z'.repeat(170)}\r\n0\r\n\r\n`),
      'z'.repeat(170),
    ],
    ['in chunks with line ends in them', chunked('6\r\n0\r\n\r\n\n\r\n0\r\n\r\n'), '0\r\n\r\n\n'],
    ['of chunks in capitals', `${OK}TRANSFER-ENCODING:CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, '{}'],
    [
      'after interim ones',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\n${withLength()}`,
      '{}',
    ],
  ])('%s is read, and its connection kept', (_what, text, body) => {
    expect(replyOf(text)).toEqual({ status: 200, body, keepMs: Infinity })
  })

  it.each(['HTTP/1.1 400 Bad Request', 'HTTP/1.1 503 x', 'HTTP/1.1 302 Found'])(
    '%s has its status',
    (line) => {
      expect(replyOf(`${line}\r\nContent-Length: 0\r\n\r\n`).status).toBe(Number(line.slice(9, 12)))
    },
  )

  it.each([204, 304])('of status %i has no body, whatever it states', (status) => {
    const head = `HTTP/1.1 ${status} x\r\n`
    expect(replyOf(`${head}\r\n`)).toEqual({ status, body: '', keepMs: 0 })
    const stating = replyOf(`${head}Content-Length: 5\r\n\r\n`)
    expect(stating).toEqual({ status, body: '', keepMs: Infinity })
  })

  it('is not known to be whole until its last byte, and tells when to look again', () => {
    for (const text of [
      withLength(),
      `${OK}content-length: 0\r\n\r\n`,
      chunked('a\r\n0123456789\r\n2\r\n{}\r\n0\r\n\r\n'),
      `HTTP/1.1 100 Continue\r\n\r\n${withLength('a: b\r\n')}`,
    ]) {
      for (let length = 0; length < text.length; length++) {
        const outcome = read(text.slice(0, length))
        expect([text, length, outcome]).toEqual([text, length, { atLeast: expect.any(Number) }])
        const { atLeast } = outcome as { atLeast: number }
        expect(atLeast).toBeGreaterThan(length)
        expect(atLeast).toBeLessThanOrEqual(text.length)
        expect(read(text.slice(0, length), true)).toEqual(outcome)
      }
    }
  })

  it('is looked at again once its stated length is there, or its chunk', () => {
    const head = `${OK}Content-Length: 5000\r\n\r\n`
    expect(read(head)).toEqual({ atLeast: head.length + 5000 })
    const before = chunked('1F4\r\n')
    expect(read(before)).toEqual({ atLeast: before.length + 500 + 2 })
  })

  it('without a length lasts until its connection ends', () => {
    const text = `${OK}\r\n{"a":1}`
    expect(read(text)).toEqual({ atLeast: text.length + 1 })
    expect(replyOf(text, true)).toEqual({ status: 200, body: '{"a":1}', keepMs: 0 })
  })
})

describe('a connection', () => {
  const keepMs = (headers: string) => replyOf(withLength(headers)).keepMs

  it.each([
    ['', Infinity],
    ['Connection: keep-alive\r\n', Infinity],
    ['Connection: closed\r\n', Infinity],
    ['Keep-Alive: max=5\r\n', Infinity],
    ['Keep-Alive: mytimeout=5\r\n', Infinity],
    ['Keep-Alive: timeout=5\r\n', 4000],
    ['keep-alive: max=100, timeout=60\r\n', 59_000],
    ['Keep-Alive: timeout=60,max=100\r\n', 59_000],
    ['Keep-Alive: timeout=1\r\n', 0],
    ['Keep-Alive: timeout=0\r\n', -1000],
    ['Connection: close\r\n', 0],
    ['CONNECTION: Close\r\n', 0],
    ['Connection: keep-alive, close\r\n', 0],
    ['Connection: close , x\r\n', 0],
    ['Connection: x\r\nConnection: close\r\n', 0],
  ])('of %j is kept for %i ms', (headers, expected) => {
    expect(keepMs(headers)).toBe(expected)
  })

  it('is kept after chunks', () => {
    expect(replyOf(chunked('0\r\n\r\n', 'Keep-Alive: timeout=3\r\n')).keepMs).toBe(2000)
  })

  it.each([
    ['of HTTP/1.0', withLength().replace('1.1', '1.0'), false],
    ['of HTTP/1.0 in chunks', chunked('0\r\n\r\n').replace('1.1', '1.0'), false],
    ['that has ended', withLength(), true],
  ])('%s is not kept', (_what, text, isEnd) => {
    expect(replyOf(text, isEnd)).toMatchObject({ status: 200, keepMs: 0 })
  })
})

describe('what makes no reply', () => {
  it.each([
    ['a byte behind one', `${withLength()}H`],
    ['a byte behind its chunks', chunked('0\r\n\r\nH')],
    ['a byte behind one that has no body', 'HTTP/1.1 204 x\r\n\r\nH'],
    ['one behind another', withLength() + withLength()],
    ['one behind a change of protocols', `HTTP/1.1 101 Switching\r\n\r\n${withLength()}`],
    ['one behind an interim one of HTTP/1.0', `HTTP/1.0 100 x\r\n\r\n${withLength()}`],
    [
      'one behind an interim one that closes',
      `HTTP/1.1 103 x\r\nConnection: close\r\n\r\n${withLength()}`,
    ],
    [
      'one behind an interim one with a length',
      `HTTP/1.1 100 x\r\nContent-Length: 0\r\n\r\n${withLength()}`,
    ],
    [
      'one behind an interim one in chunks',
      `HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n${withLength()}`,
    ],
    ['one behind an empty line', `\r\n\r\n${withLength()}`],
  ])('is %s', (_what, text) => {
    expect(read(text)).toBe('malformed')
    expect(read(text, true)).toBe('malformed')
  })

  it.each([
    'HTTP/2 200 OK\r\nContent-Length: 0',
    'HTTP/1.2 200 OK\r\nContent-Length: 0',
    'HTTP/1.1  200 OK\r\nContent-Length: 0',
    'HTTP/1.1 20 OK\r\nContent-Length: 0',
    'HTTP/1.1 2000 OK\r\nContent-Length: 0',
    'HTTP/1.1 000 OK\r\nContent-Length: 0',
    'HTTP/1.1 600 OK\r\nContent-Length: 0',
    'HTTP/1.1 200OK\r\nContent-Length: 0',
    'http/1.1 200 OK\r\nContent-Length: 0',
    ' HTTP/1.1 200 OK\r\nContent-Length: 0',
    '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0',
    'HTTP/1.1 200 O\0K\r\nContent-Length: 0',
    'HTTP/1.1 200 O\nK\r\nContent-Length: 0',
    'HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0',
    '220 smtp.example ready',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1',
    'HTTP/1.1 200 OK\r\nContent-Length: 0, 0',
    'HTTP/1.1 200 OK\r\nContent-Length: +0',
    'HTTP/1.1 200 OK\r\nContent-Length: -1',
    'HTTP/1.1 200 OK\r\nContent-Length: 0x0',
    'HTTP/1.1 200 OK\r\nContent-Length: 0 0',
    'HTTP/1.1 200 OK\r\nContent-Length: 0000000000',
    'HTTP/1.1 200 OK\r\nContent-Length:',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedx',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nContent-Length : 0',
    'HTTP/1.1 200 OK\r\n Content-Length: 0',
    'HTTP/1.1 200 OK\r\nx: y\r\n folded\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nx: a\rb\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nx: a\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nx: \0\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\nContent-Length: 0',
    'HTTP/1.1 200 O\x01K\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nx: \x7f\r\nContent-Length: 0',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\t',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t',
    'HTTP/1.1 200 OK\r\nContent-Length:\x0b0',
    'HTTP/1.1 200 OK\r\nContent-Length:\xa00',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding:\xa0chunked',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/9.9 200 OK',
  ])('%j', (head) => {
    expect(read(`${head}\r\n\r\n0\r\n\r\n`)).toBe('malformed')
  })

  it.each([
    '{}',
    '\r\n',
    'g\r\n',
    '0x2\r\n{}\r\n0',
    '-2\r\n{}\r\n0',
    '+2\r\n{}\r\n0',
    ' 2\r\n{}\r\n0',
    '2 2\r\n{}\r\n0',
    '2;a=b\r\n{}\r\n0',
    '2\r\n{}\r\n0\r\nx: y\r\n',
    '2\r\n{}\r\n0\r\n\n',
    '00000002\r\n{}\r\n0',
    '2\r\n{}0\r\n',
    '2\r\n{}\n\r0\r\n',
    '2\r\n{} \r\n0\r\n',
    '1\r\n{}\r\n0\r\n',
    '1\r\n{\r\n\r\n',
  ])('chunks of %j', (chunks) => {
    expect(read(chunked(`${chunks}\r\n\r\n`))).toBe('malformed')
  })
})

/** What Node's own client makes of these bytes, after which the connection ends. */
function readByNode(sent: Buffer): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const line = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done()
      },
      final(done) {
        line.push(sent)
        line.push(null)
        done()
      },
    })
    const request = http.request({ method: 'POST', createConnection: () => line })
    request.on('error', () => resolve(undefined))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(undefined))
      response.on('close', () => {
        const body = Buffer.concat(chunks).toString('latin1')
        resolve(response.complete ? { status: response.statusCode ?? 0, body } : undefined)
      })
    })
    request.end('{}', () => line.end())
  })
}

describe("beside Node's own client", () => {
  const pieces = [
    ...'\r\n \t\0\x01\x0b\x7f\xa0:,;012a'.split(''),
    'content-length: 2\r\n',
    'transfer-encoding: chunked\r\n',
    'connection: close\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.0',
    'chunked',
    '100',
    '204',
    '304',
    '{}',
    '\r\n',
    '0\r\n\r\n',
    '\r\n\r\n',
  ]
  const token = fc.constantFrom(...pieces)
  const whole = [
    withLength(),
    withLength('x-amz-crc32: 1\r\nConnection: keep-alive\r\n'),
    chunked('1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'),
    chunked('2\r\n{}\r\n0\r\n\r\n'),
    `${OK}\r\n{}`,
    `HTTP/1.1 100 Continue\r\n\r\n${withLength()}`,
    `HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n${withLength()}`,
    'HTTP/1.1 204 No Content\r\n\r\n',
  ]
  const spoiled = fc
    .tuple(
      fc.constantFrom(...whole),
      fc.array(fc.tuple(fc.nat(100), fc.nat(3), token), { maxLength: 3 }),
    )
    .map(([text, changes]) =>
      changes.reduce(
        (now, [at, removed, put]) => now.slice(0, at) + put + now.slice(at + removed),
        text,
      ),
    )

  it.each(whole)('%j is the same reply', async (text) => {
    const { status, body } = replyOf(text, true)
    expect(await readByNode(bytes(text))).toEqual({ status, body })
  })

  it('no reply is read otherwise, whatever is wrong with it', async () => {
    let replies = 0
    await fc.assert(
      fc.asyncProperty(spoiled, async (text) => {
        const outcome = readReply(bytes(text), true)
        if (outcome === 'malformed' || 'atLeast' in outcome) return
        replies += 1
        const { status, body } = outcome.reply
        expect(await readByNode(bytes(text))).toEqual({ status, body: body.toString('latin1') })
      }),
      { numRuns: 3000 },
    )
    expect(replies).toBeGreaterThan(300)
  })
})
