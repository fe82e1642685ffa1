import { once } from 'node:events'
import { connect } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startDatabaoSimulator } from './databao-simulator.ts'
import { loopbackCertificate } from './loopback-certificate.ts'
import type { ProviderSimulator } from './provider-simulator.ts'
import { rawExchange } from './raw-exchange.ts'
import { scenarioCard, scenarioNamed } from './scenarios.ts'

const appCode = '51a70000000000000000000000000001'
const path = '/communication/personal/1886'
const person = { name: '张三', idcard: '110101190001010014', acct_no: '6299990000000017' }
const formType = 'application/x-www-form-urlencoded; charset=UTF-8'
const headers = { Authorization: `APPCODE ${appCode}`, 'Content-Type': formType }
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

let simulator: ProviderSimulator
beforeAll(async () => {
  simulator = await startDatabaoSimulator({ appCode })
})
afterAll(() => simulator.close())

const send = (options: Parameters<typeof rawExchange>[1], target = path) =>
  rawExchange(simulator.url + target, { headers, body: form(person), ...options })

const ask = (name: string) =>
  send({ body: form({ ...person, acct_no: scenarioCard(scenarioNamed(name).number) }) })

const seqNo = expect.stringMatching(/^[0-9A-Z]{8}\d{10}$/)

describe('an answer of the seller', () => {
  it.each([
    ['match', { code: '10000', message: '成功', data: { state: '1' }, seqNo }],
    ['mismatch', { code: '10000', message: '成功', data: { state: '2' }, seqNo }],
    ['unverifiable', { code: '10000', message: '成功', data: { state: '3' }, seqNo }],
    ['no-record-or-locked', { code: '10016', message: '未查询到数据', data: null, seqNo }],
    ['databao-ok-message', { code: '10000', message: '成功', data: { state: '1' }, seqNo }],
    ['databao-empty-error-code', { code: '10000', message: '成功', data: { state: '1' }, seqNo }],
    ['databao-numbers', { code: 10000, message: '成功', data: { state: 1 }, seqNo }],
    ['databao-unknown-code', { code: '10999', message: '未知错误', data: null, seqNo }],
    ['databao-unknown-state', { code: '10000', message: '成功', data: { state: '9' }, seqNo }],
    ['databao-null-data', { code: '10000', message: '成功', data: null, seqNo }],
    ['databao-code-to-string', { code: 'toString', message: '未知错误', data: null, seqNo }],
  ])('to %s is as documented', async (name, body) => {
    const answer = await ask(name)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['x-ca-request-id']).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
    expect(JSON.parse(answer.body.toString())).toEqual(body)
  })

  it.each([
    ['match', undefined, undefined],
    ['databao-ok-message', 'OK', undefined],
    ['databao-empty-error-code', undefined, ''],
  ])('to %s has its gateway headers', async (name, message, code) => {
    const answer = await ask(name)
    expect(answer.headers['x-ca-error-message']).toBe(message)
    expect(answer.headers['x-ca-error-code']).toBe(code)
  })

  it.each([
    [10001, '参数传入有误'],
    [10002, '访问失败'],
    [10003, '请求超时'],
    [10004, '系统异常'],
    [10005, '用户验证失败'],
    [10006, '查询参数错误'],
    [10007, '调用接口失败'],
    [10008, '充值失败'],
    [10009, '请检查请求参数'],
    [10010, '访问受限'],
    [10011, '接口访问失败'],
    [10012, '请求失败'],
    [10013, '连接超时'],
    [10014, '该接口已停用'],
    [10015, '该接口无法调用'],
    [10016, '未查询到数据'],
    [10017, '查询失败'],
    [10018, '参数错误'],
    [10019, '系统异常'],
    [10020, '同一参数请求次数超限'],
  ])('to number %i is that code', async (number, message) => {
    const answer = await send({ body: form({ ...person, acct_no: scenarioCard(number, 19) }) })
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: String(number),
      message,
      data: null,
      seqNo,
    })
  })

  it('has a seqNo and a request id of its own', async () => {
    const answers = await Promise.all([ask('match'), ask('match'), ask('match')])
    const ids = answers.flatMap(({ headers: received, body }) => [
      received['x-ca-request-id'],
      JSON.parse(body.toString()).seqNo,
    ])
    expect(new Set(ids).size).toBe(6)
  })

  it('can be a failure with HTTP 450', async () => {
    const answer = await ask('databao-status-450')
    expect(answer.status).toBe(450)
    expect(answer.headers['x-ca-error-code']).toBeUndefined()
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: '10016', data: null })
  })

  it("can be the document's sample, which is not JSON", async () => {
    const { body } = await ask('databao-invalid-json')
    expect(body.toString()).toContain('"data":null "seqNo"')
    expect(() => JSON.parse(body.toString())).toThrow(SyntaxError)
  })

  it('says no record of a card off the prefix', async () => {
    const { body } = await send({ body: form({ ...person, acct_no: '6217000000000000' }) })
    expect(JSON.parse(body.toString()).code).toBe('10016')
  })
})

