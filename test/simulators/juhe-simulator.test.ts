import { createCipheriv, createHash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startJuheSimulator } from './juhe-simulator.ts'
import type { ProviderSimulator } from './provider-simulator.ts'
import { rawExchange } from './raw-exchange.ts'
import { scenarioCard, scenarioNamed } from './scenarios.ts'

const key = '51a70000000000000000000000000002'
const openId = 'JH00000000000000000000000000000000'
const plainPath = '/verifybankcard/query'
const encryptedPath = '/verifybankcard/queryEncry'
const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
const person = { key, realname: '张三', bankcard: '6299990000000017' }

/** The vectors of the providers' contract, made with OpenSSL. */
const vectors = {
  realname: 'w4tWN3F2Gevq6n7XGTRi0w==',
  bankcard: 'iEdQ2pZDbUFxaKiYbe1aCc4uyyAhiiZGbJlPkyImrBc=',
}

function encrypt(clear: string | Buffer, secret = openId) {
  const aesKey = createHash('md5').update(secret).digest('hex').slice(0, 16)
  const cipher = createCipheriv('aes-128-ecb', aesKey, null)
  return Buffer.concat([cipher.update(clear), cipher.final()]).toString('base64')
}

let simulator: ProviderSimulator
beforeAll(async () => {
  simulator = await startJuheSimulator({ key, openId })
})
afterAll(() => simulator.close())

async function post(path: string, fields: Record<string, string> | string) {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString()
  const answer = await rawExchange(simulator.url + path, { headers, body })
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json;charset=utf-8')
  return JSON.parse(answer.body.toString())
}

const ask = (name: string) =>
  post(plainPath, { ...person, bankcard: scenarioCard(scenarioNamed(name).number) })

const echo = { realname: '张三', bankcard: '629999*****' }

describe('the plain channel', () => {
  it.each([
    ['match', { reason: '成功', result: { ...echo, res: 1 }, error_code: 0 }],
    ['mismatch', { reason: '成功', result: { ...echo, res: 2 }, error_code: 0 }],
    [
      'unverifiable',
      { resultcode: '218806', reason: '认证失败', result: null, error_code: 218806 },
    ],
    [
      'no-record-or-locked',
      {
        resultcode: '218866',
        reason: '认证失败,该卡当日连续多次认证不通过被限制校验,次日恢复',
        result: null,
        error_code: 218866,
      },
    ],
    ['juhe-string-res', { reason: '成功', result: { ...echo, res: '1' }, error_code: 0 }],
    ['juhe-string-error-code', { reason: '成功', result: { ...echo, res: 1 }, error_code: '0' }],
    ['juhe-null-result', { reason: '成功', result: null, error_code: 0 }],
    ['juhe-unknown-res', { reason: '成功', result: { ...echo, res: 3 }, error_code: 0 }],
    [
      'juhe-unknown-error-code',
      { resultcode: '218899', reason: '未知错误', result: null, error_code: 218899 },
    ],
    ['juhe-absent-result', { resultcode: '218806', reason: '认证失败', error_code: 218806 }],
    [
      'juhe-218804-too-frequent',
      {
        resultcode: '218804',
        reason: '同一银行卡请求过于频繁',
        result: null,
        error_code: 218804,
      },
    ],
  ])('answers %s', async (name, body) => {
    expect(await ask(name)).toEqual(body)
  })

  it.each([
    [10001, '101', '错误的请求KEY'],
    [10002, '102', '该KEY无请求权限'],
    [10003, '103', 'KEY过期'],
    [10004, '104', '错误的OPENID'],
    [10005, '105', '应用未审核超时，请提交认证'],
    [10007, '107', '未知的请求源'],
    [10008, '108', '被禁止的IP'],
    [10009, '109', '被禁止的KEY'],
    [10011, '111', '当前IP请求超过限制'],
    [10012, '112', '请求超过次数限制'],
    [10013, '113', '测试KEY超过请求限制'],
    [
      10014,
      '114',
      '系统内部异常(调用充值类业务时，请务必联系客服或通过订单查询接口检测订单，避免造成损失)',
    ],
    [10020, '120', '接口维护'],
    [10021, '121', '接口停用'],
  ])('answers system code %i, and its old code %s alone', async (number, resultcode, reason) => {
    const failure = { resultcode, reason, result: null }
    expect(await post(plainPath, { ...person, bankcard: scenarioCard(number) })).toEqual({
      ...failure,
      error_code: number,
    })
    expect(
      await post(plainPath, { ...person, bankcard: scenarioCard(Number(resultcode)) }),
    ).toEqual(failure)
  })

  it.each([
    [218801, '数据源超时'],
    [218804, '银行卡号不合法'],
    [218805, '姓名不合法'],
    [218806, '认证失败'],
    [218808, '参数错误'],
    [218866, '认证失败,该卡当日连续多次认证不通过被限制校验,次日恢复'],
  ])('answers service code %i', async (number, reason) => {
    expect(await post(plainPath, { ...person, bankcard: scenarioCard(number, 19) })).toEqual({
      resultcode: String(number),
      reason,
      result: null,
      error_code: number,
    })
  })

  it('adds a job id and a message only when asked with 1', async () => {
    const jobid = expect.stringMatching(/^JH\d{22}[A-Z]{2}$/)
    const both = await post(plainPath, { ...person, jobid: '1', message: '1' })
    expect(both.result).toEqual({ ...echo, res: 1, jobid, message: '认证信息匹配' })
    const again = await post(plainPath, { ...person, jobid: '1', message: '0' })
    expect(again.result).toEqual({ ...echo, res: 1, jobid })
    expect(again.result.jobid).not.toBe(both.result.jobid)
  })

  it('takes GET too', async () => {
    const query = new URLSearchParams(person).toString()
    const { body } = await rawExchange(`${simulator.url}${plainPath}?${query}`, { method: 'GET' })
    expect(JSON.parse(body.toString()).result).toEqual({ ...echo, res: 1 })
  })

  it('declines a card off the prefix', async () => {
    const answer = await post(plainPath, { ...person, bankcard: '6217000000000000' })
    expect(answer.error_code).toBe(218806)
  })

  it.each([
    ['a wrong key', { ...person, key: 'wrong' }, 10001, '101'],
    ['no key', { realname: '张三', bankcard: person.bankcard }, 10001, '101'],
    ['no name', { key, bankcard: person.bankcard }, 218808, '218808'],
    ['no card number', { key, realname: '张三' }, 218808, '218808'],
    ['ciphertext', { key, ...vectors }, 218804, '218804'],
    ['letters in the card number', { ...person, bankcard: '62999900000000O1' }, 218804, '218804'],
  ])('refuses %s', async (_, fields, errorCode, resultcode) => {
    expect(await post(plainPath, fields)).toMatchObject({
      error_code: errorCode,
      resultcode,
      result: null,
    })
  })

  it('reads no key from the query of a POST', async () => {
    const query = new URLSearchParams(person).toString()
    expect(await post(`${plainPath}?${query}`, '')).toMatchObject({ error_code: 10001 })
  })

  it.each([
    ['/verifybankcard/other', 'POST'],
    [plainPath, 'PUT'],
  ])('has nothing at %s for %s', async (path, method) => {
    const { status } = await rawExchange(simulator.url + path, { method, headers })
    expect(status).toBe(404)
  })
})

