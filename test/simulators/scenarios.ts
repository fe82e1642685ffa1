import type { WireFault } from './wire-fault.ts'

type ProviderName = 'databao' | 'juhe'

/**
 * What a provider answers before it adds what differs from call to call (trace ids, the echo).
 * A string is sent as it is; no body is an empty one.
 */
export type Answer = {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown> | string | undefined
}

export type Scenario = {
  /** What the card number carries: see {@link scenarioCard}. */
  number: number
  name: string
  title: string
  providers: ProviderName[]
  answers: Partial<Record<ProviderName, Answer>>
  fault?: WireFault
}

/** Not assigned to any issuer. */
const PREFIX = '629999'
const CARD_NUMBER = new RegExp(`^${PREFIX}(\\d{9}|\\d{12})\\d$`)
/** Scenario numbers from here on are people: the first digit of nine is the verdict. */
const PEOPLE = 100_000_000

const json = (body: Answer['body'], status = 200, headers = {}): Answer => ({
  status,
  headers,
  body,
})

const databao = (code: string | number, message: string, state?: string | number) =>
  json({ code, message, data: state === undefined ? null : { state } })

const databaoState = (state: string | number) => databao('10000', '成功', state)

const juheResult = (result: object | null) => json({ reason: '成功', result, error_code: 0 })

/** The old code of a system code: 10012 was 112. */
const oldCode = (systemCode: number) => String(systemCode - 9900)

const juheFailure = (code: number, reason: string) =>
  json({
    resultcode: code < 200_000 ? oldCode(code) : String(code),
    reason,
    result: null,
    error_code: code,
  })

const gateway = (status: number, message: string, code?: string): Answer => ({
  status,
  headers: {
    ...(code === undefined ? {} : { 'X-Ca-Error-Code': code }),
    'X-Ca-Error-Message': message,
  },
  body: undefined,
})

const scenario = (
  number: number,
  name: string,
  title: string,
  answers: Scenario['answers'],
  fault?: WireFault,
): Scenario => ({
  number,
  name,
  title,
  providers: (['databao', 'juhe'] as const).filter((provider) => answers[provider]),
  answers,
  ...(fault && { fault }),
})

const kebab = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const match = { databao: databaoState('1'), juhe: juheResult({ res: 1 }) }

const verdicts = [
  scenario(1, 'match', 'The elements belong together', match),
  scenario(2, 'mismatch', 'The elements do not belong together', {
    databao: databaoState('2'),
    juhe: juheResult({ res: 2 }),
  }),
  scenario(3, 'unverifiable', 'Cannot be decided: Databao state 3, Juhe 218806', {
    databao: databaoState('3'),
    juhe: juheFailure(218806, '认证失败'),
  }),
  scenario(4, 'no-record-or-locked', 'Databao 10016 no record, Juhe 218866 card locked', {
    databao: databao('10016', '未查询到数据'),
    juhe: juheFailure(218866, '认证失败,该卡当日连续多次认证不通过被限制校验,次日恢复'),
  }),
]

const oddDatabao = (number: number, name: string, title: string, answer: Answer) =>
  scenario(number, `databao-${name}`, `Databao: ${title}`, { databao: answer })

const databaoOddities = [
  oddDatabao(11, 'ok-message', 'match with X-Ca-Error-Message: OK, as older gateways send', {
    ...match.databao,
    headers: { 'X-Ca-Error-Message': 'OK' },
  }),
  oddDatabao(12, 'empty-error-code', 'match with an empty X-Ca-Error-Code', {
    ...match.databao,
    headers: { 'X-Ca-Error-Code': '' },
  }),
  oddDatabao(13, 'numbers', 'match with code and state as numbers', databao(10000, '成功', 1)),
  oddDatabao(14, 'status-450', 'no record (10016) with HTTP 450', {
    ...databao('10016', '未查询到数据'),
    status: 450,
  }),
  oddDatabao(
    15,
    'invalid-json',
    "the document's failure sample with its missing comma",
    json('{"code":"10001","message":"参数传入有误","data":null "seqNo":"4XU29Z4D1704061618"}'),
  ),
  oddDatabao(16, 'unknown-code', 'code 10999, not documented', databao('10999', '未知错误')),
  oddDatabao(17, 'unknown-state', 'state 9, not documented', databaoState('9')),
  oddDatabao(18, 'null-data', 'code 10000 without data', databao('10000', '成功')),
  oddDatabao(19, 'code-to-string', 'a code named toString', databao('toString', '未知错误')),
]

