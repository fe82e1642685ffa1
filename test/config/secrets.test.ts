import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { secretReader as SecretReader } from '../../lib/config/secrets.ts'
import { AppError } from '../../lib/errors/app-error.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import { databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { parseDatabaoSecret } from '../../lib/providers/databao/databao-wire.ts'
import { juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import { parseJuheSecret } from '../../lib/providers/juhe/juhe-wire.ts'
import { person, problem, seen } from '../providers/asking.ts'
import { startStubProvider, type StubProvider } from '../providers/stub-provider.ts'
import { startDatabaoSimulator } from '../simulators/databao-simulator.ts'
import { startJuheSimulator } from '../simulators/juhe-simulator.ts'
import { startSecretsManagerSimulator } from '../simulators/secrets-manager-simulator.ts'
import type { SecretsManagerSimulator } from '../simulators/secrets-manager-simulator.ts'
import { stubAws } from '../support/stub-aws.ts'

// So short that a test's leaps stay below the few minutes at which the AWS SDK sees a skewed clock
// and repeats what it would not repeat otherwise.
const TTL_SECONDS = 10
const HOUR_MS = 3600_000
const APP_CODE = 'app-code-1-c0de51a7c0de51a7'
const NEW_APP_CODE = 'app-code-2-c0de51a7c0de51a7'

let secretsManager: SecretsManagerSimulator
let secretReader: typeof SecretReader
let secretId: string
let serial = 0
let printed: string
let clock: number

beforeAll(async () => {
  secretsManager = await startSecretsManagerSimulator({ secrets: {} })
  stubAws(secretsManager.url)
  // The module makes its client when it is loaded, from that environment.
  ;({ secretReader } = await import('../../lib/config/secrets.ts'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await secretsManager.close()
})

beforeEach(() => {
  serial += 1
  secretId = `secret-${serial}`
  secretsManager.set(secretId, JSON.stringify({ appCode: APP_CODE }))
  secretsManager.fail(undefined)
  secretsManager.delayMs = 0
  secretsManager.reads.length = 0
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk)
    return true
  })
  clock = Date.now()
  vi.setSystemTime(clock)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const reader = (ttlSeconds = TTL_SECONDS) => secretReader(secretId, ttlSeconds, parseDatabaoSecret)
const reads = () => secretsManager.reads.length

function pass(ms: number) {
  clock += ms
  vi.setSystemTime(clock)
}

async function problemWith(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof AppError)) throw new Error('no AppError')
  const { code, status, retryable, billable } = problemOf(error, 'r-1', 'en').problem
  return { code, status, retryable, billable }
}

/** The reads of one attempt: where it may help, the AWS SDK asks twice. */
const failures = { error: 2, throttle: 2, denied: 1 } as const
const unreadable = {
  code: 'credentials_unavailable',
  status: 503,
  retryable: true,
  billable: 'no',
}
const malformed = { ...unreadable, retryable: false }

