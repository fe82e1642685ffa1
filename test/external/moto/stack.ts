import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { awsCredentials } from '../../bundle/function-process.ts'

type TableProperties = Omit<CreateTableCommandInput, 'TableName'> & {
  TimeToLiveSpecification: { AttributeName: string; Enabled: boolean }
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: boolean }
}
type SecretProperties = {
  Name: string
  GenerateSecretString: GetRandomPasswordCommandInput & {
    SecretStringTemplate: string
    GenerateStringKey: string
  }
}
type Template = {
  Resources: {
    LedgerTable: { Properties: TableProperties }
    FingerprintSecret: { Properties: SecretProperties }
  }
}

/** As CloudFormation would name it. */
export const TABLE_NAME = 'bankcard-verify-dev-LedgerTable-1EXAMPLE'

/**
 * The table and the pepper of a packaged template, made by the API calls that CloudFormation makes
 * for their properties: moto's own CloudFormation leaves half of them out.
 */
export async function makeStack(url: string, templateText: string) {
  const { LedgerTable, FingerprintSecret } = (JSON.parse(templateText) as Template).Resources
  const client = {
    endpoint: url,
    region: awsCredentials.AWS_REGION,
    credentials: {
      accessKeyId: awsCredentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: awsCredentials.AWS_SECRET_ACCESS_KEY,
    },
  }
  const dynamoDb = new DynamoDBClient(client)
  const secretsManager = new SecretsManagerClient(client)

  const { TimeToLiveSpecification, PointInTimeRecoverySpecification, ...table } =
    LedgerTable.Properties
  const TableName = TABLE_NAME
  await dynamoDb.send(new CreateTableCommand({ ...table, TableName }))
  await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
  await dynamoDb.send(
    new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
  )

  const { Name, GenerateSecretString } = FingerprintSecret.Properties
  const { SecretStringTemplate, GenerateStringKey, ...password } = GenerateSecretString
  const generate = async () => {
    const { RandomPassword } = await secretsManager.send(new GetRandomPasswordCommand(password))
    return JSON.stringify({
      ...JSON.parse(SecretStringTemplate),
      [GenerateStringKey]: RandomPassword,
    })
  }
  await secretsManager.send(new CreateSecretCommand({ Name, SecretString: await generate() }))

  return {
    fingerprintSecretId: Name,
    rotatePepper: async () =>
      secretsManager.send(
        new PutSecretValueCommand({ SecretId: Name, SecretString: await generate() }),
      ),
    async secret(SecretId: string, VersionStage = 'AWSCURRENT') {
      const { SecretString = '', VersionId } = await secretsManager.send(
        new GetSecretValueCommand({ SecretId, VersionStage }),
      )
      return { text: SecretString, version: VersionId }
    },
    async settings() {
      const { TimeToLiveDescription } = await dynamoDb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      )
      const { ContinuousBackupsDescription } = await dynamoDb.send(
        new DescribeContinuousBackupsCommand({ TableName }),
      )
      return {
        ttl: TimeToLiveDescription?.AttributeName,
        recovery:
          ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      }
    },
    async dump() {
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }))
      return Items
    },
  }
}
