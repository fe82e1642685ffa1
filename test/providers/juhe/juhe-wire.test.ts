import { createDecipheriv, createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { juheClient } from '../../../lib/providers/juhe/juhe-client.ts'
import type {
  juheCodes,
  juheOldCodes,
  juheResults,
} from '../../../lib/providers/juhe/juhe-codes.ts'
import {
  juheChannels,
  parseJuheSecret,
  recogniseJuhe,
} from '../../../lib/providers/juhe/juhe-wire.ts'
import type { JuheChannel } from '../../../lib/providers/juhe/juhe-wire.ts'
import type { AskProvider } from '../../../lib/verification/verdict.ts'
import type { TwoElementPerson } from '../../../lib/verification/verification-request.ts'
import { startJuheSimulator } from '../../simulators/juhe-simulator.ts'
import type { ProviderSimulator } from '../../simulators/provider-simulator.ts'
import { fixed, MATCH_CARD, NAME, person, personOf, problem, type Row, seen } from '../asking.ts'
import { startStubProvider } from '../stub-provider.ts'
import type { StubAnswer, StubProvider } from '../stub-provider.ts'

const secret = {
  key: '51a7beef51a7beef51a7beef51a7beef',
  openId: 'JH51a7f00d51a7f00d51a7f00d51a7f00d',
}
const channels = Object.keys(juheChannels) as JuheChannel[]
let simulator: ProviderSimulator
let stub: StubProvider
let ask: Record<'simulator' | 'stub', Record<JuheChannel, AskProvider<TwoElementPerson>>>

beforeAll(async () => {
  simulator = await startJuheSimulator(secret)
  stub = await startStubProvider()
  const on = (baseUrl: string) => {
    const client = (channel: JuheChannel) =>
      juheClient({ baseUrl, channel, credentials: fixed(secret), timeoutMs: 2000 })
    return { plain: client('plain'), encrypted: client('encrypted') }
  }
  ask = { simulator: on(simulator.url), stub: on(stub.url) }
})
afterAll(() => Promise.all([simulator.close(), stub.close()]))

async function scenario(name: string, channel: JuheChannel = 'encrypted') {
  const before = simulator.hits.length
  const { cardNumber, name: personName } = personOf(name)
  const told = await seen(ask.simulator[channel], { cardNumber, name: personName })
  const hits = simulator.hits.slice(before)
  return {
    ...told,
    hits: hits.map((hit) => hit.scenario),
    cards: hits.map((hit) => hit.cardNumber),
  }
}

async function answered(answer: StubAnswer) {
  stub.answer(answer)
  const { cardNumber, name } = person()
  const told = await seen(ask.stub.plain, { cardNumber, name })
  return { ...told, hits: stub.requests.length }
}

const JOB_ID = 'JH1881201222171529845853DG'
const match = { verdict: 'match', billable: 'yes' }
const declined = { verdict: 'unverifiable', reason: 'declined', billable: 'no' }
const unreadable = problem('juhe', ['provider_error', 502, false, 'unknown'])
const success = { reason: '成功', result: { res: 1, jobid: JOB_ID }, error_code: 0 }

describe('what Juhe is sent', () => {
  const { cardNumber, name } = person()

  it('is one clear form on the plain channel', async () => {
    stub.answer({ body: success })
    await ask.stub.plain({ cardNumber, name }, () => 60_000)
    expect(stub.requests).toHaveLength(1)
    const { method, path, query, headers, body } = stub.requests[0]!
    expect([method, path, query]).toEqual(['POST', '/verifybankcard/query', ''])
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
      bankcard: MATCH_CARD,
      realname: NAME,
      key: secret.key,
      jobid: '1',
      message: '1',
    })
  })

  it('is one form with two encrypted fields on the encrypted channel', async () => {
    stub.answer({ body: success })
    await ask.stub.encrypted({ cardNumber, name }, () => 60_000)
    expect(stub.requests).toHaveLength(1)
    const { method, path, query, headers, body } = stub.requests[0]!
    expect([method, path, query]).toEqual(['POST', '/verifybankcard/queryEncry', ''])
    expect(headers.authorization).toBeUndefined()
    const {
      bankcard = '',
      realname = '',
      ...clear
    } = Object.fromEntries(new URLSearchParams(body.toString()))
    const key = createHash('md5').update(secret.openId).digest('hex').slice(0, 16)
    const decrypted = [bankcard, realname].map((text) => {
      const decipher = createDecipheriv('aes-128-ecb', key, null)
      return decipher.update(text, 'base64', 'utf8') + decipher.final('utf8')
    })
    expect(decrypted).toEqual([MATCH_CARD, NAME])
    expect(clear).toEqual({ key: secret.key, jobid: '1', message: '1' })
    expect(body.toString()).not.toContain(secret.openId)
  })

  it.each(channels)('is understood by the provider on the %s channel', async (channel) => {
    const { outcome, providerReference, hits, cards } = await scenario('match', channel)
    expect(outcome).toEqual(match)
    expect(providerReference).toMatch(/^JH1881\d{18}DG$/)
    expect(hits).toEqual(['match'])
    expect(cards).toEqual([MATCH_CARD])
  })
})

