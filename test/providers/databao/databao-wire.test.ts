import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaoClient } from '../../../lib/providers/databao/databao-client.ts'
import type { databaoCodes, databaoStates } from '../../../lib/providers/databao/databao-codes.ts'
import {
  parseDatabaoSecret,
  recogniseDatabao,
} from '../../../lib/providers/databao/databao-wire.ts'
import {
  type DATABAO_ANSWERED,
  type DATABAO_NO_RECORD,
} from '../../../lib/providers/databao/databao-codes.ts'
import type { AskProvider } from '../../../lib/verification/verdict.ts'
import type { ThreeElementPerson } from '../../../lib/verification/verification-request.ts'
import { startDatabaoSimulator } from '../../simulators/databao-simulator.ts'
import type { ProviderSimulator } from '../../simulators/provider-simulator.ts'
import { fixed, ID_NUMBER, MATCH_CARD, NAME, person, personOf, problem, seen } from '../asking.ts'
import type { Row } from '../asking.ts'
import { startStubProvider } from '../stub-provider.ts'
import type { StubAnswer, StubProvider } from '../stub-provider.ts'

const appCode = '51a7c0de51a7c0de51a7c0de51a7c0de'
let simulator: ProviderSimulator
let stub: StubProvider
let askSimulator: AskProvider<ThreeElementPerson>
let askStub: AskProvider<ThreeElementPerson>

beforeAll(async () => {
  simulator = await startDatabaoSimulator({ appCode })
  stub = await startStubProvider()
  const options = { credentials: fixed({ appCode }), timeoutMs: 2000 }
  askSimulator = databaoClient({ ...options, baseUrl: simulator.url })
  askStub = databaoClient({ ...options, baseUrl: stub.url })
})
afterAll(() => Promise.all([simulator.close(), stub.close()]))

async function scenario(name: string) {
  const before = simulator.hits.length
  const { outcome, providerReference } = await seen(askSimulator, personOf(name))
  const hits = simulator.hits.slice(before)
  return { outcome, providerReference, hits: hits.map((hit) => hit.scenario) }
}

async function answered(answer: StubAnswer) {
  stub.answer(answer)
  const { outcome, providerReference } = await seen(askStub, person())
  return { outcome, providerReference, hits: stub.requests.length }
}

const match = { verdict: 'match', billable: 'yes' }
const noRecord = { verdict: 'unverifiable', reason: 'no_record', billable: 'unknown' }
const unreadable = problem('databao', ['provider_error', 502, false, 'unknown'])
const success = { code: '10000', message: '成功', data: { state: '1' }, seqNo: '4X1704061618' }

describe('what Databao is sent', () => {
  it('is one form with three fields and the APPCODE in a header', async () => {
    stub.answer({ body: success })
    await askStub(person(), () => 60_000)
    expect(stub.requests).toHaveLength(1)
    const { method, path, query, headers, body } = stub.requests[0]!
    expect([method, path, query]).toEqual(['POST', '/communication/personal/1886', ''])
    expect(headers).toMatchObject({
      authorization: `APPCODE ${appCode}`,
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'content-length': String(body.length),
      'accept-encoding': 'identity',
    })
    expect([...new URLSearchParams(body.toString())]).toEqual([
      ['name', NAME],
      ['idcard', ID_NUMBER],
      ['acct_no', MATCH_CARD],
    ])
  })
})