describe('an answer of the gateway', () => {
  const codes = `
    A400AC A401AC A400MA A400IK A403IS I403AA A403EP B403MI B403MQ B403ME T429ID I403PT
    A403IP A403VN A403AC A403CO A403IN A403PR B403OD B403MO X403DG B451CO I410GG I400HD
    I404NF I405UM I413RL X500ER D502FC N502RE D503BB X503BZ D504CO D504CS D504RE D504IL
    D504TO X504TO Q499ZZ
  `

  it.each(codes.trim().split(/\s+/))('%s has its status, headers and no body', async (code) => {
    const answer = await ask(`gateway-${code.toLowerCase()}`)
    expect(answer.status).toBe(Number(code.slice(1, 4)))
    expect(answer.headers).toMatchObject({
      'content-length': '0',
      'x-ca-error-code': code,
      'x-ca-error-message': expect.stringMatching(/./),
      'x-ca-request-id': expect.stringMatching(/./),
    })
    expect(answer.headers['content-type']).toBeUndefined()
    expect(answer.body).toHaveLength(0)
  })

  it.each([
    [403, 'Quota Exhausted', 'quota-exhausted'],
    [403, 'Quota Expired', 'quota-expired'],
    [403, 'User Arrears', 'user-arrears'],
    [403, 'Throttled by USER Flow Control', 'throttled-by-user-flow-control'],
    [403, 'Throttled by API Flow Control', 'throttled-by-api-flow-control'],
    [503, 'Service Unavailable', 'service-unavailable'],
    [403, 'Invalid AppCode', 'invalid-appcode'],
    [
      400,
      'Need authorization, X-Ca-Key or Authorization',
      'need-authorization-x-ca-key-or-authorization',
    ],
    [403, 'Unauthorized', 'unauthorized'],
    [403, 'App authorization expired', 'app-authorization-expired'],
    [403, 'Expiry of Authorization', 'expiry-of-authorization'],
    [403, 'Subscription invalid', 'subscription-invalid'],
    [403, 'Invalid protocol http unsupported', 'invalid-protocol-http-unsupported'],
  ])('of the old kind with %i is %s alone', async (status, message, name) => {
    const answer = await ask(`gateway-legacy-${name}`)
    expect(answer.status).toBe(status)
    expect(answer.headers['x-ca-error-message']).toBe(message)
    expect(answer.headers['x-ca-error-code']).toBeUndefined()
    expect(answer.headers['x-ca-request-id']).toMatch(/./)
    expect(answer.headers['content-length']).toBe('0')
  })
})

describe('a request the gateway refuses', () => {
  const withAuthorization = (value: string) => ({ headers: { ...headers, Authorization: value } })

  it.each([
    ['another path', {}, `${path}/`, 404, 'I404NF'],
    ['GET', { method: 'GET', body: '' }, path, 405, 'I405UM'],
    ['no authorization', { headers: { 'Content-Type': formType } }, path, 400, 'A400MA'],
    ['the code alone', withAuthorization(appCode), path, 401, 'A401AC'],
    ['two spaces', withAuthorization(`APPCODE  ${appCode}`), path, 401, 'A401AC'],
    ['lower case', withAuthorization(`appcode ${appCode}`), path, 401, 'A401AC'],
    ['the wrong code', withAuthorization('APPCODE 51a7'), path, 400, 'A400AC'],
  ])('has %s', async (_, options, target, status, code) => {
    const answer = await send(options, target)
    expect([answer.status, answer.headers['x-ca-error-code']]).toEqual([status, code])
    expect(answer.body).toHaveLength(0)
  })
})

