import { ledgerTable } from '../lib/config/ledger-table.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { getUsageEndpoint } from '../lib/http/record-endpoints.ts'

const table = ledgerTable()

export const handler = httpHandler(getUsageEndpoint(table))

await table.connectAhead(1)
