import { setImmediate as turn } from 'node:timers/promises'
import { dynamoTable } from './dynamo-table.ts'
import { verificationLedger, type VerifyOnce } from './verification-ledger.ts'

/**
 * A ledger over a table that accepts every write and keeps none. Nothing of it leaves the process,
 * and whatever else that is doing has its turn at every step.
 */
export function rehearsalLedger(): VerifyOnce {
  return verificationLedger({
    table: dynamoTable('rehearsal', () => turn({})),
    peppers: () => Promise.resolve(['rehearsal']),
    limits: { cardCalls: 1, cardMismatches: 1, idCalls: 1, providerCalls: 1, callerCalls: 1 },
    reuseSeconds: 1,
    pauseSeconds: 1,
    recordDays: 1,
  })
}