describe('a request the seller refuses with 10001', () => {
  const { acct_no, ...withoutCard } = person

  it.each([
    ['no card number', { body: form(withoutCard) }],
    ['an empty name', { body: form({ ...person, name: '' }) }],
    ['an empty ID number', { body: form({ ...person, idcard: '' }) }],
    ['a key', { body: form({ ...person, key: 'x' }) }],
    ['a field twice', { body: `${form(person)}&acct_no=${acct_no}` }],
    ['a name in GBK', { body: `${form({ ...person, name: '' })}&name=%D5%C5%C8%FD` }],
    ['raw bytes', { body: Buffer.from([...Buffer.from(`${form(person)}&x=`), 0xd5, 0xc5]) }],
    ['JSON', { body: JSON.stringify(person) }],
    ['another content type', { headers: { ...headers, 'Content-Type': 'text/plain' } }],
    ['no body', { body: '' }],
  ])('has %s', async (_, options) => {
    const { status, body } = await send(options)
    expect(status).toBe(200)
    expect(JSON.parse(body.toString())).toMatchObject({ code: '10001', data: null })
  })

  it('has anything in the query string', async () => {
    const { body } = await send({}, `${path}?${form(person)}`)
    expect(JSON.parse(body.toString()).code).toBe('10001')
  })
})

describe('what the simulator records', () => {
  it('is every request that arrived complete, and every connection', async () => {
    const own = await startDatabaoSimulator({ appCode })
    await rawExchange(own.url + path, { headers, body: form(person) })
    await rawExchange(own.url + path, { body: '' })
    expect(own.hits).toEqual([
      { at: expect.any(Number), path, scenario: 'match', cardNumber: person.acct_no },
      { at: expect.any(Number), path, scenario: 'gateway-a400ma', cardNumber: undefined },
    ])
    expect(own.connections).toBe(2)
    await own.close()
  })
})

describe('a simulator of its own', () => {
  it('does not count a request whose body broke off', async () => {
    const own = await startDatabaoSimulator({ appCode })
    const socket = connect(Number(new URL(own.url).port), '127.0.0.1')
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nname=`
    socket.write(head, () => socket.destroy())
    await once(socket, 'close')
    await rawExchange(own.url + path, { headers, body: form(person) })
    expect(own.hits).toHaveLength(1)
    expect(own.connections).toBe(2)
    await own.close()
  })

  it('comes back on the port it had', async () => {
    const first = await startDatabaoSimulator({ appCode })
    await first.close()
    await expect(rawExchange(first.url + path)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const second = await startDatabaoSimulator({ appCode, port: Number(new URL(first.url).port) })
    expect(second.url).toBe(first.url)
    expect((await rawExchange(second.url + path)).status).toBe(400)
    await second.close()
  })
})

describe('over TLS', () => {
  const { key, cert } = loopbackCertificate()
  let secure: ProviderSimulator
  beforeAll(async () => {
    secure = await startDatabaoSimulator({ appCode, tls: { key, cert } })
  })
  afterAll(() => secure.close())

  const askSecurely = (name: string, ca: string) =>
    rawExchange(secure.url + path, {
      headers,
      ca,
      body: form({ ...person, acct_no: scenarioCard(scenarioNamed(name).number) }),
    })

  it('answers who trusts the certificate, and nobody else', async () => {
    expect(secure.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const { body } = await askSecurely('match', cert)
    expect(JSON.parse(body.toString()).data).toEqual({ state: '1' })
    await expect(askSecurely('match', loopbackCertificate().cert)).rejects.toThrow(/certificate/)
  })

  it('resets the TCP connection below', async () => {
    await expect(askSecurely('reset-before-answer', cert)).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })
})
