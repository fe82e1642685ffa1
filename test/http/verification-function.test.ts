import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rehearse } from '../../lib/http/rehearsal.ts'
import { verificationFunction } from '../../lib/http/verification-function.ts'
import type { DatabaoSecret } from '../../lib/providers/databao/databao-wire.ts'
import type { Credentials } from '../../lib/providers/provider-client.ts'
import { databao, databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { juhe, juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'
import { scriptedTable } from '../ledger/scripted-table.ts'
import { fixed } from '../providers/asking.ts'
import { startStubProvider, type StubProvider } from '../providers/stub-provider.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'

const output = capturedOutput()
const context = { awsRequestId: 'aws-1', functionName: 'f' } as Context
const person = { name: '张三', idNumber: '110101190001010014', cardNumber: '6299990000000017' }
const event = {
  requestContext: { authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:role/local' } } },
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(person),
}
const prepared = { prepare: () => Promise.resolve() }
const mismatch = { body: { code: '10000', data: { state: '2' }, seqNo: 'N-1' } }

let provider: StubProvider
beforeAll(async () => {
  provider = await startStubProvider()
})
afterAll(() => provider.close())
beforeEach(() => provider.answer(mismatch))

/** Credentials that a rehearsal must not even read. */
const untouchable = () => {
  const read = () => Promise.reject(new Error('read'))
  return { current: read, reread: read }
}

const three = (credentials: Credentials<DatabaoSecret> = fixed({ appCode: 'code' })) => ({
  route: 'verifyThreeElement',
  operation: databao,
  parse: parseThreeElementRequest,
  ask: databaoClient({
    baseUrl: provider.url,
    credentials,
    timeoutMs: 2000,
  }),
})

const two = (channel: 'plain' | 'encrypted') => ({
  route: 'verifyTwoElement',
  operation: juhe,
  parse: parseTwoElementRequest,
  ask: juheClient({
    baseUrl: provider.url,
    channel,
    credentials: untouchable(),
    timeoutMs: 2000,
  }),
})

function ledgerOver(table: ReturnType<typeof scriptedTable>, requireIdempotencyKey = false) {
  const most = 1000
  return {
    ...prepared,
    requireIdempotencyKey,
    table,
    peppers: () => Promise.resolve(['invented-pepper-that-keys-nothing-but-tests']),
    limits: {
      cardCalls: most,
      cardMismatches: most,
      idCalls: most,
      providerCalls: most,
      callerCalls: most,
    },
    reuseSeconds: 60,
    pauseSeconds: 60,
    recordDays: 1,
  }
}

describe('a rehearsal', () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const operations = [
    ['databao', 'no_record', () => three(untouchable())],
    ['juhe, plain', 'declined', () => two('plain')],
    ['juhe, encrypted', 'declined', () => two('encrypted')],
  ] as const

  it.each(operations)(
    'with %s goes all the way, says, sends and leaves nothing',
    async (...row) => {
      const [, reason, operationOf] = row
      const { ask, ...operation } = operationOf()
      const before = timers()
      for (const requireIdempotencyKey of [false, true]) {
        const response = await rehearse({
          ...(operation as ReturnType<typeof three>),
          requireIdempotencyKey,
          ask: ask.rehearse,
        })
        expect(response?.statusCode).toBe(200)
        // Neither match nor mismatch: were it to reach a caller, no money would move.
        expect(JSON.parse(response?.body ?? '')).toMatchObject({ verdict: 'unverifiable', reason })
      }
      expect(output.text()).toBe('')
      expect(provider.requests).toEqual([])
      // What is left of it would keep a process alive.
      expect(timers()).toBeLessThanOrEqual(before)
    },
  )

  it('takes a second of init at most', async () => {
    const left: number[] = []
    const ask = async (_who: unknown, remainingMs: () => number) => {
      left.push(remainingMs())
      return new Promise<never>(() => undefined)
    }
    const startedAt = performance.now()
    expect(await rehearse({ ...three(), requireIdempotencyKey: false, ask })).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(1500)
    expect(left).toEqual([1000])
  })

  it("that cannot even begin is nobody's loss", async () => {
    const operation = {
      ...databao,
      get elements(): never {
        throw new TypeError('broken')
      },
    }
    const { ask } = three()
    expect(
      await rehearse({ ...three(), requireIdempotencyKey: false, operation, ask: ask.rehearse }),
    ).toBeUndefined()
    expect(output.text()).toBe('')
  })

  it('that fails tells nobody', async () => {
    const ask = () => Promise.reject(new TypeError('broken'))
    const response = await rehearse({ ...three(), requireIdempotencyKey: false, ask })
    expect(response?.statusCode).toBe(500)
    expect(output.text()).toBe('')
  })
})

describe('a function that verifies', () => {
  it('has asked nobody and written nothing when init is over', async () => {
    const table = scriptedTable()
    const before = provider.connections
    const ready: string[] = []
    const { ask, ...operation } = three()
    const rehearsed = ask.rehearse
    const handler = await verificationFunction({
      ...operation,
      credentials: { prepare: async () => void ready.push('credentials') },
      ledger: { ...ledgerOver(table), prepare: async () => void ready.push('ledger') },
      ask: Object.assign(ask, {
        prepare: async () => void ready.push('ask'),
        rehearse: async (...asked: Parameters<typeof rehearsed>) => {
          const answer = await rehearsed(...asked)
          ready.push('rehearsal')
          return answer
        },
      }),
    })
    expect(ready).toEqual(['credentials', 'ledger', 'ask', 'rehearsal'])
    expect(table.sent).toEqual([])
    expect(provider.requests).toEqual([])
    expect(provider.connections).toBe(before)
    expect(output.text()).toBe('')
    expect(handler).toBeTypeOf('function')
  })

  it('answers what the provider says, about whom it was asked, and keeps it', async () => {
    const table = scriptedTable()
    const handler = await verificationFunction({
      ...three(),
      credentials: prepared,
      ledger: ledgerOver(table),
    })
    const { statusCode, body } = await handler(event, context)
    expect(statusCode).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ verdict: 'mismatch', providerReference: 'N-1' })
    expect(provider.requests).toHaveLength(1)
    const form = new URLSearchParams(String(provider.requests[0]?.body))
    expect(Object.fromEntries(form)).toEqual({
      name: person.name,
      idcard: person.idNumber,
      acct_no: person.cardNumber,
    })
    expect(provider.requests[0]?.headers.authorization).toBe('APPCODE code')
    expect(table.sent.length).toBeGreaterThan(8)
    expect(output.lines()).toMatchObject([{ event: 'request', status: 200, verdict: 'mismatch' }])
  })

  it('keeps to REQUIRE_IDEMPOTENCY_KEY', async () => {
    const handler = await verificationFunction({
      ...three(),
      credentials: prepared,
      ledger: ledgerOver(scriptedTable(), true),
    })
    expect((await handler(event, context)).statusCode).toBe(400)
    expect(provider.requests).toEqual([])
  })

  it('comes up though its rehearsal fails', async () => {
    const ask = Object.assign(three().ask, {
      rehearse: () => Promise.reject(new Error('broken')),
    })
    const handler = await verificationFunction({
      ...three(),
      ask,
      credentials: prepared,
      ledger: ledgerOver(scriptedTable()),
    })
    expect((await handler(event, context)).statusCode).toBe(200)
  })
})
