import { inLanes } from '../../../bundle/in-lanes.ts'
import { shuffled } from '../../random.ts'
import { codeCases } from '../code-cases.ts'
import { openEnvironment } from '../environment.ts'
import { observe, type Phase, randomFor } from '../observation.ts'
import { wireCases } from '../wire-cases.ts'

const TIMEOUT_MS = 6000

/** All that ends in time: every code and class, and what may happen to an answer on its way. */
export async function answered(phase: Phase): Promise<void> {
  const { channel, stage, provider, rounds } = phase
  const cases = [...codeCases(channel), ...wireCases(channel)].filter(({ name }) =>
    phase.wants(name),
  )
  if (cases.length === 0) return
  const environment = await openEnvironment(stage, channel, provider.url, TIMEOUT_MS)
  for (const round of rounds) {
    await inLanes(shuffled(randomFor(phase, 'order', round), cases), (one) =>
      observe(phase, environment, { ...one, round }, { timeoutMs: TIMEOUT_MS }),
    )
  }
  await environment.stop()
}
