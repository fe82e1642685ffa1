import { readFileSync } from 'node:fs'
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import type { AttributeValue, CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { parse } from 'yaml'

/** DynamoDB in this process, with the ledger's table as serverless.yml describes it. */
export async function startDynamoDbSimulator({ port = 0 } = {}) {
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const tableName = 'bankcard-verify-ledger'
  await client.send(new CreateTableCommand({ TableName: tableName, ...ledgerTableDefinition() }))
  return {
    url,
    tableName,
    /** Every item of the table. */
    async dump(): Promise<Record<string, AttributeValue>[]> {
      const items: Record<string, AttributeValue>[] = []
      let from: Record<string, AttributeValue> | undefined
      do {
        const page = await client.send(
          new ScanCommand({ TableName: tableName, ExclusiveStartKey: from }),
        )
        items.push(...(page.Items ?? []))
        from = page.LastEvaluatedKey
      } while (from)
      return items
    },
    async close(): Promise<void> {
      client.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function ledgerTableDefinition(): Omit<CreateTableCommandInput, 'TableName'> {
  const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8')
  // CloudFormation's own tags (!Ref and the like) do not stand in the part that is read here.
  const { resources } = parse(text, { logLevel: 'silent', merge: true })
  const { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } =
    resources.Resources.LedgerTable.Properties
  return { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes }
}
