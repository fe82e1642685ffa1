/** Linear between the two nearest values, as spreadsheets do (Hyndman and Fan's type 7). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? NaN
  const above = sorted[Math.ceil(place)] ?? NaN
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export type Spread = { median: number; q1: number; q3: number }

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), q1: quantile(values, 0.25), q3: quantile(values, 0.75) }
}

/** Pairs the two values of each round, so that what slows a whole round down cancels out. */
export function pairwise(
  values: readonly number[],
  others: readonly number[],
  combine: (value: number, other: number) => number,
): number[] {
  if (values.length !== others.length) throw new Error('the rounds do not pair')
  return values.map((value, round) => combine(value, others[round] ?? NaN))
}

export type Estimate = { median: number; low: number; high: number }

const RESAMPLES = 10_000

/** The median with its 95 % bootstrap interval (percentiles of the medians of resamples). */
export function estimate(values: readonly number[], random: () => number): Estimate {
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? NaN)),
  )
  return {
    median: median(values),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
  }
}

const WARM_UP = 20

/** Numbers from 0 to below 1 that a seed determines (sfc32): a report can be made again. */
export function seededRandom(seed: number): () => number {
  const state = Uint32Array.of(seed, 0x9e3779b9, 0x243f6a88, 1) as Uint32Array & {
    [place in 0 | 1 | 2 | 3]: number
  }
  const next = () => {
    const mixed = (state[0] + state[1] + state[3]) | 0
    state[3] += 1
    state[0] = state[1] ^ (state[1] >>> 9)
    state[1] = state[2] + (state[2] << 3)
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + mixed
    return (mixed >>> 0) / 2 ** 32
  }
  for (let round = 0; round < WARM_UP; round++) next()
  return next
}

/** Fisher and Yates. */
export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
  const order = [...values]
  for (let place = order.length - 1; place > 0; place--) {
    const other = Math.floor(random() * (place + 1))
    const moved = order[place] as Value
    order[place] = order[other] as Value
    order[other] = moved
  }
  return order
}
