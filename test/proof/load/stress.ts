import type { RowOptions } from '../row.ts'
import { arrivalsOf } from './arrivals.ts'
import type { LoadStage } from './load-stage.ts'
import { runOpenLoop, type Seen } from './open-loop.ts'
import { MOST_P99_MS, type Phase, phaseOf, RATE, warmUp } from './steady-run.ts'

const OVERLOAD = 5
/** Of those who come while it is too much, so many send twice: that is when second charges loom. */
const REPEAT_SHARE = 0.1
const RAMP_STEP = 25
const RAMP_END = 500

type Cpu = Awaited<ReturnType<LoadStage['cpu']>>

export type Stress = {
  overload: Phase
  answeredPerSecond: number
  after: Phase
  /** Seconds from the overload's end to the last request that was late or not answered. */
  recoverySeconds: number
  /** Cores that each part used under the overload. */
  cores: Cpu
  /** The highest rate that was still served in time and in full; where it was looked for. */
  ceiling?: { rate: number; cores: Cpu } | undefined
}

const sizes = {
  long: { overloadSeconds: 60, afterSeconds: 20, rampSeconds: 15 },
  quick: { overloadSeconds: 5, afterSeconds: 8, rampSeconds: 0 },
}

/** Five times the load, then the load again; and the rate from which on it is too much. */
export async function stress(stage: LoadStage, { quick, seed, say }: RowOptions): Promise<Stress> {
  const { overloadSeconds, afterSeconds, rampSeconds } = sizes[quick ? 'quick' : 'long']
  let firstPerson = await warmUp(stage)
  const run = async (rate: number, seconds: number, repeatShare = 0) => {
    const arrivals = arrivalsOf({ rate, seconds, seed, firstPerson, repeatShare })
    firstPerson += arrivals.length
    const before = await stage.cpu()
    const startedAt = performance.now()
    const seen = await runOpenLoop(stage, arrivals)
    const ms = performance.now() - startedAt
    const cores = coresOf(before, await stage.cpu(), ms)
    return { seen, ms, cores }
  }

  const overload = await run(RATE * OVERLOAD, overloadSeconds, REPEAT_SHARE)
  const hitsOfOverload = await stage.takeHits()
  const after = await run(RATE, afterSeconds)
  const bad = after.seen.filter(({ ms, told }) => told !== 'answered' || ms > MOST_P99_MS)
  const measured = {
    overload: phaseOf(overload.seen, hitsOfOverload),
    answeredPerSecond: Math.round((1000 * answeredOf(overload.seen).length) / overload.ms),
    after: phaseOf(after.seen, await stage.takeHits()),
    recoverySeconds: Math.max(0, ...bad.map(({ at }) => Math.ceil(at / 1000))),
    cores: overload.cores,
  }
  say(`overload: ${measured.answeredPerSecond} answered a second`)
  if (rampSeconds === 0) return measured

  let ceiling: Stress['ceiling']
  for (let rate = RATE; rate <= RAMP_END; rate += RAMP_STEP) {
    const { seen, cores } = await run(rate, rampSeconds)
    const { p99, errors } = phaseOf(seen, await stage.takeHits())
    say(`${rate}/s: p99 ${p99} ms, ${errors} not answered`)
    if (p99 > MOST_P99_MS || errors > 0) break
    ceiling = { rate, cores }
  }
  return { ...measured, ceiling }
}

const answeredOf = (seen: readonly Seen[]) => seen.filter(({ told }) => told === 'answered')

function coresOf(before: Cpu, after: Cpu, ms: number): Cpu {
  const used = (part: keyof Cpu) => Math.round((100 * (after[part] - before[part])) / ms) / 100
  return {
    dynalite: used('dynalite'),
    functions: used('functions'),
    provider: used('provider'),
    callers: used('callers'),
  }
}
