const FAILURES_IN_A_ROW = 5
const OPEN_MS = 10_000

/**
 * Spares callers the wait for a provider that has just timed out or been out of reach five times in
 * a row. It lives in the memory of one environment: whatever is shared belongs to the ledger.
 */
export function circuitBreaker() {
  let failures = 0
  let openUntil = 0
  return {
    /** Whole seconds until a call may try again; 0 while calls may go through. */
    waitSeconds(): number {
      return Math.max(0, Math.ceil((openUntil - Date.now()) / 1000))
    },
    succeeded(): void {
      failures = 0
    },
    failed(): void {
      failures += 1
      if (failures < FAILURES_IN_A_ROW) return
      failures = 0
      openUntil = Date.now() + OPEN_MS
    },
  }
}
