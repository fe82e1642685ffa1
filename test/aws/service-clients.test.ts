import { afterEach, describe, expect, it } from 'vitest'
import { dynamoDbClient } from '../../lib/aws/dynamodb-client.ts'
import { secretsManagerClient } from '../../lib/aws/secrets-manager-client.ts'
import {
  type StubAnswer,
  startStubProvider,
  type StubProvider,
} from '../providers/stub-provider.ts'

const credentials = { accessKeyId: 'AKIAINVENTED51A7C0DE', secretAccessKey: 'invented' }

let stub: StubProvider
afterEach(() => stub.close())
async function accessTo(...answers: StubAnswer[]) {
  stub = await startStubProvider()
  stub.answer(...answers)
  return { endpoint: stub.url, region: 'ap-southeast-1', credentials }
}

describe.each([
  {
    service: 'DynamoDB',
    clientOf: dynamoDbClient,
    target: 'DynamoDB_20120810.GetItem',
    type: 'application/x-amz-json-1.0',
    scope: '/ap-southeast-1/dynamodb/aws4_request',
    attempts: 3,
    attemptMs: 1000,
  },
  {
    service: 'Secrets Manager',
    clientOf: secretsManagerClient,
    target: 'secretsmanager.GetItem',
    type: 'application/x-amz-json-1.1',
    scope: '/ap-southeast-1/secretsmanager/aws4_request',
    attempts: 2,
    attemptMs: 2500,
  },
])('$service', ({ clientOf, target, type, scope, attempts, attemptMs }) => {
  it('is asked under its own names', async () => {
    const { send } = clientOf(await accessTo({ body: { Item: {} } }))
    expect(await send('GetItem', {})).toEqual({ Item: {} })
    expect(stub.requests[0]?.headers).toMatchObject({
      'x-amz-target': target,
      'content-type': type,
      authorization: expect.stringContaining(scope),
    })
  })

  it(`is asked ${attempts} times at most`, async () => {
    const { send } = clientOf(await accessTo({ status: 500, body: {} }))
    await expect(send('GetItem', {})).rejects.toThrow('UnknownError')
    expect(stub.requests).toHaveLength(attempts)
  })

  it(`is waited for up to ${attemptMs} ms`, async () => {
    const { send } = clientOf(await accessTo('hang', { body: { late: false } }))
    const start = performance.now()
    expect(await send('GetItem', {})).toEqual({ late: false })
    const elapsedMs = performance.now() - start
    expect(elapsedMs).toBeGreaterThan(attemptMs - 20)
    expect(elapsedMs).toBeLessThan(attemptMs + 1400)
    expect(stub.requests).toHaveLength(2)
  })
})
