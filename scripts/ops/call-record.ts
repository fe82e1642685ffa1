import type { Item } from '../../lib/ledger/dynamo-table.ts'
import type { Verification } from '../../lib/verification/verification.ts'
import type { Deployment } from './deployment.ts'
import { type ScanCost, scanTable } from './scan.ts'

/** One call as its record tells of it. */
export type CallRecord = {
  id: string
  /** Epoch milliseconds. */
  askedAt: number
  provider: string
  providerReference: string | undefined
  caller: string
  /** Verdict or code of the problem; `running`, or `lost` where nobody was left to save one. */
  outcome: string
  /** Was it sent, and nobody knows what came of it? */
  isUnknown: boolean
  billable: string
}

// A function's 30 s at most, and 2 s for clocks that differ (lib/ledger/verification-attempt.ts).
const LONGEST_LEASE_MS = 32_000

/** @returns the records of a span of time in its order, without those that a verdict was reused for */
export async function readCalls(
  deployment: Deployment,
  from: number,
  before: number,
): Promise<{ calls: CallRecord[]; cost: ScanCost }> {
  const now = Date.now()
  const { items, cost } = await scanTable(deployment, {
    filter:
      'begins_with(pk, :records) AND askedAt >= :from AND askedAt < :before AND expiresAt > :now',
    values: {
      ':records': 'verification#',
      ':from': from,
      ':before': before,
      ':now': Math.floor(now / 1000),
    },
  })
  const calls = items.flatMap((item) => callOf(item, now) ?? [])
  return { calls: calls.sort((a, b) => a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1)), cost }
}

/** @returns nothing where no call was made: an earlier verdict served */
function callOf(item: Item, now: number): CallRecord | undefined {
  const { sk, caller, provider, askedAt, answer, problem, fate, billable, providerReference } = item
  const call = {
    id: String(sk),
    askedAt: Number(askedAt),
    provider: String(provider),
    providerReference: textOf(providerReference),
    caller: String(caller),
  }
  if (answer !== undefined) {
    const verification: Verification = JSON.parse(String(answer))
    if (verification.reused) return undefined
    const { verdict, billable, providerReference } = verification
    return { ...call, providerReference, outcome: verdict, isUnknown: false, billable }
  }
  if (problem !== undefined) {
    return {
      ...call,
      outcome: String(problem),
      isUnknown: fate === 'unknown',
      billable: textOf(billable) ?? 'unknown',
    }
  }
  const running = isRunning(item, now)
  return {
    ...call,
    outcome: running ? 'running' : 'lost',
    isUnknown: !running,
    billable: 'unknown',
  }
}

/** A record without an outcome whose function may still be at work. */
export function isRunning({ askedAt, answer, problem }: Item, now: number): boolean {
  return answer === undefined && problem === undefined && Number(askedAt) + LONGEST_LEASE_MS >= now
}

function textOf(value: Item[string]): string | undefined {
  return value === undefined ? undefined : String(value)
}