const oddJuhe = (number: number, name: string, title: string, answer: Answer) =>
  scenario(number, `juhe-${name}`, `Juhe: ${title}`, { juhe: answer })

const juheOddities = [
  oddJuhe(21, 'string-res', 'match with res as a string', juheResult({ res: '1' })),
  oddJuhe(
    22,
    'string-error-code',
    'match with error_code as a string',
    json({ reason: '成功', result: { res: 1 }, error_code: '0' }),
  ),
  oddJuhe(23, 'null-result', 'error_code 0 with result null', juheResult(null)),
  oddJuhe(24, 'unknown-res', 'res 3, not documented', juheResult({ res: 3 })),
  oddJuhe(
    25,
    'unknown-error-code',
    'error_code 218899, not documented',
    juheFailure(218899, '未知错误'),
  ),
  oddJuhe(
    26,
    'absent-result',
    '218806 without a result member',
    json({ resultcode: '218806', reason: '认证失败', error_code: 218806 }),
  ),
]

const faults = (
  [
    [51, 'slow', 'A right match, late'],
    [52, 'hang', 'No answer, the connection stays open'],
    [53, 'drip', 'Headers at once, then a blank every 100 ms without end'],
    [54, 'truncated-with-length', 'Half of the body the Content-Length promised'],
    [55, 'truncated-without-length', 'Half of the body, ended by closing the connection'],
    [56, 'html', 'An HTML page with HTTP 200'],
    [57, 'wrong-content-type', 'A right match, called text/html'],
    [58, 'gbk', 'A right match with its texts in GBK'],
    [59, 'invalid-bytes', 'A right match with bytes neither UTF-8 nor GBK in a text'],
    [60, 'oversized-chunked', 'A right match blown up to 1 MiB, chunked'],
    [61, 'oversized-with-length', 'A right match blown up to 1 MiB, with a Content-Length'],
    [62, 'reset-before-answer', 'The connection reset before the answer'],
    [63, 'reset-mid-body', 'The connection reset in the middle of the body'],
    [64, 'redirect-302', 'A redirect to /redirected, where a match waits'],
    [65, 'redirect-307', 'The same redirect with the request kept as it is'],
    [66, 'server-error', 'HTTP 500 with JSON of something else'],
    [67, 'empty-body', 'HTTP 200 with an empty body'],
    [68, 'gzip', 'A right match, gzipped unasked'],
    [69, 'duplicate-keys', 'The verdict twice: mismatch, then match'],
    [70, 'json-array', 'A right match inside an array'],
    [71, 'json-null', 'JSON null'],
    [72, 'json-too-deep', 'A right match below 10000 nested objects'],
  ] as const
).map(([number, fault, title]) => scenario(number, fault, title, match, fault))

const databaoCodes = Object.entries({
  10001: ['参数传入有误', 'parameters passed in are wrong'],
  10002: ['访问失败', 'access failed'],
  10003: ['请求超时', 'request timed out'],
  10004: ['系统异常', 'system error'],
  10005: ['用户验证失败', 'user not authenticated'],
  10006: ['查询参数错误', 'query parameters are wrong'],
  10007: ['调用接口失败', 'calling the interface failed'],
  10008: ['充值失败', 'top-up failed'],
  10009: ['请检查请求参数', 'check the request parameters'],
  10010: ['访问受限', 'access restricted'],
  10011: ['接口访问失败', 'interface access failed'],
  10012: ['请求失败', 'request failed'],
  10013: ['连接超时', 'connection timed out'],
  10014: ['该接口已停用', 'interface retired'],
  10015: ['该接口无法调用', 'interface cannot be called'],
  10016: ['未查询到数据', 'no data found'],
  10017: ['查询失败', 'query failed'],
  10018: ['参数错误', 'wrong parameters'],
  10019: ['系统异常', 'system error'],
  10020: ['同一参数请求次数超限', 'the same parameters asked too often'],
} as const).map(([code, [message, title]]) =>
  scenario(Number(code), `databao-${code}`, `Databao ${code}: ${title}`, {
    databao: databao(code, message),
  }),
)

