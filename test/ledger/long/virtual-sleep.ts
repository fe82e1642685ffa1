import type { setTimeout as realSleep } from 'node:timers/promises'

/** Set while schedules run: who sleeps then waits for the scheduler and not for the time. */
export const virtual: { sleep: ((ms: number) => Promise<void>) | undefined } = { sleep: undefined }

/** In place of `setTimeout` of `node:timers/promises`, by `vi.mock`. */
export function sleepOf(real: typeof realSleep): typeof realSleep {
  return (async (ms: number, ...rest: []) =>
    virtual.sleep ? virtual.sleep(ms) : real(ms, ...rest)) as typeof realSleep
}
