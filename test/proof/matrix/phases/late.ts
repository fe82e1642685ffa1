import { setTimeout as sleep } from 'node:timers/promises'
import { between, shuffled } from '../../random.ts'
import { scenarioStep } from '../case.ts'
import { openEnvironment } from '../environment.ts'
import { match } from '../expected.ts'
import { charged } from '../fault-provider.ts'
import { observe, type Phase, randomFor } from '../observation.ts'
import { lateCases } from '../wire-cases.ts'

const TIMEOUT_MS = 900
// They are not to wait for each other's turn at the table.
const APART_MS = 400
// One more in a row opens the circuit breaker.
const TIMEOUTS_IN_A_ROW = 4
const aMatch = {
  name: 'match',
  expected: [match],
  steps: [scenarioStep('match', charged)],
} as const

/** What does not end in time: our own deadline ends it, or the function's. */
export async function late(phase: Phase): Promise<void> {
  const { channel, stage, provider, rounds } = phase
  const cases = lateCases().filter(({ name }) => phase.wants(name))
  if (cases.length === 0) return
  const environment = await openEnvironment(stage, channel, provider.url, TIMEOUT_MS)
  // A first request has more to do than its provider's deadline is about.
  await observe(phase, environment, { ...aMatch, round: 0 }, { timeoutMs: TIMEOUT_MS })
  const asked = rounds.flatMap((round) =>
    shuffled(randomFor(phase, 'late order', round), cases).map((one) => ({ ...one, round })),
  )
  for (let from = 0; from < asked.length; from += TIMEOUTS_IN_A_ROW) {
    const group = asked.slice(from, from + TIMEOUTS_IN_A_ROW)
    await Promise.all(
      group.map(async (one) => {
        const random = randomFor(phase, `time for ${one.name}`, one.round)
        await sleep(random() * APART_MS)
        const remainingMs = random() < 0.5 ? between(random, 1100, 1400) : undefined
        return observe(phase, environment, one, { timeoutMs: TIMEOUT_MS, remainingMs })
      }),
    )
    const { round } = group[0] as (typeof group)[0]
    await observe(phase, environment, { ...aMatch, round }, { timeoutMs: TIMEOUT_MS })
  }
  await environment.stop()
}