const problems = {
  '218801': ['provider_timeout', 504, true, 'no', '218801'],
  '218805': ['provider_rejected_input', 422, false, 'no', '218805'],
  '218808': ['provider_rejected_input', 422, false, 'no', '218808'],
  '218866': ['card_locked', 429, false, 'no', '218866'],
  '10001': ['provider_credentials_rejected', 502, false, 'no', '10001'],
  '10002': ['provider_credentials_rejected', 502, false, 'no', '10002'],
  '10003': ['provider_credentials_rejected', 502, false, 'no', '10003'],
  '10004': ['provider_credentials_rejected', 502, false, 'no', '10004'],
  '10005': ['provider_credentials_rejected', 502, false, 'no', '10005'],
  '10007': ['provider_access_denied', 502, false, 'no', '10007'],
  '10008': ['provider_access_denied', 502, false, 'no', '10008'],
  '10009': ['provider_credentials_rejected', 502, false, 'no', '10009'],
  '10011': ['provider_throttled', 503, true, 'no', '10011'],
  '10012': ['provider_quota_exhausted', 503, false, 'no', '10012'],
  '10013': ['provider_quota_exhausted', 503, false, 'no', '10013'],
  '10014': ['provider_error', 502, false, 'no', '10014'],
  '10020': ['provider_unavailable', 503, true, 'no', '10020'],
  '10021': ['provider_unavailable', 503, true, 'no', '10021'],
} satisfies Record<keyof typeof juheCodes, Row>

