import { startDatabaoSimulator } from './databao-simulator.ts'
import { startDynamoDbSimulator } from './dynamodb-simulator.ts'
import { startJuheSimulator } from './juhe-simulator.ts'
import { startSecretsManagerSimulator } from './secrets-manager-simulator.ts'

/** Invented, and searched for by the leak tests: they open nothing but the simulators. */
export const databaoCredentials = { appCode: '51a7c0de51a7c0de51a7c0de51a7c0de' }
export const juheCredentials = {
  key: '51a7beef51a7beef51a7beef51a7beef',
  openId: 'JH51a7f00d51a7f00d51a7f00d51a7f00d',
}

export const fingerprintPepper = 'invented-pepper-that-keys-nothing-but-tests'

const databaoSecretId = 'bankcard-verify/local/databao'
const juheSecretId = 'bankcard-verify/local/juhe'
const fingerprintSecretId = 'bankcard-verify/local/fingerprint'

export type Simulators = Awaited<ReturnType<typeof startSimulators>>

/** Both providers, the secrets and the ledger's table; `environment` is what a function needs to use them. */
export async function startSimulators({
  pepper = fingerprintPepper,
  ...options
}: { slowMs?: number; pepper?: string } = {}) {
  const [databao, juhe, secretsManager, dynamoDb] = await Promise.all([
    startDatabaoSimulator({ ...databaoCredentials, ...options }),
    startJuheSimulator({ ...juheCredentials, ...options }),
    startSecretsManagerSimulator({
      secrets: {
        [databaoSecretId]: JSON.stringify(databaoCredentials),
        [juheSecretId]: JSON.stringify(juheCredentials),
        [fingerprintSecretId]: JSON.stringify({ pepper }),
      },
    }),
    startDynamoDbSimulator(),
  ])
  const environment: Record<string, string> = {
    DATABAO_BASE_URL: databao.url,
    JUHE_BASE_URL: juhe.url,
    DATABAO_SECRET_ID: databaoSecretId,
    JUHE_SECRET_ID: juheSecretId,
    FINGERPRINT_SECRET_ID: fingerprintSecretId,
    LEDGER_TABLE: dynamoDb.tableName,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
  }
  const close = async () => {
    await Promise.all(
      [databao, juhe, secretsManager, dynamoDb].map((simulator) => simulator.close()),
    )
  }
  return { databao, juhe, secretsManager, dynamoDb, environment, close }
}
