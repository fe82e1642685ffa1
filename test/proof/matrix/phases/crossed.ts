import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../../random.ts'
import { faultStep, matchReply, scenarioStep } from '../case.ts'
import { openEnvironment } from '../environment.ts'
import { type Expected, match, mismatch, timedOut } from '../expected.ts'
import {
  asBytes,
  charged,
  replyOf,
  sendInPieces,
  socketOf,
  type Step,
  undocumented,
} from '../fault-provider.ts'
import { observe, type Phase, randomFor } from '../observation.ts'

const TIMEOUT_MS = 4000
const IMPATIENT = { timeoutMs: TIMEOUT_MS, remainingMs: 1200 }
const LATE_MS = 760
const SETTLED_MS = 60

/** Answers that could be taken for those of somebody else. */
export async function crossed(phase: Phase): Promise<void> {
  if (!phase.wants('crossed')) return
  const { channel, stage, provider, rounds } = phase
  const environment = await openEnvironment(stage, channel, provider.url, TIMEOUT_MS)
  const ask = (
    name: string,
    round: number,
    step: Step,
    expected: readonly Expected[],
    limits: typeof IMPATIENT | { timeoutMs: number } = { timeoutMs: TIMEOUT_MS },
  ) =>
    observe(
      phase,
      environment,
      { name: `crossed, ${name}`, expected, steps: [step], round },
      limits,
    )

  for (const round of rounds) {
    const { promise: answered, resolve } = Promise.withResolvers<void>()
    await Promise.all([
      ask('held until another is answered', round, after(answered), [match]),
      ask('answered before an older one', round, saysMismatch, [mismatch]).finally(resolve),
    ])

    await ask('answered twice', round, answeringTwice, [mismatch])
    await sleep(between(randomFor(phase, 'crossed', round), SETTLED_MS, 2 * SETTLED_MS))
    await ask('after one answered twice', round, saysMismatch, [mismatch])

    const late = faultStep('slow', undocumented, LATE_MS)
    await ask('answered when nobody listens', round, late, [timedOut], IMPATIENT)
    await ask('after one answered too late', round, holdingBack, [mismatch])
  }
  await environment.stop()
}

const saysMismatch = scenarioStep('mismatch', charged)

const after = (other: Promise<void>): Step => ({
  ...charged,
  async deliver(exchange) {
    await other
    await sendInPieces(exchange, matchReply(exchange))
  },
})

// The second answer lies on an idle connection, and says what the next person must not be told.
const answeringTwice: Step = {
  ...charged,
  async deliver(exchange) {
    const socket = await socketOf(exchange)
    await sendInPieces(exchange, replyOf('mismatch', exchange))
    await sleep(between(exchange.random, 0, SETTLED_MS / 2))
    socket.write(asBytes(matchReply(exchange)))
  },
}

// While it waits, the late answer to the one before arrives.
const holdingBack: Step = {
  ...charged,
  async deliver(exchange) {
    await sleep(2 * SETTLED_MS)
    await sendInPieces(exchange, replyOf('mismatch', exchange))
  },
}