describe('a secret', () => {
  it('comes from the endpoint of the AWS variable, with its version', async () => {
    const version = secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    expect(await reader().current()).toMatchObject({ value: { appCode: NEW_APP_CODE }, version })
    expect(secretsManager.reads).toEqual([secretId])
  })

  it('is read once for 200 requests at a cold start', async () => {
    secretsManager.delayMs = 50
    const cold = reader()
    const all = await Promise.all(Array.from({ length: 200 }, () => cold.current()))
    expect(new Set(all.map(({ value }) => value.appCode))).toEqual(new Set([APP_CODE]))
    expect(reads()).toBe(1)
  })

  it('is read once for 200 requests together with the start', async () => {
    secretsManager.delayMs = 50
    const cold = reader()
    await Promise.all([cold.prepare(), ...Array.from({ length: 200 }, () => cold.current())])
    expect(reads()).toBe(1)
  })

  it('is read once more for 200 rejections that come while a read is under way', async () => {
    secretsManager.delayMs = 50
    const secret = reader()
    await Promise.all([secret.current(), ...Array.from({ length: 200 }, () => secret.reread())])
    expect(reads()).toBe(2)
  })

  it('is used until its TTL is over, then read again', async () => {
    const secret = reader()
    await secret.current()
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    pass(TTL_SECONDS * 1000 - 1)
    expect((await secret.current()).value.appCode).toBe(APP_CODE)
    expect(reads()).toBe(1)
    pass(1)
    expect((await secret.current()).value.appCode).toBe(NEW_APP_CODE)
    expect(reads()).toBe(2)
    pass(TTL_SECONDS * 1000 - 1)
    await secret.current()
    expect(reads()).toBe(2)
  })

  it('is read once for 200 requests when its TTL is over', async () => {
    const secret = reader()
    await secret.current()
    pass(TTL_SECONDS * 1000)
    await Promise.all(Array.from({ length: 200 }, () => secret.current()))
    expect(reads()).toBe(2)
  })

  it('is read every time with a TTL of 0', async () => {
    const secret = reader(0)
    await secret.current()
    await secret.current()
    expect(reads()).toBe(2)
  })

  it('is asked for again by the next request, also a second after it was read anew', async () => {
    const secret = reader(0)
    await secret.current()
    await secret.current()
    await sleep(1050)
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    expect((await secret.current()).value.appCode).toBe(NEW_APP_CODE)
    expect(reads()).toBe(3)
  })

  it('keeps no process alive for what was waited for', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
    const before = timers()
    const secret = reader(0)
    await secret.prepare()
    await secret.current()
    expect(timers()).toBeLessThanOrEqual(before)
  })

  it('is ready for the first request after the start prepared it', async () => {
    const secret = reader()
    await secret.prepare()
    await secret.current()
    expect(reads()).toBe(1)
  })
})

describe('Secrets Manager at a cold start', () => {
  it.each(Object.entries(failures))(
    'that answers %s leaves no credentials, worth another try',
    async (mode, attempts) => {
      secretsManager.fail(mode as keyof typeof failures)
      const secret = reader()
      expect(await problemWith(secret.current())).toEqual(unreadable)
      expect(reads()).toBe(attempts)
      secretsManager.fail(undefined)
      expect((await secret.current()).value.appCode).toBe(APP_CODE)
    },
  )

  it('that does not know the secret leaves no credentials', async () => {
    secretId = 'not-there'
    expect(await problemWith(reader().current())).toEqual(unreadable)
    expect(reads()).toBe(1)
  })

  it('that cannot be reached does not keep the function from starting', async () => {
    secretsManager.fail('error')
    await expect(reader().prepare()).resolves.toBeUndefined()
    expect(reads()).toBe(2)
  })

  it('that hangs holds up the start for 1.5 s, and 200 requests for 6 s, on one read', async () => {
    secretsManager.fail('hang')
    const secret = reader()
    const start = performance.now()
    const asked = Array.from({ length: 200 }, () => problemWith(secret.current()))
    await secret.prepare()
    expect(performance.now() - start).toBeLessThan(1500 + 250)
    expect(new Set((await Promise.all(asked)).map((told) => JSON.stringify(told)))).toEqual(
      new Set([JSON.stringify(unreadable)]),
    )
    expect(performance.now() - start).toBeLessThan(6000)
    expect(reads()).toBe(2)
  })

  it.each([
    '{}',
    '{"appcode":"x"}',
    '{"appCode":""}',
    '{"appCode":null}',
    '{"appCode":17}',
    '{"appCode":"two words"}',
    '{"appCode":"x\\r\\nHost: elsewhere"}',
    '["appCode"]',
    '"appCode"',
    'null',
    '17',
    '{"appCode":',
    '',
  ])('that holds %j leaves no credentials, and no hope', async (value) => {
    secretsManager.set(secretId, value)
    expect(await problemWith(reader().current())).toEqual(malformed)
    expect(reads()).toBe(1)
  })

  it('that holds a secret without openId is enough for the plain channel only', async () => {
    secretsManager.set(secretId, '{"key":"k-1"}')
    const plain = secretReader(secretId, TTL_SECONDS, parseJuheSecret('plain'))
    expect((await plain.current()).value).toEqual({ key: 'k-1', openId: '' })
    const encrypted = secretReader(secretId, TTL_SECONDS, parseJuheSecret('encrypted'))
    expect(await problemWith(encrypted.current())).toEqual(malformed)
  })
})

