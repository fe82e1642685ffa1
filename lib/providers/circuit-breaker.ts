import type { Exchange } from './post-form.ts'

const FAILURES_IN_A_ROW = 5
const OPEN_MS = 10_000

/**
 * Spares callers the wait for a provider that has timed out or been out of reach for five requests
 * in a row. It lives in the memory of one environment: what all must know belongs to the ledger.
 */
export function circuitBreaker() {
  let failures = 0
  let openUntil = 0
  return {
    /** Whole seconds until requests may try again; 0 while they may. */
    waitSeconds(): number {
      return Math.max(0, Math.ceil((openUntil - Date.now()) / 1000))
    },
    /** How a request ended, its retry included. A connection lost halfway says nothing. */
    record(outcome: Exchange['outcome']): void {
      if (outcome === 'broken') return
      failures = outcome === 'answered' ? 0 : failures + 1
      if (failures < FAILURES_IN_A_ROW) return
      failures = 0
      openUntil = Date.now() + OPEN_MS
    },
  }
}