describe('a Databao code', () => {
  const problems = {
    '10001': ['provider_rejected_input', 422, false, 'unknown', '10001'],
    '10002': ['provider_error', 502, false, 'unknown', '10002'],
    '10003': ['provider_timeout', 504, false, 'unknown', '10003'],
    '10004': ['provider_error', 502, false, 'unknown', '10004'],
    '10005': ['provider_credentials_rejected', 502, false, 'unknown', '10005'],
    '10006': ['provider_rejected_input', 422, false, 'unknown', '10006'],
    '10007': ['provider_error', 502, false, 'unknown', '10007'],
    '10008': ['provider_quota_exhausted', 503, false, 'unknown', '10008'],
    '10009': ['provider_rejected_input', 422, false, 'unknown', '10009'],
    '10010': ['provider_access_denied', 502, false, 'unknown', '10010'],
    '10011': ['provider_error', 502, false, 'unknown', '10011'],
    '10012': ['provider_error', 502, false, 'unknown', '10012'],
    '10013': ['provider_timeout', 504, false, 'unknown', '10013'],
    '10014': ['provider_unavailable', 503, true, 'unknown', '10014'],
    '10015': ['provider_unavailable', 503, true, 'unknown', '10015'],
    '10017': ['provider_error', 502, false, 'unknown', '10017'],
    '10018': ['provider_rejected_input', 422, false, 'unknown', '10018'],
    '10019': ['provider_error', 502, false, 'unknown', '10019'],
    '10020': ['too_many_attempts', 429, false, 'unknown', '10020'],
  } satisfies Record<keyof typeof databaoCodes, Row>

  it.each(Object.entries(problems))(
    '%s is the problem of the contract, once',
    async (code, row) => {
      const name = `databao-${code}`
      const { outcome, providerReference, hits } = await scenario(name)
      expect(outcome).toEqual(problem('databao', row))
      expect(providerReference).toMatch(/^4X[0-9A-Z]{6}\d{10}$/)
      expect(hits).toEqual([name])
    },
  )

  it.each(Object.entries(problems))(
    '%s is the same as a number, at HTTP 450',
    async (code, row) => {
      const { outcome, hits } = await answered({ status: 450, body: { code: Number(code) } })
      expect(outcome).toEqual(problem('databao', row))
      expect(hits).toBe(1)
    },
  )

  it('of an answer is one of two', () => {
    const answers = ['10000', '10016'] satisfies [typeof DATABAO_ANSWERED, typeof DATABAO_NO_RECORD]
    expect(Object.keys(problems)).not.toContain(answers[0])
    expect(Object.keys(problems)).not.toContain(answers[1])
  })

  it('10016 is an answer that decides nothing', async () => {
    const { outcome, hits } = await scenario('databao-10016')
    expect(outcome).toEqual(noRecord)
    expect(hits).toHaveLength(1)
  })

  it('10016 is that at HTTP 450 too', async () => {
    const { outcome, hits } = await scenario('databao-status-450')
    expect(outcome).toEqual(noRecord)
    expect(hits).toHaveLength(1)
  })

  it.each([
    '10999',
    '1000',
    '010000',
    '10000 ',
    ' 10000',
    '１００００',
    '0',
    '',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    10000.5,
    -10000,
    1e300,
    true,
    null,
    ['10000'],
    { code: '10000' },
    undefined,
  ])('%j is of no table and no verdict', async (code) => {
    const { outcome, hits } = await answered({ body: { ...success, code } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })
})

describe('a Databao state', () => {
  const states = {
    '1': match,
    '2': { verdict: 'mismatch', billable: 'yes' },
    '3': { verdict: 'unverifiable', reason: 'abnormal', billable: 'unknown' },
  } satisfies Record<keyof typeof databaoStates, object>

  it.each(Object.entries(states))('%s is that verdict, once', async (state, verdict) => {
    const { outcome, hits } = await answered({ body: { ...success, data: { state } } })
    expect(outcome).toEqual(verdict)
    expect(hits).toBe(1)
  })

  it.each(Object.entries(states))('%s is the same as a number', async (state, verdict) => {
    const data = { state: Number(state) }
    const { outcome, hits } = await answered({ body: { ...success, code: 10000, data } })
    expect(outcome).toEqual(verdict)
    expect(hits).toBe(1)
  })

  it.each([
    { state: '9' },
    { state: '0' },
    { state: '01' },
    { state: '1 ' },
    { state: '' },
    { state: 1.5 },
    { state: true },
    { state: null },
    { state: [1] },
    { state: { state: '1' } },
    { state: 'toString' },
    { state: '__proto__' },
    { state: 'constructor' },
    { State: '1' },
    {},
    [],
    [{ state: '1' }],
    '1',
    1,
    null,
    undefined,
  ])('in the data %j is none', async (data) => {
    const { outcome, hits } = await answered({ body: { ...success, data } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it('beside another code than 10000 counts for nothing', async () => {
    const { outcome, hits } = await answered({ body: { ...success, code: '10001' } })
    expect(outcome).toMatchObject({ code: 'provider_rejected_input', providerCode: '10001' })
    expect(hits).toBe(1)
  })

  it.each([201, 202, 302, 400, 450, 500, 503])('at HTTP %i is none', async (status) => {
    const { outcome, hits } = await answered({ status, body: success })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })
})

describe('a redirect of Databao', () => {
  it.each([
    [301, '10016'],
    [302, '10001'],
    [307, '10000'],
  ])('of HTTP %i is not read, though its body says %s', async (status, code) => {
    const headers = { location: '/elsewhere' }
    const { outcome, hits } = await answered({ status, headers, body: { ...success, code } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })
})

describe('an odd answer of Databao', () => {
  const oddities = {
    'databao-ok-message': match,
    'databao-empty-error-code': match,
    'databao-numbers': match,
    'databao-status-450': noRecord,
    'databao-invalid-json': unreadable,
    'databao-unknown-code': unreadable,
    'databao-unknown-state': unreadable,
    'databao-null-data': unreadable,
    'databao-code-to-string': unreadable,
  }

  it.each(Object.entries(oddities))('%s is read as documented', async (name, expected) => {
    const { outcome, hits } = await scenario(name)
    expect(outcome).toEqual(expected)
    expect(hits).toEqual([name])
  })

  it.each([
    ['state', '{"code":"10000","data":{"state":"2","state":"1"}}'],
    ['state, once escaped', '{"code":"10000","data":{"state":"2","st\\u0061te":"1"}}'],
    ['code', '{"code":"10001","code":"10000","data":{"state":"1"}}'],
    ['data', '{"code":"10000","data":{"state":"2"},"data":{"state":"1"}}'],
    ['seqNo', '{"code":"10000","data":{"state":"1"},"seqNo":"a","seqNo":"b"}'],
    ['__proto__', '{"code":"10000","data":{"state":"1"},"__proto__":1,"__proto__":2}'],
  ])('that has %s twice gives no verdict', async (_key, body) => {
    const { outcome, hits } = await answered({ body })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it.each([
    ['colons and quotes in its texts', { ...success, message: 'a:"b":\\"c\\":{"d":1}\\' }],
    ['members of its own', { ...success, list: [{ a: 1 }, { a: 1 }, [[{ b: {} }]]] }],
    ['an inherited name as a member', { ...success, toString: 1, constructor: { a: 2 } }],
  ])('with %s is read all the same', async (_what, body) => {
    const { outcome, hits } = await answered({ body })
    expect(outcome).toEqual(match)
    expect(hits).toBe(1)
  })

  it('with a byte order mark is read all the same', async () => {
    const { outcome } = await answered({ body: `\uFEFF${JSON.stringify(success)}` })
    expect(outcome).toEqual(match)
  })

  it.each(['{"__proto__":{"code":"10000","data":{"state":"1"}}}', '[]', '"10000"', '1', '{}', '{'])(
    'like %s gives no verdict',
    async (body) => {
      const { outcome, hits } = await answered({ body })
      expect(outcome).toEqual(unreadable)
      expect(hits).toBe(1)
    },
  )

  it('below thousands of nested objects gives no verdict', async () => {
    const body = `${'{"data":'.repeat(5000)}${JSON.stringify(success)}${'}'.repeat(5000)}`
    const { outcome, hits } = await answered({ body })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it('is a verdict only for code 10000 with state 1 or 2', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<fc.JsonValue>('10000', 10000, '10016', '1', 1, '2', 2, '3'),
    )
    const answers = fc.record({ code: value, data: fc.oneof(value, fc.record({ state: value })) })
    fc.assert(
      fc.property(answers, (said) => {
        const body = Buffer.from(JSON.stringify(said))
        const outcome = recogniseDatabao({ status: 200, headers: {}, body })
        if (!('verdict' in outcome) || outcome.verdict === 'unverifiable') return
        expect(['10000', 10000]).toContain(said.code)
        const { state } = said.data as { state: unknown }
        expect(outcome.verdict === 'match' ? ['1', 1] : ['2', 2]).toContain(state)
      }),
      { numRuns: 2000 },
    )
  })

  it('of whatever bytes is never taken for a match, nor does reading it throw', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.uint8Array(), (status, bytes) => {
        const outcome = recogniseDatabao({ status, headers: {}, body: Buffer.from(bytes) })
        expect(outcome).toMatchObject({ problem: 'provider_error', billable: 'unknown' })
      }),
    )
  })
})

describe('the reference of a Databao call', () => {
  const requestId = '0A1B2C3D-0A1B-2C3D-4E5F-0A1B2C3D4E5F'
  const headers = { 'x-ca-request-id': requestId }
  const reference = async (answer: StubAnswer) => (await answered(answer)).providerReference

  it('is its seqNo, rather than the id of the gateway', async () => {
    expect(await reference({ headers, body: success })).toBe('4X1704061618')
  })

  it('is a seqNo that came as a number', async () => {
    expect(await reference({ headers, body: { ...success, seqNo: 17040618 } })).toBe('17040618')
  })

  it.each([
    ['without a seqNo', { body: { ...success, seqNo: undefined } }],
    ['with a seqNo of the wrong type', { body: { ...success, seqNo: { id: 1 } } }],
    ['of the gateway', { status: 504, headers: { 'x-ca-error-code': 'D504TO' } }],
    ['that is HTML', { body: '<html>' }],
    ['that is a redirect', { status: 302, headers: { location: '/elsewhere' } }],
  ])('is the id of the gateway for an answer %s', async (_what, answer) => {
    const merged = {
      ...answer,
      headers: { ...headers, ...('headers' in answer && answer.headers) },
    }
    expect(await reference(merged)).toBe(requestId)
  })

  it.each([
    ['repeats the card number', MATCH_CARD],
    ['holds 8 digits of the card number', `X-${MATCH_CARD.slice(3, 11)}-Y`],
    ['spells the card number with separators', '6299-9900-0000-0017'],
    ['repeats the ID number', `ID.${ID_NUMBER}`],
    ['holds 8 digits of the ID number', ID_NUMBER.slice(10)],
    ['spells the ID number with separators', '110101_1900-01:01.0014'],
    ['is longer than 64 characters', 'a'.repeat(65)],
    ['is empty', ''],
    ['holds a space', '4X 1704'],
    ['holds a line break', '4X\n1704'],
    ['holds a name', NAME],
    ['holds markup', '<b>'],
  ])('is not passed on where it %s', async (_what, seqNo) => {
    const { outcome, providerReference, hits } = await answered({ body: { ...success, seqNo } })
    expect(providerReference).toBeUndefined()
    expect(outcome).toEqual(match)
    expect(hits).toBe(1)
  })

  it('is not passed on with a problem either', async () => {
    const { outcome, providerReference } = await answered({
      body: { code: '10007', data: null, seqNo: MATCH_CARD },
    })
    expect(outcome).toMatchObject({ code: 'provider_error', providerCode: '10007' })
    expect(providerReference).toBeUndefined()
  })

  it('may hold 7 digits of the card number', async () => {
    const seqNo = MATCH_CARD.slice(0, 7)
    expect(await reference({ body: { ...success, seqNo } })).toBe(seqNo)
  })
})

describe('a secret of Databao', () => {
  it('is its appCode', () => {
    expect(parseDatabaoSecret({ appCode, other: 1 })).toEqual({ appCode })
  })

  it.each([undefined, null, '', 7, ' x', 'x y', 'x\r\nHost: y', '密码', 'x'.repeat(513), ['x']])(
    'is none with the appCode %j',
    (value) => {
      expect(parseDatabaoSecret({ appCode: value })).toBeUndefined()
    },
  )
})
