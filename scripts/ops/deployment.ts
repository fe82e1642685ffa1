import {
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { dynamoDbClient } from '../../lib/aws/dynamodb-client.ts'
import { env } from '../../lib/config/env.ts'
import { dynamoTable, type Table } from '../../lib/ledger/dynamo-table.ts'
import { leadsToAws, readLocalState } from '../local/local-state.ts'
import {
  CommandFailure,
  type OptionValues,
  stageAndRegion,
  textOption,
  wrongUse,
} from './command-line.ts'

/** One deployment's ledger, or that of the API on this machine. */
export type Deployment = {
  /** For people: which one it is. */
  name: string
  tableName: string
  fingerprintSecretId: string
  /** As the functions use it. */
  table: Table
  /** For what no function may do: scans. */
  client: DynamoDBClient
}

const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/

/** @throws CommandFailure where there is no such deployment, or more than one table could be its */
export async function openDeployment(values: OptionValues): Promise<Deployment> {
  return values['local'] === true ? openLocal() : openDeployed(values)
}

async function openLocal(): Promise<Deployment> {
  const state = readLocalState()
  if (!state) throw new CommandFailure('No local API is running: start it with npm start.')
  for (const name of leadsToAws) delete process.env[name]
  Object.assign(process.env, state.environment)
  const { LEDGER_TABLE = '', FINGERPRINT_SECRET_ID = '' } = state.environment
  const client = new DynamoDBClient()
  return opened(`the local API on ${state.url}`, LEDGER_TABLE, FINGERPRINT_SECRET_ID, client)
}

async function openDeployed(values: OptionValues): Promise<Deployment> {
  const { stage, region } = stageAndRegion(values)
  const given = textOption(values, 'table')
  if (given !== undefined && !TABLE_NAME.test(given)) {
    throw wrongUse('--table must be the name of a DynamoDB table.')
  }
  const client = new DynamoDBClient()
  const tableName = given ?? (await findTable(client, stage))
  return opened(
    `stage ${stage} in ${region}, table ${tableName}`,
    tableName,
    `bankcard-verify/${stage}/fingerprint`,
    client,
  )
}

async function opened(
  name: string,
  tableName: string,
  fingerprintSecretId: string,
  client: DynamoDBClient,
): Promise<Deployment> {
  // What is wrong with the access shows here, with AWS's own name for it.
  await client.send(new DescribeTableCommand({ TableName: tableName })).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new CommandFailure(`There is no ${name}.`)
  })
  await signIn(client)
  return {
    name,
    tableName,
    fingerprintSecretId,
    table: dynamoTable(tableName, dynamoDbClient(env.aws('DYNAMODB')).send),
    client,
  }
}

/** The service's own code knows credentials as Lambda sets them; the SDK finds those of people. */
async function signIn({ config }: DynamoDBClient): Promise<void> {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await config.credentials()
  Object.assign(process.env, {
    AWS_REGION: await config.region(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  })
}

/** CloudFormation names it `<stack>-LedgerTable-<suffix>`; a table of a removed stack stays. */
async function findTable(client: DynamoDBClient, stage: string): Promise<string> {
  const found: string[] = []
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    found.push(
      ...TableNames.filter((name) => name.startsWith(`bankcard-verify-${stage}-LedgerTable-`)),
    )
  }
  const [only, ...others] = found
  const hint = 'name it with --table (the output LedgerTableName of the stack)'
  if (only === undefined) {
    throw new CommandFailure(`No ledger of stage ${stage} is in this account and region: ${hint}.`)
  }
  if (others.length > 0) {
    throw new CommandFailure(
      `More than one table may be the ledger of stage ${stage}, so ${hint}: ${found.join(', ')}.`,
    )
  }
  return only
}
