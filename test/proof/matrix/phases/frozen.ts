import type { Socket } from 'node:net'
import { matchReply } from '../case.ts'
import type { certificates } from '../certificates.ts'
import { openEnvironment } from '../environment.ts'
import { match } from '../expected.ts'
import {
  asBytes,
  charged,
  type Exchange,
  replyOf,
  sendInPieces,
  socketOf,
  type Step,
} from '../fault-provider.ts'
import { type End, freezeProcess, freezes } from '../freeze.ts'
import { startLine } from '../line.ts'
import { lateMsOf, observe, type Phase, randomFor } from '../observation.ts'

// Nothing here waits for it, and a process that thaws on a busy machine needs its time.
const TIMEOUT_MS = 5000
const limits = { timeoutMs: TIMEOUT_MS }
const AT_ONCE = 5

/** Connections that die while Lambda has the process frozen. */
export async function frozen(
  phase: Phase,
  certificate: ReturnType<typeof certificates>,
): Promise<void> {
  const lanes = Array.from({ length: AT_ONCE }, (_, lane) =>
    phase.rounds.filter((_, place) => place % AT_ONCE === lane),
  )
  await Promise.all(
    lanes.map(async (rounds) => {
      if (rounds.length === 0) return
      if (phase.wants('stale-after-a-freeze')) await usedBefore({ ...phase, rounds })
      if (phase.wants('stale-before-its-first-use')) await unused({ ...phase, rounds }, certificate)
    }),
  )
}

/** The connection of the request before. */
async function usedBefore(phase: Phase): Promise<void> {
  const { channel, stage, provider, rounds } = phase
  const environment = await openEnvironment(stage, channel, provider.url, TIMEOUT_MS)
  for (const round of rounds) {
    for (const freeze of freezes) {
      const name = `stale-after-a-freeze, ${freeze.length}`
      let idle: { exchange: Exchange; socket: Socket } | undefined
      const remember: Step = {
        ...charged,
        async deliver(exchange) {
          idle = { exchange, socket: await socketOf(exchange) }
          await sendInPieces(exchange, matchReply(exchange))
        },
      }
      const before = {
        name: 'stale-after-a-freeze, before',
        expected: [match],
        steps: [remember],
        round,
      }
      const { witness } = await observe(phase, environment, before, limits)
      if (!witness || !idle) continue
      const { exchange, socket } = idle

      await freezeProcess(witness.pid, randomFor(phase, name, round), freeze, (end: End) => {
        if (end === 'closed') socket.end()
        if (end === 'reset') exchange.reset()
        if (end === 'answered') socket.write(asBytes(replyOf('mismatch', exchange)))
      })
      const afterwards: Step = {
        ...charged,
        // Nobody reads any more at the other end of a forgotten connection.
        async deliver(exchange) {
          if ((await socketOf(exchange)) === socket) return
          await sendInPieces(exchange, matchReply(exchange))
        },
      }
      const { expected } = freeze
      await observe(phase, environment, { name, expected, steps: [afterwards], round }, limits)
    }
  }
  await environment.stop()
}

/** A connection that was opened ahead of the first request, where one is. */
async function unused(phase: Phase, certificate: ReturnType<typeof certificates>): Promise<void> {
  const { channel, stage, rounds, observed, person } = phase
  const line = await startLine(certificate)
  for (const round of rounds) {
    for (const freeze of freezes) {
      const name = `stale-before-its-first-use, ${freeze.length}`
      const random = randomFor(phase, name, round)
      const hits = line.play(['answers'], random)
      const environment = await openEnvironment(stage, channel, line.url, TIMEOUT_MS)
      const pid = await environment.pid()
      await freezeProcess(pid, random, freeze, (end) => line.end(end, channel))
      const seen = await environment.ask(person())
      const { told, billable, witness } = seen
      const connects = witness?.connects.filter((port) => port === line.port).length ?? 0
      const lateMs = lateMsOf(seen, limits)
      const { expected } = freeze
      observed.push({
        case: name,
        channel,
        round,
        expected,
        told,
        billable,
        lateMs,
        hits,
        connects,
      })
      await environment.stop()
    }
  }
  await line.close()
}
