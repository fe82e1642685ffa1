import { ledgerTable } from '../lib/config/ledger-table.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { listVerificationsEndpoint } from '../lib/http/record-endpoints.ts'

const table = ledgerTable()

export const handler = httpHandler(listVerificationsEndpoint(table))

await table.connectAhead(1)
