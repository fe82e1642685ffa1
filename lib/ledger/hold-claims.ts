import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../errors/app-error.ts'
import { type Attempt, type Claim, hold, release, type Standing } from './claim.ts'
import { failureOf, type Table } from './dynamo-table.ts'

/** What an attempt finds: it holds every claim, or somebody has been there before. */
export type Held =
  | { standing: 'held' }
  | { standing: 'replied'; reply: string }
  | { standing: 'answered'; answer: string }

/** How long a request waits for another one that asks the same (contract.md §5). */
const WAIT_MS = 2000
const POLL_MS = { least: 50, jitter: 100 }
/** To say `verification_in_progress` before the function's own time is over. */
const RESERVED_MS = 500

/**
 * Takes all claims or none. An idempotency key stays held where an earlier answer is found, so that
 * its reply can be kept under it.
 *
 * @throws AppError `idempotency_key_reused`, `outcome_unknown`, `verification_in_progress`,
 *   `ledger_unavailable`
 */
export async function holdClaims(
  table: Table,
  claims: readonly Claim[],
  attempt: Attempt,
  remainingMs: () => number,
): Promise<Held> {
  const giveUpAt = Date.now() + Math.min(WAIT_MS, remainingMs() - RESERVED_MS)
  for (;;) {
    const standings = await holdAll(table, claims, attempt)
    const keys = standings.filter((_, place) => claims[place]?.request !== undefined)
    const persons = standings.filter((_, place) => claims[place]?.request === undefined)
    // The key speaks first: its own reply, or the attempt that is about to write it, comes before
    // an answer that somebody else got.
    const found = strongest(keys) ?? strongest(persons)
    if (!found) return { standing: 'held' }

    const kept = found.standing === 'answered' ? keys : []
    const unneeded = claims.filter((_, place) => {
      const standing = standings[place]
      return standing?.standing === 'held' && !kept.includes(standing)
    })
    await Promise.allSettled(unneeded.map((claim) => release(table, claim, attempt)))

    switch (found.standing) {
      case 'replied':
      case 'answered':
        return found
      case 'reused_key':
        throw new AppError('idempotency_key_reused')
      case 'unknown':
        throw new AppError('outcome_unknown', { billable: 'unknown' })
      default:
        if (Date.now() >= giveUpAt) throw new AppError('verification_in_progress')
        await sleep(POLL_MS.least + Math.random() * POLL_MS.jitter)
    }
  }
}

async function holdAll(table: Table, claims: readonly Claim[], attempt: Attempt) {
  const standings = await Promise.allSettled(claims.map((claim) => hold(table, claim, attempt)))
  const known = standings.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (known.length === claims.length) return known
  // A write that failed may have been applied.
  await Promise.allSettled(claims.map((claim) => release(table, claim, attempt)))
  throw failureOf(standings)
}

const STRENGTH = ['reused_key', 'replied', 'answered', 'running', 'unknown', 'free'] as const

function strongest(standings: readonly Standing[]): Standing | undefined {
  for (const strength of STRENGTH) {
    const found = standings.find(({ standing }) => standing === strength)
    if (found) return found
  }
  return undefined
}
