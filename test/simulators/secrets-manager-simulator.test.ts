import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { rawExchange } from './raw-exchange.ts'
import { startSecretsManagerSimulator } from './secrets-manager-simulator.ts'
import type { SecretsManagerSimulator } from './secrets-manager-simulator.ts'

const name = 'bankcard-verify/test/one'

let simulator: SecretsManagerSimulator
let client: SecretsManagerClient
beforeEach(async () => {
  simulator = await startSecretsManagerSimulator({ secrets: { [name]: 'first' } })
  client = new SecretsManagerClient({
    endpoint: simulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
})
afterEach(async () => {
  client.destroy()
  await simulator.close()
})

type Query = ConstructorParameters<typeof GetSecretValueCommand>[0]

const read = (query: Query = { SecretId: name }, abortSignal?: AbortSignal) =>
  client.send(new GetSecretValueCommand(query), { ...(abortSignal && { abortSignal }) })

describe('the Secrets Manager simulator, asked by the AWS SDK', () => {
  it('answers every member of a secret', async () => {
    const { $metadata, ...secret } = await read()
    expect($metadata.httpStatusCode).toBe(200)
    expect(secret).toEqual({
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:0{12}:secret:.*-\w{6}$/),
      CreatedDate: expect.any(Date),
      Name: name,
      SecretString: 'first',
      VersionId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      VersionStages: ['AWSCURRENT'],
    })
  })

  it('finds a secret by its ARN, and counts both reads', async () => {
    const { ARN } = await read()
    expect(await read({ SecretId: ARN })).toMatchObject({ Name: name, SecretString: 'first' })
    expect(simulator.reads).toEqual([name, ARN])
  })

  it('gives the newest version, and older ones on request', async () => {
    const { VersionId: first } = await read()
    const second = simulator.set(name, 'second')
    expect(await read()).toMatchObject({ SecretString: 'second', VersionId: second })
    expect(await read({ SecretId: name, VersionId: first })).toMatchObject({
      SecretString: 'first',
      VersionStages: ['AWSPREVIOUS'],
    })
    expect(await read({ SecretId: name, VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      VersionId: first,
    })
  })

  it.each([{ SecretId: 'toString' }, { SecretId: name, VersionStage: 'AWSPREVIOUS' }])(
    'does not find %j',
    async (query) => {
      await expect(read(query)).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: "Secrets Manager can't find the specified secret.",
      })
    },
  )

  it.each([
    ['error', 'InternalServiceError', 500],
    ['throttle', 'ThrottlingException', 400],
    ['denied', 'AccessDeniedException', 400],
  ] as const)('fails with mode %s until told otherwise', async (mode, error, httpStatusCode) => {
    simulator.fail(mode)
    await expect(read()).rejects.toMatchObject({ name: error, $metadata: { httpStatusCode } })
    simulator.fail(undefined)
    expect(await read()).toMatchObject({ SecretString: 'first' })
  })

  it('can hang', async () => {
    simulator.fail('hang')
    await expect(read(undefined, AbortSignal.timeout(300))).rejects.toThrow(/abort/i)
    expect(simulator.reads).toEqual([name])
  })

  it('can be late', async () => {
    simulator.delayMs = 200
    const before = performance.now()
    await read()
    expect(performance.now() - before).toBeGreaterThan(190)
  })
})

describe('the Secrets Manager simulator, asked wrongly', () => {
  const headers = {
    Authorization: 'AWS4-HMAC-SHA256 Credential=local',
    'X-Amz-Target': 'secretsmanager.GetSecretValue',
  }

  it.each([
    ['no signature', { 'X-Amz-Target': headers['X-Amz-Target'] }, 'MissingAuthenticationToken'],
    ['another operation', { ...headers, 'X-Amz-Target': 'x.PutSecretValue' }, 'UnknownOperation'],
    ['no SecretId', headers, 'Validation'],
  ])('refuses %s', async (_, sent, error) => {
    const answer = await rawExchange(simulator.url, { headers: sent, body: '{}' })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.1')
    expect(JSON.parse(answer.body.toString()).__type).toBe(`${error}Exception`)
  })
})
