import { setTimeout as sleep } from 'node:timers/promises'
import type { WireFault } from '../../simulators/wire-fault.ts'
import { between } from '../random.ts'
import { type Case, faultStep, matchReply, scenarioStep } from './case.ts'
import type { Channel } from './channels.ts'
import { type Expected, lost, match, mismatch, timedOut } from './expected.ts'
import {
  charged,
  type Exchange,
  sendInPieces,
  socketOf,
  type Step,
  turnedAway,
  undocumented,
} from './fault-provider.ts'

/** Of the simulators' faults, what must come of each. A hang is measured elsewhere. */
const faults = {
  slow: match,
  'wrong-content-type': match,
  gbk: match,
  'truncated-with-length': lost,
  'truncated-without-length': lost,
  html: lost,
  'invalid-bytes': lost,
  'oversized-chunked': lost,
  'oversized-with-length': lost,
  'reset-before-answer': lost,
  'reset-mid-body': lost,
  'redirect-302': lost,
  'redirect-307': lost,
  'server-error': lost,
  'empty-body': lost,
  gzip: lost,
  'duplicate-keys': lost,
  'json-array': lost,
  'json-null': lost,
  'json-too-deep': lost,
} as const satisfies Record<Exclude<WireFault, 'hang' | 'drip'>, Expected>

type Deliver = Step['deliver']

const withStatus =
  (status: number, headers = {}): Deliver =>
  (exchange) => {
    const reply = matchReply(exchange)
    return sendInPieces(exchange, { ...reply, status, headers: { ...reply.headers, ...headers } })
  }

const followedBy =
  (rest: string): Deliver =>
  (exchange) => {
    const reply = matchReply(exchange)
    return sendInPieces(exchange, {
      ...reply,
      body: Buffer.concat([reply.body, Buffer.from(rest)]),
    })
  }

/** Bytes as they stand, with no word of HTTP that is not in them. */
const raw =
  (bytes: (body: Buffer) => string): Deliver =>
  async (exchange) => {
    const socket = await socketOf(exchange)
    socket.end(bytes(matchReply(exchange).body))
  }

const json = (body: Buffer) => body.toString()
const chunk = (body: Buffer) => `${body.length.toString(16)}\r\n${json(body)}\r\n`
const redirect = (status: number) => withStatus(status, { Location: '/redirected' })

const earlyHints: Deliver = async (exchange) => {
  // Before that, Node's server would put them between the answer's head and its body.
  await socketOf(exchange)
  exchange.response.writeEarlyHints({ link: '</elsewhere>; rel=preload' })
  await sendInPieces(exchange, matchReply(exchange))
}

const lostDeliveries: Record<string, Deliver> = {
  'redirect-301': redirect(301),
  'redirect-303': redirect(303),
  'redirect-308': redirect(308),
  'match-with-http-201': withStatus(201),
  'match-with-http-404': withStatus(404),
  'match-with-http-500': withStatus(500),
  'match-twice-in-one-body': (exchange) => followedBy(json(matchReply(exchange).body))(exchange),
  'match-then-garbage': followedBy('}'),
  'huge-headers': withStatus(200, { 'X-Padding': 'x'.repeat(32 * 1024) }),
  'two-lengths': raw(
    (body) => `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n${json(body)}`,
  ),
  'no-http': raw(() => 'SSH-2.0-OpenSSH_9.6\r\n'),
  'http-101': raw(
    () => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
  ),
  'bad-chunk': raw(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
  'without-its-last-chunk': raw(
    (body) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(body)}`,
  ),
  'whole-json-of-a-longer-length': raw(
    (body) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length + 1}\r\n\r\n${json(body)}`,
  ),
}

export function wireCases(channel: Channel): Case[] {
  const expectedFaults = Object.entries(faults) as [keyof typeof faults, Expected][]
  return [
    ...expectedFaults.map(([name, expected]): Case => ({
      name,
      expected: [expected],
      steps: [faultStep(name, expected === match ? charged : undocumented)],
    })),
    ...Object.entries(lostDeliveries).map(([name, deliver]): Case => ({
      name,
      expected: [lost],
      steps: [{ ...undocumented, deliver }],
    })),
    {
      name: 'early-hints',
      expected: [match],
      steps: [{ ...charged, deliver: earlyHints }],
    },
    ...(channel === 'databao' ? secondAttempts : []),
  ]
}

/** A gateway that turns the first request away, and what becomes of the second. */
const secondAttempts: Case[] = (
  [
    ['gateway-t429id', 'match', match, scenarioStep('match', charged)],
    ['gateway-d503bb', 'mismatch', mismatch, scenarioStep('mismatch', charged)],
    ['gateway-d504co', 'reset-before-answer', lost, faultStep('reset-before-answer', undocumented)],
    ['gateway-legacy-service-unavailable', 'html', lost, faultStep('html', undocumented)],
    ['gateway-x503bz', 'databao-10003', timedOut, scenarioStep('databao-10003', undocumented)],
  ] as const
).map(([first, second, expected, step]) => ({
  name: `${first}, then ${second}`,
  expected: [expected],
  steps: [scenarioStep(first, turnedAway), step],
}))

const DRIP_MS = 20

/** A right match, a few bytes at a time: it ends long after every deadline here. */
const dripping =
  (bytesOf: (exchange: Exchange) => Buffer): Deliver =>
  async (exchange) => {
    const bytes = bytesOf(exchange)
    const socket = await socketOf(exchange)
    const size = between(exchange.random, 1, 2)
    for (let at = 0; at < bytes.length; at += size) {
      if (!socket.writable) return
      socket.write(bytes.subarray(at, at + size))
      await sleep(DRIP_MS)
    }
  }

const head = (body: Buffer, padding = 0) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-Padding: ${'x'.repeat(padding)}\r\n\r\n`

const slowHeaders = dripping((exchange) => {
  const { body } = matchReply(exchange)
  return Buffer.concat([Buffer.from(head(body, 400)), body])
})

const slowBody: Deliver = async (exchange) => {
  const body = Buffer.concat([Buffer.alloc(400, ' '), matchReply(exchange).body])
  const socket = await socketOf(exchange)
  socket.write(head(body))
  await dripping(() => body)(exchange)
}

const LATE_MS = 2500

/** What is still under way when the time is over; it may have been charged all the same. */
export function lateCases(): Case[] {
  const steps: Record<string, Step> = {
    hang: faultStep('hang', undocumented),
    drip: faultStep('drip', undocumented),
    'late-answer': faultStep('slow', undocumented, LATE_MS),
    'slow-headers': { ...undocumented, deliver: slowHeaders },
    'slow-body': { ...undocumented, deliver: slowBody },
  }
  return Object.entries(steps).map(([name, step]) => ({
    name,
    expected: [timedOut],
    steps: [step],
  }))
}