const juheSystemCodes = {
  10001: ['错误的请求KEY', 'wrong key'],
  10002: ['该KEY无请求权限', 'key without permission'],
  10003: ['KEY过期', 'key expired'],
  10004: ['错误的OPENID', 'wrong OpenID'],
  10005: ['应用未审核超时，请提交认证', 'application not reviewed'],
  10007: ['未知的请求源', 'unknown request source'],
  10008: ['被禁止的IP', 'IP address forbidden'],
  10009: ['被禁止的KEY', 'key forbidden'],
  10011: ['当前IP请求超过限制', 'too many requests from this IP address'],
  10012: ['请求超过次数限制', 'quota used up'],
  10013: ['测试KEY超过请求限制', 'quota of the test key used up'],
  10014: [
    '系统内部异常(调用充值类业务时，请务必联系客服或通过订单查询接口检测订单，避免造成损失)',
    'internal error',
  ],
  10020: ['接口维护', 'interface under maintenance'],
  10021: ['接口停用', 'interface retired'],
} as const

const juheCodes = Object.entries({
  ...juheSystemCodes,
  218801: ['数据源超时', 'data source timed out'],
  218804: ['银行卡号不合法', 'illegal card number'],
  218805: ['姓名不合法', 'illegal name'],
  218806: ['认证失败', 'authentication failed'],
  218808: ['参数错误', 'wrong parameters'],
  218866: [
    '认证失败,该卡当日连续多次认证不通过被限制校验,次日恢复',
    'card locked until the next day',
  ],
} as const).map(([code, [reason, title]]) =>
  scenario(Number(code), `juhe-${code}`, `Juhe ${code}: ${title}`, {
    juhe: juheFailure(Number(code), reason),
  }),
)

const juheTooFrequent = scenario(
  2188041,
  'juhe-218804-too-frequent',
  'Juhe 218804: the same card asked too often',
  { juhe: juheFailure(218804, '同一银行卡请求过于频繁') },
)

const juheOldCodes = Object.entries(juheSystemCodes).map(([code, [reason, title]]) => {
  const resultcode = oldCode(Number(code))
  return scenario(
    Number(resultcode),
    `juhe-old-${resultcode}`,
    `Juhe old resultcode ${resultcode} alone: ${title}`,
    { juhe: json({ resultcode, reason, result: null }) },
  )
})

/** Characters 2 to 4 of a code are the HTTP status. */
const gatewayCodes = (
  [
    ['A400AC', 'Invalid AppCode'],
    ['A401AC', 'Invalid AppCode'],
    ['A400MA', 'Need authorization, X-Ca-Key or Authorization'],
    ['A400IK', 'Invalid AppKey'],
    ['A403IS', 'Invalid AppSecret'],
    ['I403AA', 'Unauthorized'],
    ['A403EP', 'App authorization expired'],
    ['B403MI', 'Api Market Subscription invalid'],
    ['B403MQ', 'Api Market Subscription quota exhausted'],
    ['B403ME', 'Api Market Subscription expired'],
    ['T429ID', 'Throttled by inner domain flow control'],
    ['I403PT', 'Invalid protocol http unsupported'],
    ['A403IP', 'Access denied by IP control'],
    ['A403VN', 'Access denied by VPC control'],
    ['A403AC', 'Access denied by access control'],
    ['A403CO', 'Cross-origin access denied'],
    ['A403IN', 'Access denied from the internet'],
    ['A403PR', 'Access denied by plugin'],
    ['B403OD', 'Provider arrears'],
    ['B403MO', 'Api Market provider arrears'],
    ['X403DG', 'Service degraded'],
    ['B451CO', 'Unavailable for legal reasons'],
    ['I410GG', 'Group gone'],
    ['I400HD', 'Invalid header'],
    ['I404NF', 'Api not found'],
    ['I405UM', 'Unsupported method'],
    ['I413RL', 'Request body too large'],
    ['X500ER', 'Service internal error'],
    ['D502FC', 'Backend function failed'],
    ['N502RE', 'Backend response transport error'],
    ['D503BB', 'Backend circuit breaker busy'],
    ['X503BZ', 'Service busy'],
    ['D504CO', 'Backend connection failed'],
    ['D504CS', 'Backend connection failed in TLS'],
    ['D504RE', 'Backend resolution failed'],
    ['D504IL', 'Backend address illegal'],
    ['D504TO', 'Backend timed out'],
    ['X504TO', 'Service timed out'],
    ['Q499ZZ', 'A code of no known family'],
  ] as const
).map(([code, message], index) =>
  scenario(400_001 + index, `gateway-${kebab(code)}`, `Databao gateway ${code}: ${message}`, {
    databao: gateway(Number(code.slice(1, 4)), message, code),
  }),
)

