import type { RequestListener } from 'node:http'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import {
  listen,
  optionsOfMock,
  serveCommands,
  startCountingServer,
  type Tls,
} from './mock-protocol.ts'

/** DynamoDB: dynalite behind a TLS front that counts; a table for each process that is measured. */
const { tls }: { tls: Tls } = optionsOfMock()

const options = { createTableMs: 0, deleteTableMs: 0 }
const plain = dynalite(options)
const [answer] = plain.listeners('request') as [RequestListener]
const port = await listen(plain)
const admin = new DynamoDBClient({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'local',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})
const { url, commands } = await startCountingServer(tls, answer)

serveCommands(url, {
  ...commands,
  counts: () => {
    // A failed condition is an answer too: what is refused is for the caller to judge.
    return { ...commands.counts(), refused: 0 }
  },
  createTable: async (TableName: string) => {
    await admin.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    )
  },
  deleteTable: async (TableName: string) => {
    await admin.send(new DeleteTableCommand({ TableName }))
  },
  update: async (input: UpdateItemCommandInput) => {
    await admin.send(new UpdateItemCommand(input))
  },
})
