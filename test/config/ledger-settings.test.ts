import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ledgerSettings as LedgerSettings } from '../../lib/config/ledger-settings.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'
import {
  type LoopbackResponse,
  sendReply,
  startLoopbackServer,
} from '../simulators/loopback-server.ts'
import {
  startSecretsManagerSimulator,
  type SecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'
import { stubAws } from '../support/stub-aws.ts'

/** As many as a request with an idempotency key writes at once. */
const AT_ONCE = 5

const SECRET_ID = 'bankcard-verify/dev/fingerprint'
const invented = (what: string) => `invented-pepper-that-keys-nothing-but-tests${what}`

const output = capturedOutput()
let secretsManager: SecretsManagerSimulator
let ledgerSettings: typeof LedgerSettings
beforeAll(async () => {
  secretsManager = await startSecretsManagerSimulator({ secrets: {} })
  stubAws(secretsManager.url)
  vi.stubEnv('LEDGER_TABLE', 'ledger')
  vi.stubEnv('FINGERPRINT_SECRET_ID', SECRET_ID)
  ;({ ledgerSettings } = await import('../../lib/config/ledger-settings.ts'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await secretsManager.close()
})

beforeEach(() => {
  secretsManager.set(SECRET_ID, JSON.stringify({ pepper: invented('') }))
})

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

describe('a setting', () => {
  const defaults = {
    limits: {
      cardCalls: 4,
      cardMismatches: 3,
      idCalls: 10,
      providerCalls: 10_000,
      callerCalls: 10_000,
    },
    reuseSeconds: 86_400,
    pauseSeconds: 600,
    recordDays: 180,
    requireIdempotencyKey: false,
  }
  const limit = (name: keyof (typeof defaults)['limits'], calls: number) => ({
    limits: { ...defaults.limits, [name]: calls },
  })
  const read = (name: string, text: string | undefined) => {
    vi.stubEnv(name, text)
    try {
      return ledgerSettings()
    } finally {
      vi.stubEnv(name, undefined)
    }
  }

  it.each([
    ['CARD_DAILY_CALLS', undefined, {}],
    ['CARD_DAILY_CALLS', '1', limit('cardCalls', 1)],
    ['CARD_DAILY_CALLS', '1000000000', limit('cardCalls', 1_000_000_000)],
    ['CARD_DAILY_MISMATCHES', '7', limit('cardMismatches', 7)],
    ['ID_DAILY_CALLS', '7', limit('idCalls', 7)],
    ['PROVIDER_DAILY_LIMIT', '7', limit('providerCalls', 7)],
    ['CALLER_DAILY_LIMIT', '7', limit('callerCalls', 7)],
    ['REUSE_SECONDS', '0', { reuseSeconds: 0 }],
    ['REUSE_SECONDS', '2678400', { reuseSeconds: 2_678_400 }],
    ['PAUSE_SECONDS', '0', { pauseSeconds: 0 }],
    ['PAUSE_SECONDS', '86400', { pauseSeconds: 86_400 }],
    ['RECORD_DAYS', '1', { recordDays: 1 }],
    ['RECORD_DAYS', '3650', { recordDays: 3650 }],
    ['REQUIRE_IDEMPOTENCY_KEY', 'true', { requireIdempotencyKey: true }],
    ['SECRET_TTL_SECONDS', '0', {}],
    ['SECRET_TTL_SECONDS', '86400', {}],
  ])('%s of %s gives %j', (name, text, changed) => {
    expect(read(name, text)).toMatchObject({ ...defaults, ...changed })
  })

  it.each([
    ['CARD_DAILY_CALLS', '0'],
    ['CARD_DAILY_CALLS', '1000000001'],
    ['REUSE_SECONDS', '2678401'],
    ['PAUSE_SECONDS', '86401'],
    ['RECORD_DAYS', '0'],
    ['RECORD_DAYS', '3651'],
    ['REQUIRE_IDEMPOTENCY_KEY', '1'],
    ['SECRET_TTL_SECONDS', '86401'],
  ])('%s of %s stops the start', (name, text) => {
    expect(() => read(name, text)).toThrow(`setting ${name} must be`)
    expect(output.lines()).toMatchObject([{ event: 'bad_setting', setting: name }])
  })
})

describe('a pepper', () => {
  const HOUR_MS = 3600_000
  afterEach(() => {
    vi.useRealTimers()
  })

  // Counters of a day are kept for two, verdicts for as long as they are reused.
  it.each([
    ['0', 47, true],
    ['0', 49, false],
    ['259200', 71, true],
    ['259200', 73, false],
  ])('reused for %s s, after %i hours: the one before stands behind it: %s', async (...row) => {
    const [reuseSeconds, hours, stands] = row
    const [older, newer] = [invented('older'), invented('newer')]
    secretsManager.set(SECRET_ID, JSON.stringify({ pepper: older }))
    secretsManager.set(SECRET_ID, JSON.stringify({ pepper: newer }))
    vi.setSystemTime(Date.now() + hours * HOUR_MS)
    vi.stubEnv('REUSE_SECONDS', reuseSeconds)
    const ledger = ledgerSettings()
    vi.stubEnv('REUSE_SECONDS', undefined)
    expect(await ledger.peppers()).toEqual(stands ? [newer, older] : [newer])
  })

  it('that is unfit is logged under the setting that names it', async () => {
    secretsManager.set(SECRET_ID, JSON.stringify({ pepper: 'short' }))
    await expect(ledgerSettings().peppers()).rejects.toMatchObject({
      code: 'credentials_unavailable',
    })
    expect(output.lines()).toMatchObject([
      { event: 'secret_malformed', setting: 'FINGERPRINT_SECRET_ID' },
    ])
  })
})

/** A table that answers when it was asked as often as it should be at once. */
async function startTable(status: number, body: object) {
  const operations: unknown[] = []
  const keys = new Set<string>()
  const waiting: LoopbackResponse[] = []
  const reply = { status, headers: {}, body: Buffer.from(JSON.stringify(body)) }
  const server = await startLoopbackServer({}, (request, response) => {
    operations.push(request.headers['x-amz-target'])
    keys.add(JSON.stringify(JSON.parse(request.body.toString()).Key))
    waiting.push(response)
    if (waiting.length < AT_ONCE) return
    for (const { response } of waiting.splice(0)) sendReply(response, reply)
  })
  close = () => server.close()
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', server.url)
  return { server, operations, keys }
}

it('init goes on where the table hangs, well within what Lambda allows it', async () => {
  const server = await startLoopbackServer({}, () => {})
  close = () => server.close()
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', server.url)
  const start = performance.now()
  await ledgerSettings().prepare()
  expect(performance.now() - start).toBeLessThan(5000)
})

it.each([
  ['answers', 200, {}],
  ['denies', 400, { __type: 'AccessDeniedException' }],
])('init reads once on each connection of a table that %s', async (_what, status, body) => {
  const { server, operations, keys } = await startTable(status, body)
  const ledger = ledgerSettings()
  await ledger.prepare()
  expect(operations).toEqual(Array.from({ length: AT_ONCE }, () => 'DynamoDB_20120810.GetItem'))
  expect([...keys]).toEqual(['{"pk":{"S":"-"},"sk":{"S":"-"}}'])
  expect(server.connections).toBe(AT_ONCE)
  expect((await ledger.peppers())[0]).toBe(invented(''))
})