const legacyGatewayMessages = (
  [
    [403, 'Quota Exhausted'],
    [403, 'Quota Expired'],
    [403, 'User Arrears'],
    [403, 'Throttled by USER Flow Control'],
    [403, 'Throttled by API Flow Control'],
    [503, 'Service Unavailable'],
    [403, 'Invalid AppCode'],
    [400, 'Need authorization, X-Ca-Key or Authorization'],
    [403, 'Unauthorized'],
    [403, 'App authorization expired'],
    [403, 'Expiry of Authorization'],
    [403, 'Subscription invalid'],
    [403, 'Invalid protocol http unsupported'],
  ] as const
).map(([status, message], index) =>
  scenario(
    500_001 + index,
    `gateway-legacy-${kebab(message)}`,
    `Databao gateway without a code, HTTP ${status}: ${message}`,
    { databao: gateway(status, message) },
  ),
)

/** Every scenario there is. A number may mean one thing to Databao and another to Juhe. */
export const scenarios: readonly Scenario[] = [
  ...verdicts,
  ...databaoOddities,
  ...juheOddities,
  ...faults,
  ...juheOldCodes,
  ...databaoCodes,
  ...juheCodes,
  juheTooFrequent,
  ...gatewayCodes,
  ...legacyGatewayMessages,
]

const byName = new Map(scenarios.map((entry) => [entry.name, entry]))

export function scenarioNamed(name: string): Scenario {
  const found = byName.get(name)
  if (found === undefined) throw new Error(`no scenario is named ${name}`)
  return found
}

/** 629999, the number padded to 9 digits (16) or 12 (19), and a Luhn check digit. */
export function scenarioCard(number: number, length: 16 | 19 = 16): string {
  const digits = PREFIX + String(number).padStart(length - 7, '0')
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const weighted = Number(digit) * (index % 2 === 0 ? 2 : 1)
      return total + (weighted > 9 ? weighted - 9 : weighted)
    }, 0)
  return digits + ((10 - (sum % 10)) % 10)
}

/** The number a card carries, whatever its check digit; undefined off the prefix. */
export function scenarioOf(cardNumber: string): number | undefined {
  const field = CARD_NUMBER.exec(cardNumber)?.[1]
  return field === undefined ? undefined : Number(field)
}

const numbered = Map.groupBy(scenarios, ({ number }) => number)
const verdictOfPeople = ['match', 'match', 'mismatch', 'unverifiable']
const offPrefix = { databao: 'databao-10016', juhe: 'juhe-218806' }

/** What a provider answers for a card number. */
export function scenarioFor(provider: ProviderName, cardNumber: string): Scenario {
  const number = scenarioOf(cardNumber)
  if (number === undefined) return scenarioNamed(offPrefix[provider])
  const own = numbered.get(number)?.find(({ answers }) => answers[provider])
  return own ?? scenarioNamed(verdictOfPeople[Math.floor(number / PEOPLE)] ?? 'match')
}

/** The answer of a scenario that the provider is known to have. */
export function answerOf(provider: ProviderName, { name, answers }: Scenario): Answer {
  const answer = answers[provider]
  if (answer === undefined) throw new Error(`${provider} has no scenario ${name}`)
  return answer
}
