import { cpuQuota } from './cpu-quota.ts'
import type { Conditions, Run, Stage } from './stage.ts'
import { median, quantile, shuffled } from './statistics.ts'
import { type VariantName, variantOf, variants } from './variants.ts'

/** One variant under one set of conditions: measured once a round. */
type Cell = { variant: VariantName; far: boolean; conditions: Conditions }
export type ExperimentName = 'main' | 'initialised' | 'quota20' | 'quota100' | 'distance'

/** Milliseconds and bytes of one process. */
export type Figures = {
  /** Process start to the handler's load. */
  loadedMs: number
  /** Process start to the first answer. */
  firstMs: number
  cpuFirstMs: number
  /** The first request alone. */
  firstRequestMs: number
  /** The same without what the provider itself took. */
  firstOverProviderMs: number
  cpuOfFirstRequestMs: number
  /** What the store itself took of the first request, and of a warm one (mean). */
  storeFirstMs: number
  storeWarmMs: number
  rssAfterFirst: number
  warmMedianMs: number
  warmP99Ms: number
  cpuWarmRequestMs: number
  rssAfterWarm: number
  providerConnections: number
  /** Times that the function spoke after it had listened, on the long line to the provider. */
  flights: number
}
export type Figure = keyof Figures

/** The figures of each round, by experiment and cell. */
export type Measured = Record<string, Figures[]>
export type MeasuredBy = Partial<Record<ExperimentName, Measured>>

export const cellName = (variant: VariantName, far = false) => (far ? `${variant} far` : variant)

// Of a core, at 512 MB: 512 / 1769, which is what AWS documents for one vCPU.
const QUOTA_CORES = 0.29
/** Long enough for V8's background work of the load to be over. */
const PAUSE_MS = 300
const WARM_REQUESTS_FAR = 10
const DISCARDED = { warm: 5 }

const rivals: VariantName[] = ['hono', 'express']
const asking: VariantName[] = [
  'bare',
  'bare-again',
  'verifyThreeElement',
  'verifyTwoElement',
  ...rivals,
]
const cellsOf = (names: readonly VariantName[], conditions: Conditions): Cell[] =>
  names.map((variant) => ({ variant, far: conditions.far ?? false, conditions }))

export type Effort = { rounds: number; warm: number }

/** All experiments; one that this machine cannot do is missing in what is returned. */
export async function measure(
  stage: Stage,
  { rounds, warm }: Effort,
  random: () => number,
  progress: (line: string) => void,
): Promise<MeasuredBy> {
  const all = (name: string, cells: Cell[]) =>
    runRounds(stage, cells, rounds, random, (line) => progress(`${name}: ${line}`))
  const measured: MeasuredBy = {
    main: await all(
      'cold start and warm requests',
      cellsOf(
        variants.map(({ name }) => name),
        { warm },
      ),
    ),
    initialised: await all('initialised environment', cellsOf(asking, { pauseMs: PAUSE_MS })),
  }
  for (const [name, periodMs] of [
    ['quota20', 20],
    ['quota100', 100],
  ] as const) {
    const quota = cpuQuota(QUOTA_CORES, periodMs)
    if (!quota) {
      progress(`${name}: not measured, this machine has no writable cgroup with a CPU quota`)
      continue
    }
    try {
      const conditions = { pauseMs: PAUSE_MS, cgroup: quota.cgroup }
      measured[name] = await all(
        `initialised, ${QUOTA_CORES} of a core in periods of ${periodMs} ms`,
        cellsOf(asking, conditions),
      )
    } finally {
      quota.remove()
    }
  }
  measured.distance = await all('100 ms round trips', [
    ...cellsOf(asking, { warm: WARM_REQUESTS_FAR }),
    ...cellsOf(asking, { warm: WARM_REQUESTS_FAR, far: true }),
  ])
  return measured
}

/** Every cell once a round in an order of its own, after one start each that does not count. */
async function runRounds(
  stage: Stage,
  cells: readonly Cell[],
  rounds: number,
  random: () => number,
  progress: (line: string) => void,
): Promise<Measured> {
  for (const { variant, conditions } of cells) {
    await stage.run(variant, { ...conditions, ...(conditions.warm && DISCARDED) })
  }
  const measured: Measured = Object.fromEntries(
    cells.map(({ variant, far }) => [cellName(variant, far), []]),
  )
  for (let round = 1; round <= rounds; round++) {
    const startedAt = performance.now()
    for (const { variant, far, conditions } of shuffled(cells, random)) {
      measured[cellName(variant, far)]?.push(
        figuresOf(variant, await stage.run(variant, conditions)),
      )
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    progress(`round ${round} of ${rounds} (${seconds} s)`)
  }
  return measured
}

function figuresOf(variant: VariantName, run: Run): Figures {
  const { startedAt, loadedAt, askedAt, answeredAt, warmMs, counts, line } = run
  const [providerFirstMs = 0, ...providerWarmMs] = counts.provider.handlingMs
  const overProvider = warmMs.map((ms, request) => ms - (providerWarmMs[request] ?? 0))
  const { requests, waitsAt, waitedMs } = counts.store
  const firstWarm = requests - variantOf(variant).calls.store * warmMs.length
  const storeMs = (isWarm: boolean) =>
    waitedMs.filter((_, wait) => isWarm === (waitsAt[wait] ?? 0) >= firstWarm).reduce(sum, 0)
  return {
    loadedMs: loadedAt - startedAt,
    firstMs: answeredAt - startedAt,
    cpuFirstMs: run.cpuFirstMs,
    firstRequestMs: answeredAt - askedAt,
    firstOverProviderMs: answeredAt - askedAt - providerFirstMs,
    cpuOfFirstRequestMs: run.cpuOfFirstRequestMs,
    storeFirstMs: storeMs(false),
    storeWarmMs: warmMs.length > 0 ? storeMs(true) / warmMs.length : 0,
    rssAfterFirst: run.rssAfterFirst,
    warmMedianMs: warmMs.length > 0 ? median(overProvider) : 0,
    warmP99Ms: warmMs.length > 0 ? quantile(overProvider, 0.99) : 0,
    cpuWarmRequestMs: warmMs.length > 0 ? run.cpuWarmMs / warmMs.length : 0,
    rssAfterWarm: run.rssAfterWarm,
    providerConnections: counts.provider.connections,
    flights: line.flights,
  }
}

function sum(total: number, value: number): number {
  return total + value
}
