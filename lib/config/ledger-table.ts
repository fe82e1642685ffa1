import { dynamoDbClient } from '../aws/dynamodb-client.ts'
import { dynamoTable, type Table } from '../ledger/dynamo-table.ts'
import { env } from './env.ts'

/**
 * The ledger's table. On its own, so that functions which only read it load nothing of the secrets.
 */
export function ledgerTable(): Table & { connectAhead(count: number): Promise<void> } {
  const tableName = env.resourceName('LEDGER_TABLE')
  const { send, connectAhead } = dynamoDbClient(env.aws('DYNAMODB'))
  return { ...dynamoTable(tableName, send), connectAhead }
}
