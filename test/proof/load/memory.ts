import { setTimeout as sleep } from 'node:timers/promises'
import type { Sample } from './environment.ts'
import type { LoadStage } from './load-stage.ts'

/** What all environments hold at one moment, place by place. */
export type Reading = (Sample & { requests: number })[]

/** Bytes of all busy environments, before and after; how many of them there are. */
export type Growth = {
  environments: number
  requests: number
  rss: readonly [before: number, after: number]
  memory: readonly [before: number, after: number]
  heap: readonly [before: number, after: number]
  /** The most at any reading up to the first, and at any since. */
  handles: readonly [before: number, after: number]
}

/** Takes a reading every so many seconds, and more rarely where one takes long itself. */
export function watchMemory(
  stage: LoadStage,
  { everySeconds, settledSeconds }: { everySeconds: number; settledSeconds: number },
  say: (line: string) => void,
) {
  const readings: Reading[] = []
  const settledAt = performance.now() + settledSeconds * 1000
  let settled = 0
  const stopped = new AbortController()
  const watching = (async () => {
    for (;;) {
      await sleep(everySeconds * 1000, undefined, stopped)
      const reading = await stage.samples()
      if (performance.now() < settledAt) settled += 1
      readings.push(reading)
      say(`${sumOf(reading, 'requests')} requests, ${mib(sumOf(reading, 'rss'))} MiB`)
    }
  })().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error
  })
  return {
    /** `settled` is the place of the first reading after `settledSeconds`. */
    async stop(): Promise<{ readings: Reading[]; settled: number }> {
      stopped.abort()
      await watching
      return { readings, settled }
    },
  }
}

/**
 * From the reading at `settled` to the last one, of those environments that have worked between
 * them; the rest would only hide what grows. One that had answered fewer than `warm` requests by
 * then is left out: what it compiles later looks like a leak and is none.
 */
export function growthOf(readings: readonly Reading[], settled: number, warm = 0): Growth {
  const before = readings[settled]
  const after = readings.at(-1)
  if (!before || !after || before === after) throw new Error('too few readings')
  const worked = after.map(({ requests }, place) => requests - (before[place]?.requests ?? 0))
  const even = worked.reduce((sum, count) => sum + count, 0) / worked.length
  const isBusy = (_: unknown, place: number) =>
    (worked[place] ?? 0) >= even && (before[place]?.requests ?? 0) >= warm
  if (!after.some(isBusy)) throw new Error('no environment was warm by then')
  const bothOf = (member: keyof Reading[number]) =>
    [sumOf(before.filter(isBusy), member), sumOf(after.filter(isBusy), member)] as const
  const most = (some: readonly Reading[]) =>
    Math.max(...some.map((reading) => sumOf(reading.filter(isBusy), 'handles')))
  return {
    environments: after.filter(isBusy).length,
    requests: worked.filter(isBusy).reduce((sum, count) => sum + count, 0),
    rss: bothOf('rss'),
    memory: bothOf('memory'),
    heap: bothOf('heap'),
    handles: [most(readings.slice(0, settled + 1)), most(readings.slice(settled + 1))],
  }
}

export function percentOf([before, after]: readonly [number, number]): number {
  return Math.round((1000 * (after - before)) / before) / 10
}

export const mib = (bytes: number) => Math.round(bytes / 2 ** 20)

function sumOf(reading: Reading, member: keyof Reading[number]): number {
  return reading.reduce((sum, sample) => sum + sample[member], 0)
}
