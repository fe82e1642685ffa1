import { ledgerTable } from '../lib/config/ledger-table.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { getVerificationEndpoint } from '../lib/http/record-endpoints.ts'

const table = ledgerTable()

export const handler = httpHandler(getVerificationEndpoint(table))

await table.connectAhead(1)
