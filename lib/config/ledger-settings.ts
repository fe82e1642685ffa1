import type { Table } from '../ledger/dynamo-table.ts'
import { env } from './env.ts'
import { ledgerTable } from './ledger-table.ts'
import { pepperReader } from './peppers.ts'

const DAY_SECONDS = 86_400
const MOST_CALLS = 1_000_000_000
/** With an idempotency key, as clients should send one; four without. */
const WRITES_AT_ONCE = 5

/** The ledger's settings of contract.md §5. */
export function ledgerSettings() {
  const calls = (name: string, fallback: number) =>
    env.number(name, fallback, { min: 1, max: MOST_CALLS })
  const reuseSeconds = env.number('REUSE_SECONDS', DAY_SECONDS, { min: 0, max: 31 * DAY_SECONDS })
  const ttlSeconds = env.number('SECRET_TTL_SECONDS', 300, { min: 0, max: DAY_SECONDS })
  // Counters of a day are the longest kept things under a fingerprint, unless verdicts are.
  const keptSeconds = Math.max(reuseSeconds, 2 * DAY_SECONDS)
  const pepperId = env.resourceName('FINGERPRINT_SECRET_ID')
  const pepper = pepperReader(pepperId, ttlSeconds, keptSeconds, 'FINGERPRINT_SECRET_ID')
  const table = ledgerTable()
  return {
    table,
    peppers: async () => (await pepper.current()).value,
    reuseSeconds,
    limits: {
      cardCalls: calls('CARD_DAILY_CALLS', 4),
      cardMismatches: calls('CARD_DAILY_MISMATCHES', 3),
      idCalls: calls('ID_DAILY_CALLS', 10),
      providerCalls: calls('PROVIDER_DAILY_LIMIT', 10_000),
      callerCalls: calls('CALLER_DAILY_LIMIT', 10_000),
    },
    pauseSeconds: env.number('PAUSE_SECONDS', 600, { min: 0, max: DAY_SECONDS }),
    recordDays: env.number('RECORD_DAYS', 180, { min: 1, max: 3650 }),
    requireIdempotencyKey: env.flag('REQUIRE_IDEMPOTENCY_KEY', false),
    /** What the first request would have to wait for; nothing of it can fail. */
    async prepare() {
      await Promise.all([pepper.prepare(), warmUp(table)])
    },
  }
}

// There is no such item. At once, so that each is asked on a connection of its own: what opening it
// and its first question cost, no request pays for.
async function warmUp(table: Table): Promise<void> {
  const get = () => table.get({ pk: '-', sk: '-' }).catch(() => undefined)
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, get))
}
