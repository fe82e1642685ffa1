import { gzipSync } from 'node:zlib'

import { runLater, sendReply } from './loopback-server.ts'
import type { LoopbackResponse, Reply } from './loopback-server.ts'

/** Answers 200 with a right match: who follows the redirect believes it. */
export const REDIRECT_PATH = '/redirected'

const OVERSIZED_BYTES = 1024 * 1024
const DRIP_MS = 100
const NESTING = 10_000

type Exchange = LoopbackResponse & { reply: Reply; slowMs: number }

const gbkBytes = new Map<string, number[]>()

/** Node decodes GBK but does not encode it: the table is the decoder, turned round. */
function encodeGbk(text: string): Buffer {
  if (gbkBytes.size === 0) {
    const decoder = new TextDecoder('gbk')
    for (let lead = 0x81; lead <= 0xfe; lead += 1) {
      for (let trail = 0x40; trail <= 0xfe; trail += 1) {
        const character = decoder.decode(Uint8Array.of(lead, trail))
        if (Array.from(character).length === 1) gbkBytes.set(character, [lead, trail])
      }
    }
  }
  const encode = (character: string) =>
    character < '\u0080' ? [character.charCodeAt(0)] : (gbkBytes.get(character) ?? [0x3f])
  return Buffer.from(Array.from(text).flatMap(encode))
}

const withBody = (reply: Reply, body: string | Buffer): Reply => ({
  ...reply,
  body: Buffer.from(body),
})

const withHeaders = (reply: Reply, headers: Record<string, string>): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...headers },
})

/** A fault that is all in the reply, which then arrives whole. */
const inReply =
  (change: (reply: Reply) => Reply) =>
  ({ response, reply }: Exchange) =>
    sendReply(response, change(reply))

const inText = (change: (text: string) => string) =>
  inReply((reply) => withBody(reply, change(reply.body.toString())))

const redirect = (status: number) =>
  inReply((reply) => ({
    status,
    headers: { ...reply.headers, Location: REDIRECT_PATH },
    body: Buffer.alloc(0),
  }))

const startBody = ({ response, reply }: Exchange, contentLength?: number) =>
  response.writeHead(
    reply.status,
    contentLength === undefined
      ? reply.headers
      : { ...reply.headers, 'Content-Length': contentLength },
  )

const half = (body: Buffer) => body.subarray(0, body.length / 2)

const padded = (body: Buffer) => Buffer.concat([body, Buffer.alloc(OVERSIZED_BYTES, ' ')])

/** 0xFF is a byte of neither UTF-8 nor GBK. */
function spoilText(body: Buffer) {
  const text = Buffer.from('成功')
  const start = body.indexOf(text)
  return Buffer.from(body).fill(0xff, start, start + text.length)
}

/** How an exchange goes wrong on the wire; `reply` is the right answer, a match. */
export const wireFaults = {
  slow: ({ response, reply, slowMs }) =>
    runLater(response, slowMs, () => sendReply(response, reply)),
  hang: () => {},
  drip: (exchange) => {
    const { response } = exchange
    startBody(exchange).write(' ')
    const timer = setInterval(() => response.write(' '), DRIP_MS)
    response.once('close', () => clearInterval(timer))
  },
  'truncated-with-length': (exchange) => {
    const { body } = exchange.reply
    startBody(exchange, body.length).write(half(body), () => exchange.response.destroy())
  },
  'truncated-without-length': (exchange) => {
    exchange.response.setHeader('Connection', 'close')
    exchange.response.removeHeader('Transfer-Encoding')
    startBody(exchange).end(half(exchange.reply.body))
  },
  html: inReply((reply) =>
    withBody(
      withHeaders(reply, { 'Content-Type': 'text/html; charset=utf-8' }),
      '<!DOCTYPE html><html><body><h1>系统维护中</h1></body></html>',
    ),
  ),
  'wrong-content-type': inReply((reply) =>
    withHeaders(reply, { 'Content-Type': 'text/html; charset=utf-8' }),
  ),
  gbk: inReply((reply) => withBody(reply, encodeGbk(reply.body.toString()))),
  'invalid-bytes': inReply((reply) => withBody(reply, spoilText(reply.body))),
  'oversized-chunked': (exchange) => startBody(exchange).end(padded(exchange.reply.body)),
  'oversized-with-length': inReply((reply) => withBody(reply, padded(reply.body))),
  'reset-before-answer': (exchange) => exchange.reset(),
  'reset-mid-body': (exchange) => {
    const { body } = exchange.reply
    startBody(exchange, body.length).write(half(body), () =>
      // Time for the client to read the first half: a reset discards what is unread.
      runLater(exchange.response, DRIP_MS, () => exchange.reset()),
    )
  },
  'redirect-302': redirect(302),
  'redirect-307': redirect(307),
  'server-error': inReply((reply) => ({
    ...withBody(reply, '{"timestamp":1704061618000,"status":500,"error":"Internal Server Error"}'),
    status: 500,
  })),
  'empty-body': inText(() => ''),
  gzip: inReply((reply) =>
    withBody(withHeaders(reply, { 'Content-Encoding': 'gzip' }), gzipSync(reply.body)),
  ),
  'duplicate-keys': inText((text) =>
    text.replace(
      /("(?:state|res)":)("?)1\2/,
      (member, key: string, quote: string) => `${key}${quote}2${quote},${member}`,
    ),
  ),
  'json-array': inText((text) => `[${text}]`),
  'json-null': inText(() => 'null'),
  'json-too-deep': inText((text) => `${'{"data":'.repeat(NESTING)}${text}${'}'.repeat(NESTING)}`),
} satisfies Record<string, (exchange: Exchange) => void>

export type WireFault = keyof typeof wireFaults