describe('a Juhe code', () => {
  const onBoth = Object.entries(problems).flatMap(([code, row]) =>
    channels.map((channel) => [code, channel, row] as const),
  )

  it.each(onBoth)('%s on %s is the problem of the contract, once', async (code, channel, row) => {
    const { outcome, hits } = await scenario(`juhe-${code}`, channel)
    expect(outcome).toEqual(problem('juhe', row))
    expect(hits).toEqual([`juhe-${code}`])
  })

  it.each(Object.entries(problems))('%s is the same as a string', async (code, row) => {
    const { outcome, hits } = await answered({ body: { reason: '', error_code: code } })
    expect(outcome).toEqual(problem('juhe', row))
    expect(hits).toBe(1)
  })

  it.each(channels)('218806 on %s is an answer that is not billed', async (channel) => {
    const { outcome, hits } = await scenario('juhe-218806', channel)
    expect(outcome).toEqual(declined)
    expect(hits).toHaveLength(1)
  })

  it.each([
    ['juhe-218804', ['provider_rejected_input', 422, false, 'no', '218804']],
    ['juhe-218804-too-frequent', ['too_many_attempts', 429, false, 'no', '218804']],
  ] as const)('of two meanings, %s, is told apart', async (name, row) => {
    const { outcome, hits } = await scenario(name)
    expect(outcome).toEqual(problem('juhe', row))
    expect(hits).toEqual([name])
  })

  it.each([
    ['银行卡号不合法', 'provider_rejected_input'],
    ['不合法的银行卡号', 'provider_rejected_input'],
    ['同一银行卡请求过于频繁', 'too_many_attempts'],
    ['银行卡号不合法 同一银行卡请求过于频繁', 'too_many_attempts'],
    ['银行卡号不合法\n同一银行卡请求过于频繁', 'too_many_attempts'],
    ['请求过于频繁,银行卡号不合法', 'too_many_attempts'],
    ['认证失败', 'too_many_attempts'],
    ['', 'too_many_attempts'],
    [undefined, 'too_many_attempts'],
    [null, 'too_many_attempts'],
    [1, 'too_many_attempts'],
    [['不合法'], 'too_many_attempts'],
  ])('218804 with the reason %j is %s', async (reason, code) => {
    const { outcome, hits } = await answered({ body: { reason, result: null, error_code: 218804 } })
    expect(outcome).toMatchObject({
      code,
      retryable: false,
      billable: 'no',
      providerCode: '218804',
    })
    expect(hits).toBe(1)
  })

  it.each([
    218899,
    '218899',
    10006,
    112,
    '00',
    '0 ',
    '',
    0.5,
    -1,
    true,
    false,
    null,
    [0],
    {},
    'toString',
    '__proto__',
    'constructor',
    'valueOf',
  ])('%j is of no table and no verdict', async (code) => {
    const { outcome, hits } = await answered({ body: { ...success, error_code: code } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it.each([201, 302, 400, 403, 429, 450, 500, 503])(
    'at HTTP %i is not read: no document says that it may be',
    async (status) => {
      const body = { reason: '接口维护', result: null, error_code: 10020 }
      expect(await answered({ status, body })).toMatchObject({ outcome: unreadable, hits: 1 })
      expect(await answered({ status, body: success })).toMatchObject({
        outcome: unreadable,
        hits: 1,
      })
    },
  )
})

describe('an old resultcode of Juhe', () => {
  const oldProblems = {
    '101': problems['10001'],
    '102': problems['10002'],
    '103': problems['10003'],
    '104': problems['10004'],
    '105': problems['10005'],
    '107': problems['10007'],
    '108': problems['10008'],
    '109': problems['10009'],
    '111': problems['10011'],
    '112': problems['10012'],
    '113': problems['10013'],
    '114': problems['10014'],
    '120': problems['10020'],
    '121': problems['10021'],
  } satisfies Record<keyof typeof juheOldCodes, Row>

  it.each(Object.entries(oldProblems))('%s alone is its newer code, once', async (old, row) => {
    const { outcome, hits } = await scenario(`juhe-old-${old}`)
    expect(outcome).toEqual(problem('juhe', row))
    expect(hits).toEqual([`juhe-old-${old}`])
  })

  it.each(Object.entries(oldProblems))('%s is the same as a number', async (old, row) => {
    const { outcome, hits } = await answered({ body: { resultcode: Number(old), result: null } })
    expect(outcome).toEqual(problem('juhe', row))
    expect(hits).toBe(1)
  })

  it.each(Object.keys(oldProblems))('%s beside a success leaves no verdict', async (resultcode) => {
    const { outcome, hits } = await answered({ body: { ...success, resultcode } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it('of a success beside a success does no harm', async () => {
    const { outcome, hits } = await answered({ body: { ...success, resultcode: '200' } })
    expect(outcome).toEqual(match)
    expect(hits).toBe(1)
  })

  it('beside another error_code yields to it', async () => {
    const body = { resultcode: '112', reason: '', result: null, error_code: 10001 }
    const { outcome } = await answered({ body })
    expect(outcome).toEqual(problem('juhe', problems['10001']))
  })

  it.each([
    '200',
    '0',
    '10012',
    '218801',
    '106',
    'toString',
    '__proto__',
    'constructor',
    112.5,
    null,
  ])('%j alone says nothing', async (resultcode) => {
    const { reason, result } = success
    const { outcome, hits } = await answered({ body: { reason, result, resultcode } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })
})

describe('a Juhe result', () => {
  const results = {
    '1': match,
    '2': { verdict: 'mismatch', billable: 'yes' },
  } satisfies Record<keyof typeof juheResults, object>

  const spelled = Object.entries(results).flatMap(([res, verdict]) =>
    [res, Number(res)].flatMap((as) => [0, '0'].map((code) => [as, code, verdict] as const)),
  )
  it.each(spelled)('%j under error_code %j is that verdict, once', async (res, code, verdict) => {
    const body = { reason: '随便', result: { res, jobid: JOB_ID }, error_code: code }
    const { outcome, providerReference, hits } = await answered({ body })
    expect(outcome).toEqual(verdict)
    expect(providerReference).toBe(JOB_ID)
    expect(hits).toBe(1)
  })

  it.each([
    { res: 0 },
    { res: 3 },
    { res: '01' },
    { res: '1.0' },
    { res: 1.5 },
    { res: true },
    { res: null },
    { res: [1] },
    { res: 'toString' },
    { res: '__proto__' },
    { Res: 1 },
    {},
    [],
    [{ res: 1 }],
    'res=1',
    1,
    null,
    undefined,
  ])('%j is none', async (result) => {
    const { outcome, hits } = await answered({ body: { ...success, result } })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it('beside another error_code counts for nothing', async () => {
    const { outcome, hits } = await answered({ body: { ...success, error_code: 218801 } })
    expect(outcome).toEqual(problem('juhe', problems['218801']))
    expect(hits).toBe(1)
  })

  it('passes nothing on of the echo', async () => {
    const result = {
      ...success.result,
      realname: NAME,
      bankcard: '62999*****',
      message: '认证信息匹配',
    }
    const { outcome, providerReference } = await answered({ body: { ...success, result } })
    expect({ ...outcome, providerReference }).toEqual({ ...match, providerReference: JOB_ID })
  })
})

describe('an odd answer of Juhe', () => {
  const oddities = {
    'juhe-string-res': match,
    'juhe-string-error-code': match,
    'juhe-null-result': unreadable,
    'juhe-unknown-res': unreadable,
    'juhe-unknown-error-code': { ...unreadable, billable: 'no' },
    'juhe-absent-result': declined,
  }
  const onBoth = Object.entries(oddities).flatMap(([name, expected]) =>
    channels.map((channel) => [name, channel, expected] as const),
  )

  it.each(onBoth)('%s on %s is read as documented', async (name, channel, expected) => {
    const { outcome, hits } = await scenario(name, channel)
    expect(outcome).toEqual(expected)
    expect(hits).toEqual([name])
  })

  it.each([
    ['res', '{"result":{"res":2,"res":1},"error_code":0}'],
    ['res, once escaped', '{"result":{"res":2,"r\\u0065s":1},"error_code":0}'],
    ['error_code', '{"result":{"res":1},"error_code":218801,"error_code":0}'],
    ['result', '{"result":{"res":2},"result":{"res":1},"error_code":0}'],
    ['reason', '{"reason":"","reason":"","result":{"res":1},"error_code":0}'],
  ])('that has %s twice gives no verdict', async (_key, body) => {
    const { outcome, hits } = await answered({ body })
    expect(outcome).toEqual(unreadable)
    expect(hits).toBe(1)
  })

  it('is a verdict only for error_code 0 with res 1 or 2', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<fc.JsonValue>('0', 0, '1', 1, '2', 2, '112', 112),
    )
    const answers = fc.record(
      {
        error_code: value,
        resultcode: value,
        result: fc.oneof(value, fc.record({ res: value })),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(answers, (said) => {
        const body = Buffer.from(JSON.stringify(said))
        const outcome = recogniseJuhe({ status: 200, headers: {}, body })
        if (!('verdict' in outcome) || outcome.verdict === 'unverifiable') return
        expect(['0', 0]).toContain(said.error_code)
        const { res } = said.result as { res: unknown }
        expect(outcome.verdict === 'match' ? ['1', 1] : ['2', 2]).toContain(res)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the reference of a Juhe call', () => {
  it.each([
    ['repeats the card number', `JH${MATCH_CARD}`],
    ['holds 8 digits of the card number', MATCH_CARD.slice(-8)],
    ['spells the card number with separators', '6299.9900.0000.0017'],
    ['is longer than 64 characters', 'J'.repeat(65)],
    ['holds a space', 'JH 1'],
    ['is an object', { id: 'JH1' }],
    ['is absent', undefined],
  ])('is not passed on where it %s', async (_what, jobid) => {
    const { outcome, providerReference, hits } = await answered({
      body: { ...success, result: { res: 1, jobid } },
    })
    expect(outcome).toEqual(match)
    expect(providerReference).toBeUndefined()
    expect(hits).toBe(1)
  })

  it('is passed on with a problem that has one', async () => {
    const body = { reason: '', result: { jobid: JOB_ID }, error_code: 218801 }
    expect((await answered({ body })).providerReference).toBe(JOB_ID)
  })
})

describe('a secret of Juhe', () => {
  it('is its key and openId', () => {
    expect(parseJuheSecret('encrypted')({ ...secret })).toEqual(secret)
    expect(parseJuheSecret('plain')({ ...secret })).toEqual(secret)
  })

  it('needs no openId on the plain channel', () => {
    expect(parseJuheSecret('plain')({ key: secret.key })).toEqual({ key: secret.key, openId: '' })
    expect(parseJuheSecret('encrypted')({ key: secret.key })).toBeUndefined()
  })

  it.each([undefined, null, '', 7, 'x y', 'x\n', '钥'])('is none with the key %j', (key) => {
    expect(parseJuheSecret('plain')({ ...secret, key })).toBeUndefined()
    expect(parseJuheSecret('encrypted')({ ...secret, key })).toBeUndefined()
  })

  it.each([null, '', 7, 'x y', '开'])('is none to encrypt with the openId %j', (openId) => {
    expect(parseJuheSecret('encrypted')({ ...secret, openId })).toBeUndefined()
  })
})
