import { ledgerTableName } from '../lib/config/ledger-table.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { listVerificationsEndpoint } from '../lib/http/record-endpoints.ts'
import { dynamoTable } from '../lib/ledger/dynamo-table.ts'

export const handler = httpHandler(listVerificationsEndpoint(dynamoTable(ledgerTableName())))
