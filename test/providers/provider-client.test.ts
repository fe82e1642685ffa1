import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import { databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import type { Credentials } from '../../lib/providers/provider-client.ts'
import type { DatabaoSecret } from '../../lib/providers/databao/databao-wire.ts'
import type { CallTrace } from '../../lib/verification/verdict.ts'
import { httpAnswer, startRawServer } from '../net/raw-server.ts'
import { fixed, MATCH_CARD, person, problem, seen } from './asking.ts'
import { startStubProvider, type StubAnswer, type StubProvider } from './stub-provider.ts'

const LATE_MS = 250
const match = { verdict: 'match', billable: 'yes' }
const success = { body: { code: '10000', message: '成功', data: { state: '1' } } }
const throttled: StubAnswer = { status: 429, headers: { 'X-Ca-Error-Code': 'T429ID' } }
const busy: StubAnswer = { status: 503, headers: { 'X-Ca-Error-Code': 'D503BB' } }
const rejected: StubAnswer = { status: 400, headers: { 'X-Ca-Error-Code': 'A400AC' } }
const sellerRejected: StubAnswer = { body: { code: '10005', message: '', data: null } }

let stub: StubProvider
beforeAll(async () => {
  stub = await startStubProvider()
})
afterAll(() => stub.close())

const databao = (options: { credentials?: Credentials<DatabaoSecret>; timeoutMs?: number } = {}) =>
  databaoClient({
    baseUrl: stub.url,
    credentials: options.credentials ?? fixed({ appCode: 'old' }),
    timeoutMs: options.timeoutMs ?? 2000,
  })

const appCodesSent = () => stub.requests.map(({ headers }) => headers.authorization)

/** Credentials whose version is another one when they are read anew. */
function rotating(reread: () => Promise<{ value: DatabaoSecret; version: string }>) {
  return {
    current: async () => ({ value: { appCode: 'old' }, version: 'v1' }),
    reread: vi.fn<typeof reread>(reread),
  }
}
const rotated = () => rotating(async () => ({ value: { appCode: 'new' }, version: 'v2' }))

describe('a request that provably never ran', () => {
  it.each([
    ['throttled', throttled],
    ['busy', busy],
  ])('is sent once more after %s, with the very same form', async (_what, first) => {
    stub.answer(first, success)
    const { outcome, elapsedMs } = await seen(databao(), person())
    expect(outcome).toEqual(match)
    expect(stub.requests).toHaveLength(2)
    expect(stub.requests[1]!.body).toEqual(stub.requests[0]!.body)
    expect(elapsedMs).toBeGreaterThanOrEqual(99)
  })

  it.each([
    [throttled, throttled, ['provider_throttled', 503, true, 'no', 'T429ID']],
    [throttled, busy, ['provider_unavailable', 503, true, 'no', 'D503BB']],
    [throttled, rejected, ['provider_credentials_rejected', 502, false, 'no', 'A400AC']],
    [throttled, 'reset', ['provider_error', 502, false, 'unknown']],
    [throttled, { body: '{' }, ['provider_error', 502, false, 'unknown']],
  ] as const)('is sent twice at most: after %j then %j', async (first, second, row) => {
    stub.answer(first, second, success)
    const { outcome } = await seen(databao({ credentials: rotated() }), person())
    expect(outcome).toEqual(problem('databao', row))
    expect(stub.requests).toHaveLength(2)
  })

  it('waits a time that differs from one to the next', async () => {
    const random = vi.spyOn(Math, 'random')
    random.mockReturnValue(0.999)
    stub.answer(throttled, success)
    const { elapsedMs } = await seen(databao(), person())
    random.mockRestore()
    expect(elapsedMs).toBeGreaterThan(290)
    expect(elapsedMs).toBeLessThan(300 + LATE_MS)
  })
})

describe('a request that may have run', () => {
  const juheBody = (error_code: number) => ({ body: { reason: '', result: null, error_code } })
  const ask = {
    databao: () => databao({ timeoutMs: 300 }),
    juhe: () =>
      juheClient({
        baseUrl: stub.url,
        channel: 'plain' as const,
        credentials: fixed({ key: 'key', openId: '' }),
        timeoutMs: 300,
      }),
  }

  it.each([
    ['juhe', '218801, the timeout of its source', juheBody(218801)],
    ['juhe', '10011, its throttling', juheBody(10011)],
    ['juhe', '10014, its own error', juheBody(10014)],
    ['juhe', '10020, its maintenance', juheBody(10020)],
    ['juhe', '218866, the lock of the card', juheBody(218866)],
    ['juhe', 'a hang', 'hang'],
    ['juhe', 'a lost connection', 'reset'],
    ['juhe', 'HTTP 429', { status: 429 }],
    ['juhe', 'HTTP 503', { status: 503 }],
    ['databao', 'a hang', 'hang'],
    ['databao', 'a lost connection', 'reset'],
    ['databao', 'HTTP 500', { status: 500 }],
    ['databao', 'HTTP 503', { status: 503 }],
    ['databao', 'D504TO', { status: 504, headers: { 'X-Ca-Error-Code': 'D504TO' } }],
    ['databao', 'X500ER', { status: 500, headers: { 'X-Ca-Error-Code': 'X500ER' } }],
    ['databao', '10003, a timeout', { body: { code: '10003' } }],
    ['databao', '10014, out of service', { body: { code: '10014' } }],
    ['databao', 'a mismatch', { body: { code: '10000', data: { state: '2' } } }],
    ['databao', 'state 3', { body: { code: '10000', data: { state: '3' } } }],
  ] as const)('of %s is sent once: %s', async (provider, _what, first) => {
    const right = provider === 'juhe' ? { body: { result: { res: 1 }, error_code: 0 } } : success
    stub.answer(first, right)
    // The shortest wait before a retry, and more than that for one to show.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    await seen(ask[provider](), person())
    random.mockRestore()
    await sleep(150)
    expect(stub.requests).toHaveLength(1)
  })
})

describe('the deadline', () => {
  it('is the own time limit, also for the second attempt', async () => {
    stub.answer(throttled, 'hang')
    const { outcome, elapsedMs } = await seen(databao({ timeoutMs: 600 }), person())
    expect(outcome).toEqual(problem('databao', ['provider_timeout', 504, false, 'unknown']))
    expect(stub.requests).toHaveLength(2)
    expect(elapsedMs).toBeLessThan(600 + LATE_MS)
  })

  it('leaves no second attempt where the wait would pass it', async () => {
    stub.answer({ ...throttled, afterMs: 250 }, success)
    const { outcome, elapsedMs } = await seen(databao({ timeoutMs: 340 }), person())
    expect(outcome).toEqual(problem('databao', ['provider_throttled', 503, true, 'no', 'T429ID']))
    expect(elapsedMs).toBeLessThan(340 + LATE_MS)
    await sleep(400)
    expect(stub.requests).toHaveLength(1)
  })

  it('is 500 ms before the end of the function', async () => {
    stub.answer('hang')
    const { outcome, elapsedMs } = await seen(databao(), person(), () => 800)
    expect(outcome).toEqual(problem('databao', ['provider_timeout', 504, false, 'unknown']))
    expect(stub.requests).toHaveLength(1)
    expect(elapsedMs).toBeGreaterThanOrEqual(295)
    expect(elapsedMs).toBeLessThan(300 + LATE_MS)
  })

  it.each([500, 499, 1, 0, -1000])(
    'with %i ms left sends nothing, opens nothing',
    async (leftMs) => {
      stub.answer(success)
      const before = stub.connections
      const { outcome } = await seen(databao(), person(), () => leftMs)
      expect(outcome).toEqual(problem('databao', ['provider_unavailable', 503, true, 'no']))
      await sleep(20)
      expect(stub.requests).toHaveLength(0)
      expect(stub.connections).toBe(before)
    },
  )

  it('counts the time that the credentials took', async () => {
    const start = performance.now()
    const current = async () => {
      await sleep(300)
      return { value: { appCode: 'old' }, version: 'v1' }
    }
    stub.answer(success)
    const ask = databao({ credentials: { current, reread: current } })
    const { outcome } = await seen(ask, person(), () => 700 - (performance.now() - start))
    expect(outcome).toMatchObject({ code: 'provider_unavailable', billable: 'no' })
    expect(stub.requests).toHaveLength(0)
  })

  it('is kept while the credentials are read anew', async () => {
    const credentials = rotating(() => new Promise(() => {}))
    stub.answer(rejected)
    const { outcome, elapsedMs } = await seen(databao({ credentials, timeoutMs: 300 }), person())
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', billable: 'no' })
    expect(elapsedMs).toBeLessThan(300 + LATE_MS)
    expect(stub.requests).toHaveLength(1)
  })

  it('leaves no second attempt where the credentials were read anew too late', async () => {
    const credentials = rotating(async () => {
      await sleep(400)
      return { value: { appCode: 'new' }, version: 'v2' }
    })
    stub.answer(sellerRejected, success)
    const { outcome, elapsedMs } = await seen(databao({ credentials, timeoutMs: 300 }), person())
    expect(outcome).toEqual(
      problem('databao', ['provider_credentials_rejected', 502, false, 'unknown', '10005']),
    )
    expect(elapsedMs).toBeLessThan(300 + LATE_MS)
    await sleep(200)
    expect(stub.requests).toHaveLength(1)
  })
})

describe('credentials that the provider rejects', () => {
  it('are read anew once, and a new version is tried once', async () => {
    const credentials = rotated()
    stub.answer(rejected, success)
    const { outcome } = await seen(databao({ credentials }), person())
    expect(outcome).toEqual(match)
    expect(appCodesSent()).toEqual(['APPCODE old', 'APPCODE new'])
    expect(credentials.reread).toHaveBeenCalledTimes(1)
  })

  it('may take their time to be read anew', async () => {
    const credentials = rotating(async () => {
      await sleep(50)
      return { value: { appCode: 'new' }, version: 'v2' }
    })
    stub.answer(rejected, success)
    expect((await seen(databao({ credentials }), person())).outcome).toEqual(match)
    expect(appCodesSent()).toEqual(['APPCODE old', 'APPCODE new'])
  })

  it('keep no process alive until their time is over', async () => {
    stub.answer(rejected)
    const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
    const before = timers()
    await seen(databao(), person())
    expect(timers()).toBeLessThanOrEqual(before)
  })

  it('are not tried a third time', async () => {
    const credentials = rotated()
    stub.answer(rejected, rejected, success)
    const { outcome } = await seen(databao({ credentials }), person())
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', retryable: false })
    expect(stub.requests).toHaveLength(2)
    expect(credentials.reread).toHaveBeenCalledTimes(1)
  })

  it('are not tried again in the same version', async () => {
    const credentials = rotating(async () => ({ value: { appCode: 'new' }, version: 'v1' }))
    stub.answer(rejected, success)
    const { outcome } = await seen(databao({ credentials }), person())
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected' })
    expect(stub.requests).toHaveLength(1)
    expect(credentials.reread).toHaveBeenCalledTimes(1)
  })

  it('are the problem also where they cannot be read anew', async () => {
    const credentials = rotating(async () => {
      throw new AppError('credentials_unavailable')
    })
    stub.answer(rejected, success)
    const { outcome } = await seen(databao({ credentials }), person())
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', billable: 'no' })
    expect(stub.requests).toHaveLength(1)
  })

  it('are not read anew for any other failure', async () => {
    const credentials = rotated()
    for (const answer of [throttled, { body: { code: '10010' } }, 'reset'] as const) {
      stub.answer(answer)
      await seen(databao({ credentials }), person())
    }
    expect(credentials.reread).not.toHaveBeenCalled()
  })

  it.each([
    ['is throttled', throttled],
    ['is rejected again', rejected],
  ])('by the seller may have cost a call, also where the second one %s', async (_w, second) => {
    stub.answer(sellerRejected, second, success)
    const { outcome } = await seen(databao({ credentials: rotated() }), person())
    expect(outcome).toMatchObject({ billable: 'unknown' })
    expect(stub.requests).toHaveLength(2)
  })
})

describe('credentials that cannot be had', () => {
  it('are told, and nothing is sent', async () => {
    const current = async () => {
      throw new AppError('credentials_unavailable')
    }
    stub.answer(success)
    const before = stub.connections
    const { outcome } = await seen(databao({ credentials: { current, reread: current } }), person())
    expect(outcome).toMatchObject({ code: 'credentials_unavailable', billable: 'no' })
    expect(stub.requests).toHaveLength(0)
    expect(stub.connections).toBe(before)
  })
})

describe('a failure', () => {
  it.each<[string, StubAnswer]>([
    ['a rejection', rejected],
    [
      'a text with everything in it',
      { body: { code: '10007', message: `old ${MATCH_CARD} 张三` } },
    ],
    ['HTML with everything in it', { body: `<b>old-app-code ${MATCH_CARD} 张三</b>` }],
    [
      'headers with everything in them',
      {
        status: 403,
        headers: {
          'X-Ca-Error-Message': `old-app-code ${MATCH_CARD}`,
          'X-Ca-Error-Code': MATCH_CARD,
        },
      },
    ],
    ['a lost connection', 'reset'],
  ])('after %s holds nothing that was sent or said', async (_what, answer) => {
    stub.answer(answer)
    const ask = databao({ credentials: fixed({ appCode: 'old-app-code' }) })
    const error = await ask(person(), () => 60_000).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    const { message, stack, facts, cause } = error as AppError
    const everything = JSON.stringify([message, stack, facts, cause])
    for (const part of ['old-app-code', MATCH_CARD.slice(0, 8), '张三', '110101190001']) {
      expect(everything).not.toContain(part)
    }
  })
})

describe('a provider that times out five times in a row', () => {
  it('is left alone for 10 s, and asked again after', async () => {
    const ask = databao({ timeoutMs: 60 })
    stub.answer('hang')
    for (let request = 0; request < 5; request++) await seen(ask, person())
    stub.answer(success)
    const { outcome, elapsedMs } = await seen(ask, person())
    expect(outcome).toEqual(problem('databao', ['provider_unavailable', 503, true, 'no']))
    expect(elapsedMs).toBeLessThan(50)
    expect(stub.requests).toHaveLength(0)

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
    const again = await seen(ask, person()).finally(() => vi.useRealTimers())
    expect(again.outcome).toEqual(match)
    expect(stub.requests).toHaveLength(1)
  })
})

describe('what the ledger is told', () => {
  const fateOf = (ask: ReturnType<typeof databao>) =>
    ask(person(), () => 60_000).then(
      () => undefined,
      (error: unknown) => error instanceof AppError && error.fate,
    )

  it.each([
    ['refused', [throttled, throttled]],
    ['answered', [sellerRejected]],
    ['unknown', ['hang']],
    ['unknown', [{ body: '{' }]],
    ['unknown', [throttled, 'reset']],
  ] as const)('is %s after %j', async (fate, answers) => {
    stub.answer(...answers)
    expect(await fateOf(databao({ timeoutMs: 500 }))).toBe(fate)
  })

  it('is not_sent where nothing left', async () => {
    const ask = databaoClient({
      baseUrl: 'http://127.0.0.1:9',
      credentials: fixed({ appCode: 'old' }),
      timeoutMs: 500,
    })
    expect(await fateOf(ask)).toBe('not_sent')
  })

  it('stays answered where only the first attempt was', async () => {
    const once = httpAnswer({ code: '10005' }).replace('\r\n', '\r\nConnection: close\r\n')
    const server = await startRawServer((socket) => {
      server.stopListening()
      socket.once('data', () => socket.end(once))
    })
    const ask = databaoClient({
      baseUrl: server.url,
      credentials: rotated(),
      timeoutMs: 2000,
    })
    const error = await ask(person(), () => 60_000).catch((thrown: unknown) => thrown)
    await server.close()
    expect(error).toMatchObject({
      code: 'provider_unavailable',
      fate: 'answered',
      facts: { billable: 'unknown' },
    })
  })

  it('forbids a second try of what may have run, whatever its code allows', async () => {
    stub.answer({ status: 503, headers: { 'X-Ca-Error-Code': 'D503BB' }, body: success.body })
    const { outcome } = await seen(databao(), person())
    expect(outcome).toEqual(
      problem('databao', ['provider_unavailable', 503, false, 'unknown', 'D503BB']),
    )
  })
})

describe('what the log is told', () => {
  it('is how long the provider took, in how many attempts, and how old the secret is', async () => {
    const current = async () => ({
      value: { appCode: 'old' },
      version: 'v1',
      createdAt: Date.now() - 90_000,
    })
    stub.answer({ ...success, afterMs: 50 })
    const trace: CallTrace = {}
    await databao({ credentials: { current, reread: current } })(person(), () => 60_000, trace)
    expect(trace).toEqual({ attempts: 1, providerMs: expect.any(Number), secretAgeSeconds: 90 })
    expect(trace.providerMs).toBeGreaterThanOrEqual(50)
    expect(trace.providerMs).toBeLessThan(1000)
  })

  it('is no age of a secret that names none', async () => {
    stub.answer(success)
    const trace: CallTrace = {}
    await databao()(person(), () => 60_000, trace)
    expect(Object.keys(trace)).toEqual(['attempts', 'providerMs'])
  })
})

describe('a rejection that may have run all the same', () => {
  const billed = { code: '10000', message: '', data: { state: '2' }, seqNo: 'ONE' }

  it.each([
    ['a legacy message', { status: 401, headers: { 'X-Ca-Error-Message': 'odd' }, body: billed }],
    ['a code', { headers: { 'X-Ca-Error-Code': 'A401AC' }, body: billed }],
  ] as const)('is not sent again with the new secret: %s beside a verdict', async (_, first) => {
    stub.answer(first, success)
    const { outcome } = await seen(databao({ credentials: rotated() }), person())
    expect(outcome).toMatchObject({ code: 'provider_credentials_rejected', billable: 'unknown' })
    expect(stub.requests).toHaveLength(1)
  })
})

describe("a provider's own reference", () => {
  const appCode = '51a7c0de-9b3f2e6d'

  async function referenceOf(seqNo: string, name?: string) {
    stub.answer({ body: { ...success.body, seqNo } })
    const who = { ...person(), ...(name !== undefined && { name: name as never }) }
    const { outcome, providerReference } = await seen(
      databao({ credentials: fixed({ appCode }) }),
      who,
    )
    expect(outcome).toEqual(match)
    return providerReference
  }

  it.each([
    ['short', 'A'],
    ['as long as may be', '7'.repeat(64)],
    ['with every sign', 'jh-4XU:29.Z4_D1'],
    ['that holds seven characters of the credential', 'JH-7c0de9b-1'],
    ['that holds the last seven characters of the credential', 'JH-b3f2e6d-1'],
  ])('is passed on: %s', async (_what, seqNo) => {
    expect(await referenceOf(seqNo)).toBe(seqNo)
  })

  it.each([
    ['too long', '7'.repeat(65)],
    ['empty', ''],
    ['with a sign of none at its start', ' 4XU29Z4D'],
    ['with a sign of none at its end', '4XU29Z4D\n'],
    ['with nothing but such signs', '张三'],
    ['that is the credential', appCode],
    ['that holds its first eight characters', 'JH-51a7c0de-1'],
    ['that holds eight from its middle', 'JH-7c0de9b3-1'],
    ['that holds its last eight, spelt otherwise', 'JH_9B3.F2E6:D'],
    ['that holds the card number', `A${MATCH_CARD.slice(2, 10)}`],
  ])('is not passed on: %s', async (_what, seqNo) => {
    expect(await referenceOf(seqNo)).toBeUndefined()
  })

  it.each([
    ['Zhang San', 'JH-Zhang.San'],
    ['Li Wei', 'x.LIWEI'],
    ['Li We', 'x.liwe'],
    ["O'Neill-Smith", 'oneill.smith'],
  ])('of %s is not passed on: %s', async (name, seqNo) => {
    expect(await referenceOf(seqNo, name)).toBeUndefined()
  })

  // Three letters in a row stand in many a reference by chance.
  it.each([['Li W', 'x.liw']])('of %s is passed on: %s', async (name, seqNo) => {
    expect(await referenceOf(seqNo, name)).toBe(seqNo)
  })
})
