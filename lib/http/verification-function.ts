import {
  type LedgerOptions,
  type LedgerPerson,
  verificationLedger,
} from '../ledger/verification-ledger.ts'
import type { AskProvider } from '../verification/verdict.ts'
import { httpHandler } from './http-handler.ts'
import { rehearse } from './rehearsal.ts'
import { verificationEndpoint, type VerificationEndpoint } from './verification-endpoint.ts'

type Prepared = {
  /** What the first request would have to wait for; it never fails. */
  prepare(): Promise<void>
}

/**
 * The handler of a function that verifies, when init has done what the first request would wait for:
 * the secrets are read, the connections stand, and the way from event to answer has been gone once.
 */
export async function verificationFunction<Person extends LedgerPerson>(
  options: Pick<VerificationEndpoint<Person>, 'route' | 'operation' | 'parse'> & {
    credentials: Prepared
    ledger: LedgerOptions & Prepared & { requireIdempotencyKey: boolean }
    ask: AskProvider<Person> & Prepared & { rehearse: AskProvider<Person> }
  },
) {
  const { route, operation, parse, credentials, ledger, ask } = options
  const { requireIdempotencyKey } = ledger
  const endpoint = { route, operation, parse, requireIdempotencyKey }
  const verifyOnce = verificationLedger(ledger)

  await Promise.all([
    credentials.prepare(),
    ledger.prepare(),
    ask.prepare(),
    rehearse({ ...endpoint, ask: ask.rehearse }),
  ])
  return httpHandler(verificationEndpoint({ ...endpoint, verifyOnce, ask }))
}
