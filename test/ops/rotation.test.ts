import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { secretReader } from '../../lib/config/secrets.ts'
import { verificationEndpoint } from '../../lib/http/verification-endpoint.ts'
import type { Table } from '../../lib/ledger/dynamo-table.ts'
import { pauseProvider, providerDayKey } from '../../lib/ledger/guard.ts'
import { verificationLedger } from '../../lib/ledger/verification-ledger.ts'
import { databao, databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { parseDatabaoSecret } from '../../lib/providers/databao/databao-wire.ts'
import { parseThreeElementRequest } from '../../lib/verification/verification-request.ts'
import { memoryTable } from '../ledger/long/memory-table.ts'
import { person } from '../ledger/open-ledger.ts'
import { httpHandler } from '../openapi/http-handler.ts'
import { startDatabaoSimulator } from '../simulators/databao-simulator.ts'
import { sendReply, startLoopbackServer } from '../simulators/loopback-server.ts'
import {
  type SecretsManagerSimulator,
  startSecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'
import { fingerprintPepper } from '../simulators/start-simulators.ts'
import { stubAws } from '../support/stub-aws.ts'

const secretId = 'bankcard-verify/test/databao'
const old = { appCode: '01d51a7c01d51a7c01d51a7c01d51a7c' }
const fresh = { appCode: 'f4e5451a7cf4e5451a7cf4e5451a7c00' }
const PER_SECOND = 50
/** Execution environments, each with a memory of its own. */
const ENVIRONMENTS = 5
const LONG_TTL = 300

let manager: SecretsManagerSimulator
let provider: Awaited<ReturnType<typeof startProvider>>
let table: Table
beforeAll(async () => {
  manager = await startSecretsManagerSimulator({ secrets: {} })
  provider = await startProvider()
  stubAws(manager.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([manager.close(), provider.close()])
})
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const memory = memoryTable()
  table = {
    get: async (key) => memory.get(key),
    update: async (key, write) => memory.update(key, write),
    remove: async (key, write) => memory.remove(key, write),
    query: async () => [],
  }
  manager.set(secretId, JSON.stringify(old))
  provider.accept(old)
})
afterEach(() => vi.restoreAllMocks())

/** Databao, of which the accepted credentials can change from one request to the next. */
async function startProvider() {
  const simulators = await Promise.all([old, fresh].map(startDatabaoSimulator))
  let accepted: readonly { appCode: string }[] = []
  let used: string[] = []
  const front = await startLoopbackServer({}, async ({ path, headers, body }, { response }) => {
    const { authorization = '', 'content-type': type = '' } = headers
    const appCode = authorization.replace('APPCODE ', '')
    used.push(accepted.some((one) => one.appCode === appCode) ? appCode : 'rejected')
    // Behind the front each knows one credential; the other one is refused as the gateway does it.
    const own = [old, fresh].findIndex((one) => one.appCode === appCode)
    const place = used.at(-1) === 'rejected' ? 1 - own : own
    const answer = await fetch(`${simulators[place]?.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body: new Uint8Array(body),
    })
    sendReply(response, {
      status: answer.status,
      headers: Object.fromEntries(
        [...answer.headers].filter(([name]) => /^(x-ca|content-type)/.test(name)),
      ),
      body: Buffer.from(await answer.arrayBuffer()),
    })
  })
  return {
    url: front.url,
    accept: (...credentials: { appCode: string }[]) => {
      accepted = credentials
      used = []
    },
    /** Since the last change. */
    rejections: () => used.filter((one) => one === 'rejected').length,
    usedOf: ({ appCode }: { appCode: string }) => used.filter((one) => one === appCode).length,
    close: () => Promise.all([front, ...simulators].map((server) => server.close())),
  }
}

function startEnvironment(ttlSeconds: number) {
  const limit = 1_000_000
  return httpHandler(
    verificationEndpoint({
      route: 'verifyThreeElement',
      operation: databao,
      parse: parseThreeElementRequest,
      requireIdempotencyKey: false,
      verifyOnce: verificationLedger({
        table,
        peppers: async () => [fingerprintPepper],
        limits: {
          cardCalls: limit,
          cardMismatches: limit,
          idCalls: limit,
          providerCalls: limit,
          callerCalls: limit,
        },
        reuseSeconds: 0,
        pauseSeconds: 600,
        recordDays: 180,
      }),
      ask: databaoClient({
        baseUrl: provider.url,
        credentials: secretReader(secretId, ttlSeconds, parseDatabaoSecret),
        timeoutMs: 8000,
      }),
    }),
  )
}

const userArn = 'arn:aws:sts::111122223333:assumed-role/payouts/session-7'
const requestContext = { authorizer: { iam: { userArn } } }
const context = { awsRequestId: 'aws-1', getRemainingTimeInMillis: () => 20_000 } as Context
let serial = 0

/** Fifty requests a second, one environment after the other, until `during` is over. */
async function load(ttlSeconds: number, during: () => Promise<void>) {
  const handlers = Array.from({ length: ENVIRONMENTS }, () => startEnvironment(ttlSeconds))
  const asked: Promise<string>[] = []
  const ask = async () => {
    const handler = handlers[serial % ENVIRONMENTS]
    const body = JSON.stringify(person((serial += 1)))
    const headers = { 'content-type': 'application/json' }
    const answer = await handler?.({ requestContext, headers, body }, context)
    const { code, verdict } = JSON.parse(answer?.body ?? '{}')
    return String(code ?? verdict)
  }
  const start = performance.now()
  // On a busy machine a timer comes late: what is due by then is asked all the same.
  const askDue = () => {
    const due = Math.floor(((performance.now() - start) / 1000) * PER_SECOND)
    while (asked.length < due) asked.push(ask())
  }
  const timer = setInterval(askDue, 1000 / PER_SECOND)
  await during()
  clearInterval(timer)
  askDue()
  const outcomes = await Promise.all(asked)
  return {
    count: outcomes.length,
    failed: outcomes.filter((outcome) => outcome !== 'match'),
    /** In the order in which they were asked. */
    outcomes,
  }
}

const rotateSecret = () => manager.set(secretId, JSON.stringify(fresh))
const lift = () =>
  table.update(providerDayKey('databao', Date.now()), { update: 'REMOVE pausedUntil, pausedAs' })

describe('a rotation under 50 requests a second', () => {
  it('fails no request where the provider takes both for a while', async () => {
    const { count, failed } = await load(LONG_TTL, async () => {
      await sleep(2500)
      provider.accept(old, fresh)
      rotateSecret()
      await sleep(2500)
      // Nobody has read the new one yet: the old one is rejected at once.
      expect(provider.usedOf(fresh)).toBe(0)
      provider.accept(fresh)
      await sleep(5000)
    })
    expect(count).toBeGreaterThanOrEqual(9.9 * PER_SECOND)
    expect(failed).toEqual([])
    // Each environment learns of it by a rejection or a few, within a second of requests.
    expect(provider.rejections()).toBeGreaterThanOrEqual(ENVIRONMENTS)
    expect(provider.rejections()).toBeLessThanOrEqual(PER_SECOND)
    expect(provider.usedOf(fresh)).toBeGreaterThan(200)
  })

  it('fails no request where both change in the same moment', async () => {
    const { failed } = await load(LONG_TTL, async () => {
      await sleep(500)
      rotateSecret()
      provider.accept(fresh)
      await sleep(800)
    })
    expect(failed).toEqual([])
    expect(provider.rejections()).toBeGreaterThan(0)
  })

  it('is never seen by the provider where it takes both for longer than the TTL', async () => {
    const { failed } = await load(1, async () => {
      await sleep(300)
      provider.accept(old, fresh)
      rotateSecret()
      await sleep(1200)
      provider.accept(fresh)
      await sleep(500)
    })
    expect(failed).toEqual([])
    expect(provider.rejections()).toBe(0)
  })
})

describe('a rotation in the wrong order', () => {
  it('with the secret first fails as soon as anybody reads it, and pauses all', async () => {
    const { failed, outcomes } = await load(1, async () => {
      await sleep(300)
      rotateSecret()
      await sleep(1200)
      provider.accept(fresh)
      await sleep(500)
    })
    expect(new Set(failed)).toEqual(new Set(['provider_credentials_rejected']))
    // The provider takes the new one by now, and is paused all the same.
    expect(outcomes.at(-1)).toBe('provider_credentials_rejected')
    expect(provider.rejections()).toBe(0)
  })

  it('with the secret first fails nobody while none reads it', async () => {
    const { failed } = await load(LONG_TTL, async () => {
      await sleep(300)
      rotateSecret()
      await sleep(300)
      provider.accept(fresh)
      await sleep(300)
    })
    expect(failed).toEqual([])
  })

  it('with the provider first fails the next request, and until the pause is lifted', async () => {
    const { failed, outcomes } = await load(LONG_TTL, async () => {
      await sleep(300)
      provider.accept(fresh)
      await sleep(300)
      rotateSecret()
      await sleep(300)
      expect(provider.usedOf(fresh)).toBe(0)
      await lift()
      await sleep(300)
    })
    expect(new Set(failed)).toEqual(new Set(['provider_credentials_rejected']))
    expect(outcomes.slice(-5)).toEqual(Array(5).fill('match'))
  })

  it('is harmless while an operator has paused the provider', async () => {
    const { failed, outcomes } = await load(LONG_TTL, async () => {
      await sleep(300)
      await pauseProvider(table, 'databao', 'provider_quota_exhausted', 600, Date.now())
      await sleep(300)
      provider.accept(fresh)
      await sleep(300)
      rotateSecret()
      await lift()
      await sleep(300)
    })
    expect(new Set(failed)).toEqual(new Set(['provider_quota_exhausted']))
    expect(outcomes.slice(-5)).toEqual(Array(5).fill('match'))
  })
})
