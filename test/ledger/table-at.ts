import { dynamoDbClient } from '../../lib/aws/dynamodb-client.ts'
import { dynamoTable, type Table } from '../../lib/ledger/dynamo-table.ts'

/** The ledger's table as a function sees it, at an address on this machine. */
export function tableAt(endpoint: string, tableName: string): Table {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return dynamoTable(tableName, dynamoDbClient({ endpoint, region: 'local', credentials }).send)
}
