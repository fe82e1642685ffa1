import type { Effort, ExperimentName, Figure, Measured, MeasuredBy } from './experiments.ts'
import { cellName } from './experiments.ts'
import type { Facts } from './facts.ts'
import { ROUND_TRIP_MS } from './stage.ts'
import { type Estimate, estimate, pairwise, seededRandom } from './statistics.ts'
import { type FunctionName, shipped, type VariantName } from './variants.ts'

type Verdict = 'reached' | 'not reached' | 'machine too noisy' | 'too few rounds' | 'not measured'

/** One row of issue 5's table, with what was measured. */
export type Goal = {
  figure: string
  of: string
  limit: number
  unit: '×' | 'ms' | 'KB' | 'round trips' | 'waits' | 'failures'
  measured: Estimate | undefined
  /** Second copy of bare over the first, in the same experiment and figure. */
  control?: number
  verdict: Verdict
}

type Control = { rounds: number; ratio: Estimate }

/** Beyond these the two copies of bare differ so much that nothing can be told. */
const QUIET = { least: 0.9, most: 1.1 }
/** Timers of the long line are late by up to a millisecond each. */
const TIMERS_ARE_LATE = 0.25
/** With fewer, a control tells nothing. */
const LEAST_ROUNDS = 5
const SEED = 20_261_122
const asking = ['verifyThreeElement', 'verifyTwoElement'] as const satisfies VariantName[]

export function ratioOf(
  measured: Measured,
  figure: Figure,
  variant: string,
  over: string,
): Estimate | undefined {
  const values = measured[variant]?.map((figures) => figures[figure])
  const others = measured[over]?.map((figures) => figures[figure])
  if (!values || !others) return undefined
  return estimate(
    pairwise(values, others, (a, b) => a / b),
    seededRandom(SEED),
  )
}

/** Round trips to the provider: what the distance adds, in round trips. */
export function roundTripsOf(measured: Measured, figure: Figure, variant: VariantName) {
  const far = measured[cellName(variant, true)]?.map((figures) => figures[figure])
  const near = measured[cellName(variant)]?.map((figures) => figures[figure])
  if (!far || !near) return undefined
  return estimate(
    pairwise(far, near, (a, b) => (a - b) / ROUND_TRIP_MS),
    seededRandom(SEED),
  )
}

function controlOf(
  measuredBy: MeasuredBy,
  experiment: ExperimentName,
  figure: Figure,
): Control | undefined {
  const measured = measuredBy[experiment]
  const ratio = measured && ratioOf(measured, figure, 'bare-again', 'bare')
  return ratio && { rounds: measured['bare']?.length ?? 0, ratio }
}

const isQuiet = ({ median }: Estimate) => median >= QUIET.least && median <= QUIET.most

export function judge(
  measuredBy: MeasuredBy,
  facts: Facts,
  sizes: Record<FunctionName, number>,
): Goal[] {
  const ratio = (
    figure: string,
    experiment: ExperimentName,
    what: Figure,
    of: VariantName,
    over: VariantName,
    limit: number,
  ): Goal => {
    const measured = measuredBy[experiment]
    return verdictOn(
      { figure, of, limit, unit: '×' },
      measured && ratioOf(measured, what, of, over),
      controlOf(measuredBy, experiment, what),
    )
  }
  const everyFunction = (goalOf: (of: (typeof asking)[number]) => Goal) => asking.map(goalOf)
  const spread = (value: number): Estimate => ({ median: value, low: value, high: value })

  return [
    ...everyFunction((of) =>
      ratio('start to first answer, ledger on, over bare', 'main', 'firstMs', of, 'bare', 1.7),
    ),
    ...everyFunction((of) =>
      ratio('the same over Hono without a ledger', 'main', 'firstMs', of, 'hono', 0.55),
    ),
    ...everyFunction((of) =>
      ratio('the same over Express without a ledger', 'main', 'firstMs', of, 'express', 0.45),
    ),
    ...everyFunction((of) =>
      ratio(
        "first request of an initialised environment, over bare's own first",
        'initialised',
        'firstRequestMs',
        of,
        'bare',
        0.35,
      ),
    ),
    ...([20, 100] as const).flatMap((periodMs) =>
      everyFunction((of) => {
        const experiment = `quota${periodMs}` as const
        const values = measuredBy[experiment]?.[of]?.map((figures) => figures.firstOverProviderMs)
        return verdictOn(
          {
            figure: `the same at 0.29 of a core (periods of ${periodMs} ms), over the provider's answer`,
            of,
            limit: 25,
            unit: 'ms',
          },
          values && estimate(values, seededRandom(SEED)),
          controlOf(measuredBy, experiment, 'firstRequestMs'),
        )
      }),
    ),
    ...(Object.keys(shipped) as FunctionName[]).map((of) =>
      verdictOn(
        { figure: 'bundle, minified', of, limit: 200, unit: 'KB' },
        spread(sizes[of] / 1000),
      ),
    ),
    ...everyFunction((of) =>
      ratio("CPU of a warm request, over bare's", 'main', 'cpuWarmRequestMs', of, 'bare', 10),
    ),
    ...everyFunction((of) =>
      verdictOn(
        { figure: 'waits for the store in a warm request', of, limit: 4, unit: 'waits' },
        spread(facts.storeWaits[of] ?? NaN),
      ),
    ),
    ...everyFunction((of) =>
      ratio('memory after the first request, over bare', 'main', 'rssAfterFirst', of, 'bare', 1.15),
    ),
    ...everyFunction((of) =>
      ratio(
        'memory after the last warm request, over bare',
        'main',
        'rssAfterWarm',
        of,
        'bare',
        1.25,
      ),
    ),
    ...everyFunction((of) => {
      const trips = measuredBy.distance && roundTripsOf(measuredBy.distance, 'warmMedianMs', of)
      return verdictOn(
        { figure: 'round trips to the provider, warm request', of, limit: 1, unit: 'round trips' },
        trips,
        controlOf(measuredBy, 'distance', 'firstMs'),
      )
    }),
    ...everyFunction((of) => {
      const trips = measuredBy.distance && roundTripsOf(measuredBy.distance, 'firstMs', of)
      return verdictOn(
        {
          figure: 'round trips to the provider, cold start to first answer',
          of,
          limit: 3,
          unit: 'round trips',
        },
        trips,
        controlOf(measuredBy, 'distance', 'firstMs'),
      )
    }),
    verdictOn(
      {
        figure: 'undici not loaded, nothing forbidden in a bundle, sizes in budget',
        of: 'all functions',
        limit: 0,
        unit: 'failures',
      },
      spread(facts.failures.length),
    ),
  ]
}

function verdictOn(
  goal: Omit<Goal, 'measured' | 'verdict' | 'control'>,
  measured: Estimate | undefined,
  control?: Control,
): Goal {
  const limit = goal.unit === 'round trips' ? goal.limit + TIMERS_ARE_LATE : goal.limit
  const verdict =
    measured === undefined
      ? 'not measured'
      : control && control.rounds < LEAST_ROUNDS
        ? 'too few rounds'
        : control && !isQuiet(control.ratio)
          ? 'machine too noisy'
          : measured.median <= limit
            ? 'reached'
            : 'not reached'
  return {
    ...goal,
    measured,
    ...(control && { control: control.ratio.median }),
    verdict,
  }
}

/** A run whose figures may stand in a document. */
export function isComplete({ rounds, warm }: Effort): boolean {
  return rounds >= 15 && warm >= 2000
}