describe('the encrypted channel', () => {
  it('understands the vectors, and echoes nothing', async () => {
    expect(encrypt('张三')).toBe(vectors.realname)
    expect(encrypt('6299990000000017')).toBe(vectors.bankcard)
    expect(await post(encryptedPath, { key, ...vectors })).toEqual({
      reason: '成功',
      result: { res: 1 },
      error_code: 0,
    })
    expect(simulator.hits.at(-1)).toMatchObject({
      path: encryptedPath,
      scenario: 'match',
      cardNumber: '6299990000000017',
    })
  })

  it('lets the decrypted card number choose, and adds job id and message', async () => {
    const answer = await post(encryptedPath, {
      key,
      realname: vectors.realname,
      bankcard: encrypt(scenarioCard(2, 19)),
      jobid: '1',
      message: '1',
    })
    expect(answer.result).toEqual({
      res: 2,
      jobid: expect.stringMatching(/^JH\d{22}[A-Z]{2}$/),
      message: '认证信息不匹配',
    })
  })

  it.each([
    ['another openid', { bankcard: encrypt(person.bankcard, 'JH1') }],
    ['clear text', { bankcard: person.bankcard }],
    ['base64 twice', { bankcard: Buffer.from(vectors.bankcard).toString('base64') }],
    ['no padding', { bankcard: vectors.bankcard.slice(0, -1) }],
    ['no digits', { bankcard: encrypt('card') }],
    ['a name in GBK', { realname: encrypt(Buffer.from([0xd5, 0xc5, 0xc8, 0xfd])) }],
    ['a name in the clear', { realname: '张三' }],
  ])('answers 10004 to %s', async (_, fields) => {
    expect(await post(encryptedPath, { key, ...vectors, ...fields })).toMatchObject({
      error_code: 10004,
      resultcode: '104',
      result: null,
    })
  })

  it('answers 10004 to a plus sign that was not escaped', async () => {
    const cards = Array.from({ length: 99 }, (_, index) =>
      encrypt(scenarioCard(100_000_000 + index)),
    )
    const bankcard = cards.find((card) => card.includes('+'))
    const body = `key=${key}&realname=${vectors.realname}&bankcard=${bankcard}`
    expect(await post(encryptedPath, body)).toMatchObject({ error_code: 10004 })
    expect(await post(encryptedPath, body.replaceAll('+', '%2B'))).toMatchObject({ error_code: 0 })
  })

  it('checks the key and the fields first', async () => {
    expect(await post(encryptedPath, { ...vectors })).toMatchObject({ error_code: 10001 })
    expect(await post(encryptedPath, { key })).toMatchObject({ error_code: 218808 })
  })
})
