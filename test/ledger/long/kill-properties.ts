import type { Killed } from './kill.ts'
import type { StoreOperation } from './store-proxy.ts'

/** Who was stopped before the last mark was made has not asked anybody, and may be asked again. */
const NEVER_SENT = ['before hold', 'after hold', 'before take', 'after take']
const CERTAINLY_SENT = ['after send', 'before answer', 'after answer', 'before save', 'after save']
const ENDS = /^(200 \w+|504 outcome_unknown)$/

/** The kills that broke a promise. */
export function broken(killed: readonly Killed[]): Killed[] {
  return killed.filter(
    ({ at, hits, hitsWhenKilled, replays }) =>
      hits > 1 ||
      !replays.every((end) => ENDS.test(end)) ||
      (NEVER_SENT.includes(at) && replays.join(', ') !== '200 asked, 200 reused') ||
      (CERTAINLY_SENT.includes(at) && hitsWhenKilled !== 1),
  )
}

/** How often each point ended how. */
export function endings(killed: readonly Killed[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { at, keyed, replays, hits } of killed) {
    const ending = `${at}, ${keyed ? 'keyed' : 'unkeyed'}: ${replays.join(', ')}; hits: ${hits}`
    counts[ending] = (counts[ending] ?? 0) + 1
  }
  return counts
}

/** A build that does not write down that it is about to send. */
export const noMark = ({ UpdateExpression }: StoreOperation) =>
  UpdateExpression?.startsWith('SET phase = :sent') ?? false
