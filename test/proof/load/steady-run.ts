import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { RowOptions } from '../row.ts'
import { arrivalsOf } from './arrivals.ts'
import type { LoadStage } from './load-stage.ts'
import { p99Of, runOpenLoop, type Seen, talliesOf, wrongsOf } from './open-loop.ts'
import { type Reading, watchMemory } from './memory.ts'

/** Requests a second. */
export const RATE = 50
export const MOST_P99_MS = 750
const WARM_UP_ROUNDS = 10

export const steadySizes = {
  // The load wants 10 minutes and the soak 30: the same ones.
  long: { seconds: 1800, loadSeconds: 600, everySeconds: 60, settledSeconds: 300, warm: 1000 },
  quick: { seconds: 20, loadSeconds: 15, everySeconds: 2, settledSeconds: 8, warm: 0 },
}

/** A time of even load, as both rows that look at it need it. */
export type Steady = {
  whole: Phase
  /** Of the first `loadSeconds`. */
  load: Phase
  /** p99 of each third of the whole time, in milliseconds. */
  p99OfThirds: number[]
  readings: Reading[]
  /** The place of the first reading of the soak. */
  settled: number
}

/** What one time of load came to. */
export type Phase = {
  requests: number
  errors: number
  wrong: string[]
  twice: string[]
  p99: number
  tallies: Record<string, number>
}

/** The one steady run of a proof, whichever of its rows comes first. */
export async function steadyOf(
  { quick, seed, scratchDir, say }: RowOptions,
  openStage: () => Promise<LoadStage>,
): Promise<Steady> {
  const file = path.join(scratchDir, 'steady.json')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return JSON.parse(known) as Steady
  const size = steadySizes[quick ? 'quick' : 'long']
  const { seconds, loadSeconds } = size
  const stage = await openStage()
  const people = await warmUp(stage)
  const arrivals = arrivalsOf({ rate: RATE, seconds, seed, firstPerson: people })
  const watched = watchMemory(stage, size, (line) => say(line))
  const seen = await runOpenLoop(stage, arrivals)
  const memory = await watched.stop()
  const hits = await stage.takeHits()
  await stage.close()

  const third = (seconds * 1000) / 3
  const steady: Steady = {
    whole: phaseOf(seen, hits),
    load: phaseOf(
      seen.filter(({ at }) => at < loadSeconds * 1000),
      hits,
    ),
    p99OfThirds: [0, 1, 2].map((place) =>
      Math.round(p99Of(seen.filter(({ at }) => Math.floor(at / third) === place))),
    ),
    ...memory,
  }
  await writeFile(file, JSON.stringify(steady))
  return steady
}

/**
 * Every environment at once, some times over: none shall have to compile under the load.
 *
 * @returns the number of the first person nobody has asked about
 */
export async function warmUp(stage: LoadStage): Promise<number> {
  let person = 1
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    await Promise.all(
      Array.from({ length: stage.environments }, async () => stage.verify(person++)),
    )
  }
  await stage.takeHits()
  return person
}

/** What must not happen under any load: another's answer, a second hit, a crash. */
export function faultsOf({ wrong, twice, tallies }: Phase): string[] {
  return [...wrong, ...twice, ...talliedAs('crashed', { tallies })]
}

/** How many were answered, turned away and so on, in one line. */
export function toldOfAll({ tallies }: Phase): string {
  return Object.entries(tallies)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')
}

/** How many were told so, kind by kind. */
export function talliedAs(told: Seen['told'], { tallies }: Pick<Phase, 'tallies'>): string[] {
  return Object.entries(tallies)
    .filter(([kind]) => kind.startsWith(told))
    .map(([kind, count]) => `${kind}: ${count}`)
}

export function phaseOf(seen: readonly Seen[], hits: Readonly<Record<string, number>>): Phase {
  const { answers: wrong, twice } = wrongsOf(seen, hits)
  return {
    requests: seen.length,
    errors: seen.filter(({ told }) => told !== 'answered').length,
    wrong,
    twice,
    p99: Math.round(p99Of(seen.filter(({ told }) => told !== 'turned away'))),
    tallies: talliesOf(seen),
  }
}
