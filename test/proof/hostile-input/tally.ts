const MOST_FAILURES = 40

/** Of one case, in CPU time. */
export const SLOW_MS = 50
const REPEATS = 3

/** What was counted of many cases. */
export class Tally {
  cases = 0
  readonly faults = new Map<string, number>()
  readonly failures: string[] = []
  slowestMs = 0

  /** @param how what was done to the case, which holds nothing of a person */
  fail(fault: string, place: number, how: string): void {
    this.faults.set(fault, this.count(fault) + 1)
    if (this.failures.length < MOST_FAILURES) this.failures.push(`case ${place}: ${fault} (${how})`)
  }

  count(fault: string): number {
    return this.faults.get(fault) ?? 0
  }

  get allFaults(): number {
    return [...this.faults.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Runs it, and once more where it seemed slow: the machine may have been busy with others. */
  timed<Result>(run: () => Result): { result: Result; isSlow: boolean } {
    const startedAt = performance.now()
    const result = run()
    if (performance.now() - startedAt <= SLOW_MS) return { result, isSlow: false }
    const cpuMs = Math.min(...Array.from({ length: REPEATS }, () => cpuMsOf(run)))
    this.slowestMs = Math.max(this.slowestMs, cpuMs)
    return { result, isSlow: cpuMs > SLOW_MS }
  }

  async timedAsync<Result>(
    run: () => Promise<Result>,
  ): Promise<{ result: Result; isSlow: boolean }> {
    const startedAt = performance.now()
    const result = await run()
    if (performance.now() - startedAt <= SLOW_MS) return { result, isSlow: false }
    let cpuMs = Infinity
    for (let left = REPEATS; left > 0; left--) {
      const before = process.threadCpuUsage()
      await run()
      cpuMs = Math.min(cpuMs, millisecondsOf(process.threadCpuUsage(before)))
    }
    this.slowestMs = Math.max(this.slowestMs, cpuMs)
    return { result, isSlow: cpuMs > SLOW_MS }
  }
}

function cpuMsOf(run: () => unknown): number {
  const before = process.threadCpuUsage()
  run()
  return millisecondsOf(process.threadCpuUsage(before))
}

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000
