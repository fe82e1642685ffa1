// A timer with more runs at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Ends with the work, at the deadline, or with the caller's signal, whichever comes first: also
 * where the work does not listen to the signal that it is given.
 *
 * @throws Stopped, or what the work has thrown
 */
export async function within<Value>(
  limit: { timeoutMs: number; signal: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController()
  const { signal } = controller
  const stop = () => controller.abort()
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Stopped()))
  })
  const timer = setTimeout(stop, Math.min(limit.timeoutMs, LONGEST_TIMER_MS))
  limit.signal?.addEventListener('abort', stop)
  try {
    return await Promise.race([work(signal), stopped])
  } finally {
    clearTimeout(timer)
    limit.signal?.removeEventListener('abort', stop)
  }
}

export class Stopped extends Error {}

/** Waits, or ends early with the signal. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}
