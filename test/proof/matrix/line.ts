import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net from 'node:net'
import { buffer } from 'node:stream/consumers'
import tls from 'node:tls'
import type { Random } from '../random.ts'
import type { Certificate, certificates } from './certificates.ts'
import { type Channel, questionOf } from './channels.ts'
import type { End } from './freeze.ts'
import { asBytes, type Hit, hitOf, replyOf, sendInPieces, undocumented } from './fault-provider.ts'

/** What the other end does with one connection. Only `answers` and the certificates let it through. */
const lineFaults = [
  'answers',
  'tls-untrusted',
  'tls-expired',
  'tls-wrong-host',
  'tls-old-version',
  'tls-plain-http',
  'tls-closed-in-handshake',
  'tls-stalled',
  'reset-before-handshake',
  'reset-in-handshake',
  'reset-before-writing',
  'reset-while-writing',
] as const
export type LineFault = (typeof lineFaults)[number]

type Play = { faults: readonly LineFault[]; random: Random; hits: Hit[]; connections: number }

/** A provider for one request at a time, whose connections go wrong as they are told to. */
export async function startLine(certificate: ReturnType<typeof certificates>) {
  let play: Play = { faults: ['answers'], random: () => 0, hits: [], connections: 0 }

  const answering = http.createServer((request, response) => {
    if (forgotten.has(request.socket.remotePort ?? 0)) return
    void answer(request, response, play)
  })
  const sockets = new Set<net.Socket>()
  const securedOf = new WeakMap<net.Socket, tls.TLSSocket>()
  const forgotten = new Set<number>()
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', ignored).once('close', () => sockets.delete(socket)))
    const fault = play.faults[Math.min(play.connections++, play.faults.length - 1)] ?? 'answers'
    meet(fault, socket, play)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo

  const secured = (socket: net.Socket, { key, cert }: Certificate, options = {}) => {
    const secureContext = tls.createSecureContext({ key, cert, ...options })
    const secure = new tls.TLSSocket(socket, { isServer: true, secureContext })
    securedOf.set(socket, secure)
    return secure.on('error', ignored)
  }
  const answerAs = (socket: net.Socket, certificate: Certificate, options = {}) =>
    answering.emit('connection', secured(socket, certificate, options))

  function meet(fault: LineFault, socket: net.Socket, { hits, random }: Play): void {
    switch (fault) {
      case 'answers':
        return void answerAs(socket, certificate.good)
      case 'tls-untrusted':
        return void answerAs(socket, certificate.untrusted)
      case 'tls-expired':
        return void answerAs(socket, certificate.expired)
      case 'tls-wrong-host':
        return void answerAs(socket, certificate.wrongHost)
      case 'tls-old-version':
        return void answerAs(socket, certificate.good, OLD_TLS)
      case 'tls-plain-http':
        return void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      case 'tls-closed-in-handshake':
        return void socket.once('data', () => socket.end())
      case 'tls-stalled':
        return void socket.resume()
      case 'reset-before-handshake':
        return void socket.resetAndDestroy()
      case 'reset-in-handshake':
        return void socket.once('data', () => socket.resetAndDestroy())
      case 'reset-before-writing':
        return void secured(socket, certificate.good).once('secure', () => {
          // The client may have written already: it cannot know that nobody has read.
          hits.push({ ran: true, charged: false })
          socket.resetAndDestroy()
        })
      case 'reset-while-writing':
        return void secured(socket, certificate.good).once('data', () => {
          hits.push(hitOf(undocumented, random))
          socket.resetAndDestroy()
        })
    }
  }

  return {
    url: `https://127.0.0.1:${port}`,
    port,
    /** What the next connections meet, in order; the last fault is repeated. */
    play(faults: readonly LineFault[], random: Random): Hit[] {
      play = { faults, random, hits: [], connections: 0 }
      return play.hits
    },
    /** Ends the connections that stand, all of them idle. */
    end(how: End, channel: Channel) {
      const question = { channel, name: '', cardNumber: '' }
      const unasked = asBytes(replyOf('mismatch', { question, random: play.random }))
      for (const socket of sockets) {
        if (how === 'closed') socket.end()
        if (how === 'reset') socket.resetAndDestroy()
        if (how === 'forgotten') forgotten.add(socket.remotePort ?? 0)
        if (how === 'answered') securedOf.get(socket)?.write(unasked)
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}

// Level 0 lets OpenSSL offer at all what it has put away.
const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }
const ignored = () => {}

async function answer(request: IncomingMessage, response: ServerResponse, { hits, random }: Play) {
  const body = await buffer(request)
  const { method = '', url = '', headers } = request
  const question = questionOf({ method, path: url, query: '', headers, body })
  if (!question) {
    response.writeHead(404).end()
    return
  }
  hits.push({ ran: true, charged: true })
  const exchange = { response, question, random, reset: ignored }
  const reply = replyOf('match', exchange)
  // The next request is to make a connection of its own.
  await sendInPieces(exchange, { ...reply, headers: { ...reply.headers, Connection: 'close' } })
}
