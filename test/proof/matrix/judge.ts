import type { Observation } from './observation.ts'
import type { Matrix } from './run-matrix.ts'

const MOST_LATE_MS = 250
const MOST_GROWN_BYTES = 20 * 2 ** 20
const MOST_CONNECTS = 2

/** Row 1: what a caller was told that should have been told something else, or sooner. */
export function unexpected({ observations, strays }: Matrix): string[] {
  return [
    ...strays.map((stray) => `a request that nobody was to make: ${stray}`),
    ...observations.flatMap((seen) => complaints(seen).map((what) => `${where(seen)}: ${what}`)),
  ]
}

function complaints({ told, expected, lateMs, grownBytes = 0 }: Observation): string[] {
  return [
    ...(expected.includes(told) ? [] : [`${told}, in place of ${expected.join(' or ')}`]),
    ...(isLate({ lateMs }) ? [`${lateMs} ms past its deadline`] : []),
    ...(grownBytes < MOST_GROWN_BYTES ? [] : [`memory grew by ${mib(grownBytes)}`]),
  ]
}

export function isLate({ lateMs }: Pick<Observation, 'lateMs'>): boolean {
  return lateMs > MOST_LATE_MS
}

/** Row 5: requests that came to a provider once too often. */
export function repeated({ observations, strays }: Matrix): string[] {
  const again = observations.filter((seen) => {
    const firstRun = seen.hits.findIndex(({ ran }) => ran)
    const afterRun = firstRun >= 0 && firstRun < seen.hits.length - 1
    return afterRun || attemptsOf(seen) > MOST_CONNECTS
  })
  return [
    ...strays.map((stray) => `a request that nobody was to make: ${stray}`),
    ...again.map(
      (seen) => `${where(seen)}: ${seen.hits.length} hits, ${attemptsOf(seen)} attempts`,
    ),
  ]
}

/** Row 6: requests whose `billable` is not what the provider has charged. */
export function misbilled({ observations }: Matrix): string[] {
  return observations
    .filter(({ billable, hits }) => {
      const charged = hits.some((hit) => hit.charged)
      return charged ? billable === 'no' : billable === 'yes'
    })
    .map((seen) => `${where(seen)}: billable ${seen.billable}, ${seen.told}`)
}

/** Hits of those that were connected, connections of those that are about connecting. */
export function attemptsOf({ connects, hits }: Observation): number {
  return connects ?? hits.length
}

export function mayHaveRun({ hits }: Observation): boolean {
  return hits.some(({ ran }) => ran)
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function where({ channel, case: name, round }: Observation): string {
  return `${channel}, ${name}, round ${round}`
}
