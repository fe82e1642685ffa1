import { sleep } from './deadline.ts'
import type { Outcome } from './read-reply.ts'
import type { Failure } from './verification-error.ts'

/** A longer wait is the caller's to plan. */
const LONGEST_RETRY_AFTER_SECONDS = 30
const BACKOFF_MS = { first: 500, longest: 10_000 }

/**
 * Repeats what may be repeated. Every attempt sends the same request under the same key, so the
 * ledger of the service lets no two of them reach a provider at a charge.
 *
 * An attempt that was lost leaves a doubt, which only an answer or a replay of the ledger removes.
 */
export async function repeat<Value>(
  attempt: () => Promise<Outcome<Value>>,
  { maxRetries, signal }: { maxRetries: number; signal: AbortSignal | undefined },
): Promise<Outcome<Value>> {
  let isInDoubt = false
  for (let retries = 0; ; retries++) {
    const outcome = await attempt()
    if ('value' in outcome) return outcome
    isInDoubt = (isInDoubt && !outcome.replayed) || outcome.mayHaveRun
    const failure: Failure = isInDoubt
      ? { ...outcome.failure, outcomeUnknown: true, billable: 'unknown' }
      : outcome.failure
    if (retries >= maxRetries || !mayRepeat(failure)) return { ...outcome, failure }
    await sleep(waitMs(failure, retries), signal)
  }
}

/** A problem that may have been charged is not repeated, even where its code is retryable. */
function mayRepeat({ retryable, problem, retryAfterSeconds = 0 }: Failure): boolean {
  const isFree = problem?.billable !== 'unknown'
  return retryable && isFree && retryAfterSeconds <= LONGEST_RETRY_AFTER_SECONDS
}

/** Never less than asked for, and spread so that many clients do not come back at once. */
function waitMs({ retryAfterSeconds = 0 }: Failure, retries: number): number {
  const backoff = Math.min(BACKOFF_MS.first * 2 ** retries, BACKOFF_MS.longest)
  return retryAfterSeconds * 1000 + backoff * (0.5 + Math.random() / 2)
}