describe('what is wrong with a secret', () => {
  const logged = () =>
    printed
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  const named = () => secretReader(secretId, TTL_SECONDS, parseDatabaoSecret, 'DATABAO_SECRET_ID')

  it('that cannot be read is logged under its setting, with the error', async () => {
    secretsManager.fail('denied')
    await named()
      .current()
      .catch(() => undefined)
    expect(logged()).toMatchObject([
      {
        level: 'warn',
        event: 'secret_unreadable',
        setting: 'DATABAO_SECRET_ID',
        error: 'AccessDeniedException',
      },
    ])
  })

  it('that is malformed is logged under its setting', async () => {
    secretsManager.set(secretId, '{}')
    await named()
      .current()
      .catch(() => undefined)
    expect(logged()).toMatchObject([
      { level: 'warn', event: 'secret_malformed', setting: 'DATABAO_SECRET_ID' },
    ])
  })
})

describe('the last good secret', () => {
  it.each(Object.entries(failures))(
    'is served while Secrets Manager answers %s',
    async (mode, attempts) => {
      const secret = reader()
      const good = await secret.current()
      pass(TTL_SECONDS * 1000)
      secretsManager.fail(mode as keyof typeof failures)
      for (let request = 0; request < 20; request++) expect(await secret.current()).toEqual(good)
      expect(reads()).toBe(1 + attempts)
    },
  )

  it('is served while Secrets Manager hangs, which only the first requests wait for', async () => {
    const secret = reader()
    const good = await secret.current()
    pass(TTL_SECONDS * 1000)
    secretsManager.fail('hang')
    const start = performance.now()
    const first = await Promise.all([secret.current(), secret.current(), secret.current()])
    expect(first).toEqual([good, good, good])
    expect(performance.now() - start).toBeLessThan(1500)
    const later = performance.now()
    expect(await secret.current()).toEqual(good)
    expect(performance.now() - later).toBeLessThan(50)
    expect(reads()).toBe(2)
  })

  it('is served with longer and longer waits between the reads, a minute at most', async () => {
    const secret = reader()
    await secret.current()
    pass(TTL_SECONDS * 1000)
    secretsManager.fail('denied')
    await secret.current()
    expect(reads()).toBe(2)
    for (const [nth, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      pass(seconds * 1000 - 1)
      await secret.current()
      expect(reads()).toBe(2 + nth)
      pass(1)
      await secret.current()
      expect(reads()).toBe(3 + nth)
    }
  })

  it('gives way to a new one as soon as a read succeeds, and the waits start anew', async () => {
    const secret = reader()
    await secret.current()
    pass(TTL_SECONDS * 1000)
    secretsManager.fail('denied')
    await secret.current()
    pass(1000)
    await secret.current()
    expect(reads()).toBe(3)
    secretsManager.fail(undefined)
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    pass(1999)
    expect((await secret.current()).value.appCode).toBe(APP_CODE)
    pass(1)
    expect((await secret.current()).value.appCode).toBe(NEW_APP_CODE)
    expect(reads()).toBe(4)
    pass(TTL_SECONDS * 1000)
    secretsManager.fail('denied')
    await secret.current()
    pass(1000)
    await secret.current()
    expect(reads()).toBe(6)
  })

  it('is served for 24 hours and no longer', async () => {
    const secret = reader()
    const good = await secret.current()
    secretsManager.fail('denied')
    pass(24 * HOUR_MS - 1)
    expect(await secret.current()).toEqual(good)
    pass(1)
    expect(await problemWith(secret.current())).toEqual(unreadable)
    secretsManager.fail(undefined)
    expect(await secret.current()).toEqual(good)
  })

  it.each(['{}', '{"appCode":7}', 'not JSON', ''])(
    'outlives a new version that is malformed: %j',
    async (value) => {
      const secret = reader()
      const good = await secret.current()
      secretsManager.set(secretId, value)
      pass(TTL_SECONDS * 1000)
      expect(await secret.current()).toEqual(good)
      expect(await secret.current()).toEqual(good)
      expect(reads()).toBe(2)
      expect(await problemWith(secret.reread())).toEqual(malformed)
      expect(await secret.current()).toEqual(good)
      secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
      pass(2000)
      expect((await secret.current()).value.appCode).toBe(NEW_APP_CODE)
    },
  )
})

describe('credentials that the provider rejects', () => {
  it('are read anew even while an older read is under way', async () => {
    secretsManager.delayMs = 100
    const secret = reader()
    const older = secret.current()
    await vi.waitFor(() => expect(reads()).toBe(1))
    const rejected = secret.reread()
    secretsManager.delayMs = 0
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    expect((await older).value).toEqual({ appCode: APP_CODE })
    expect((await rejected).value).toEqual({ appCode: NEW_APP_CODE })
    expect(reads()).toBe(2)
  })

  const juheSecret = { key: 'key-1-c0de51a7c0de51a7', openId: 'open-id-1-c0de51a7c0de' }

  async function askDatabao(secret: ReturnType<typeof reader>, baseUrl: string) {
    const ask = databaoClient({ baseUrl, credentials: secret, timeoutMs: 2000 })
    return seen(ask, person())
  }

  it('are read anew, and a rotated version gives the answer at the second hit', async () => {
    const databao = await startDatabaoSimulator({ appCode: NEW_APP_CODE })
    const secret = reader()
    await secret.current()
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    const { outcome } = await askDatabao(secret, databao.url)
    expect(outcome).toEqual({ verdict: 'match', billable: 'yes' })
    expect(databao.hits.map((hit) => hit.scenario)).toEqual(['gateway-a400ac', 'match'])
    expect(reads()).toBe(2)
    await askDatabao(secret, databao.url)
    expect(databao.hits).toHaveLength(3)
    expect(reads()).toBe(2)
    await databao.close()
  })

  it('are read anew, and the same version is not tried again', async () => {
    const databao = await startDatabaoSimulator({ appCode: NEW_APP_CODE })
    const { outcome } = await askDatabao(reader(), databao.url)
    expect(outcome).toEqual(
      problem('databao', ['provider_credentials_rejected', 502, false, 'no', 'A400AC']),
    )
    expect(databao.hits).toHaveLength(1)
    expect(reads()).toBe(2)
    await databao.close()
  })

  it('are read anew once, also where the new version is rejected too', async () => {
    const databao = await startDatabaoSimulator({ appCode: 'a-third-one' })
    const secret = reader()
    await secret.current()
    secretsManager.set(secretId, JSON.stringify({ appCode: NEW_APP_CODE }))
    const { outcome } = await askDatabao(secret, databao.url)
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', billable: 'no' })
    expect(databao.hits).toHaveLength(2)
    expect(reads()).toBe(2)
    await databao.close()
  })

  it.each(['error', 'denied'] as const)(
    'are the problem where Secrets Manager answers %s to that, at one hit',
    async (mode) => {
      const databao = await startDatabaoSimulator({ appCode: NEW_APP_CODE })
      const secret = reader()
      await secret.current()
      secretsManager.fail(mode)
      const { outcome } = await askDatabao(secret, databao.url)
      expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', billable: 'no' })
      expect(databao.hits).toHaveLength(1)
      await databao.close()
    },
  )

  it.each(['plain', 'encrypted'] as const)(
    'of Juhe on %s are read anew, and a rotated version gives the answer',
    async (channel) => {
      const juhe = await startJuheSimulator(juheSecret)
      secretsManager.set(secretId, JSON.stringify({ ...juheSecret, key: 'key-0-old' }))
      const secret = secretReader(secretId, TTL_SECONDS, parseJuheSecret(channel))
      await secret.current()
      secretsManager.set(secretId, JSON.stringify(juheSecret))
      const ask = juheClient({ baseUrl: juhe.url, channel, credentials: secret, timeoutMs: 2000 })
      const { outcome } = await seen(ask, person())
      expect(outcome).toEqual({ verdict: 'match', billable: 'yes' })
      expect(juhe.hits.map((hit) => hit.scenario)).toEqual(['juhe-10001', 'match'])
      expect(reads()).toBe(2)
      await juhe.close()
    },
  )

  it('of Juhe with a rotated openid are healed likewise', async () => {
    const juhe = await startJuheSimulator(juheSecret)
    secretsManager.set(secretId, JSON.stringify({ ...juheSecret, openId: 'open-id-0-old' }))
    const secret = secretReader(secretId, TTL_SECONDS, parseJuheSecret('encrypted'))
    await secret.current()
    secretsManager.set(secretId, JSON.stringify(juheSecret))
    const ask = juheClient({
      baseUrl: juhe.url,
      channel: 'encrypted',
      credentials: secret,
      timeoutMs: 2000,
    })
    const { outcome } = await seen(ask, person())
    expect(outcome).toEqual({ verdict: 'match', billable: 'yes' })
    expect(juhe.hits.map((hit) => hit.scenario)).toEqual(['juhe-10004', 'match'])
    await juhe.close()
  })
})

describe('the value of a secret', () => {
  let stub: StubProvider
  beforeAll(async () => {
    stub = await startStubProvider()
  })
  afterAll(() => stub.close())

  const spellings = (value: string) => [
    value,
    Buffer.from(value).toString('base64').replaceAll('=', ''),
    Buffer.from(value).toString('hex'),
    encodeURIComponent(value),
  ]

  function expectNoSecretIn(text: string, ...values: string[]) {
    for (const spelling of values.flatMap(spellings)) expect(text).not.toContain(spelling)
  }

  it('stands in no log line and no error, whatever is wrong with it', async () => {
    const told: unknown[] = []
    const value = 'hush hush c0de51a7c0de51a7'
    for (const text of [`{"appCode":"${value}"}`, `{"appCode":"${value}`, value, `["${value}"]`]) {
      secretsManager.set(secretId, text)
      const error = await reader()
        .current()
        .catch((thrown: unknown) => thrown)
      const { message, stack, facts, cause } = error as AppError
      told.push(message, stack, facts, cause, problemOf(error as AppError, 'r-1', 'zh'))
    }
    expectNoSecretIn(printed + JSON.stringify(told), value)
    expect(printed.split('\n').filter(Boolean)).toHaveLength(4)
    expect(printed).toContain('secret_malformed')
  })

  it('stands in no log line and no error while Secrets Manager fails', async () => {
    const secret = reader()
    await secret.current()
    for (const mode of ['error', 'throttle', 'denied'] as const) {
      secretsManager.fail(mode)
      await secret.reread().catch(() => undefined)
    }
    expect(printed).toContain('secret_unreadable')
    expectNoSecretIn(printed, APP_CODE)
  })

  it('stands in no problem, also where the provider throws it back', async () => {
    const echo = `rejected: APPCODE ${APP_CODE}`
    stub.answer({
      status: 400,
      headers: { 'X-Ca-Error-Code': APP_CODE, 'X-Ca-Error-Message': echo },
      body: { code: APP_CODE, message: echo, seqNo: APP_CODE.repeat(3) },
    })
    const ask = databaoClient({ baseUrl: stub.url, credentials: reader(), timeoutMs: 1000 })
    const error = await ask(person(), () => 60_000).catch((thrown: unknown) => thrown)
    const { message, stack, facts, cause } = error as AppError
    const told = [message, stack, facts, cause, problemOf(error as AppError, 'r-1', 'en')]
    expectNoSecretIn(printed + JSON.stringify(told), APP_CODE)
    expect(stub.requests).toHaveLength(1)
  })
})
