import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { ledgerSettings as LedgerSettings } from '../../lib/config/ledger-settings.ts'
import {
  type LoopbackResponse,
  sendReply,
  startLoopbackServer,
} from '../simulators/loopback-server.ts'
import {
  startSecretsManagerSimulator,
  type SecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'

/** As many as a request with an idempotency key writes at once. */
const AT_ONCE = 5

let secretsManager: SecretsManagerSimulator
let ledgerSettings: typeof LedgerSettings
beforeAll(async () => {
  secretsManager = await startSecretsManagerSimulator({
    secrets: {
      'bankcard-verify/dev/fingerprint': JSON.stringify({
        pepper: 'invented-pepper-that-keys-nothing-but-tests',
      }),
    },
  })
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretsManager.url)
  vi.stubEnv('AWS_REGION', 'ap-southeast-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('LEDGER_TABLE', 'ledger')
  vi.stubEnv('FINGERPRINT_SECRET_ID', 'bankcard-verify/dev/fingerprint')
  ;({ ledgerSettings } = await import('../../lib/config/ledger-settings.ts'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await secretsManager.close()
})

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

/** A table that answers when it was asked as often as it should be at once. */
async function startTable(status: number, body: object) {
  const operations: unknown[] = []
  const waiting: LoopbackResponse[] = []
  const reply = { status, headers: {}, body: Buffer.from(JSON.stringify(body)) }
  const server = await startLoopbackServer({}, (request, response) => {
    operations.push(request.headers['x-amz-target'])
    waiting.push(response)
    if (waiting.length < AT_ONCE) return
    for (const { response } of waiting.splice(0)) sendReply(response, reply)
  })
  close = () => server.close()
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', server.url)
  return { server, operations }
}

it.each([
  ['answers', 200, {}],
  ['denies', 400, { __type: 'AccessDeniedException' }],
])('init reads once on each connection of a table that %s', async (_what, status, body) => {
  const { server, operations } = await startTable(status, body)
  const ledger = ledgerSettings()
  await ledger.prepare()
  expect(operations).toEqual(Array.from({ length: AT_ONCE }, () => 'DynamoDB_20120810.GetItem'))
  expect(server.connections).toBe(AT_ONCE)
  expect(await ledger.peppers()).toEqual(['invented-pepper-that-keys-nothing-but-tests'])
})
