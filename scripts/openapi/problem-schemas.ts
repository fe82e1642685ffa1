import { type Problem, problemOf } from '../../lib/errors/problem.ts'
import { AppError } from '../../lib/errors/app-error.ts'
import { problemCatalog, type Row } from '../../lib/errors/problem-catalog.ts'
import { REQUEST_ID } from '../../lib/http/api-gateway-event.ts'
import type { ParameterError } from '../../lib/http/query.ts'
import type { FieldError } from '../../lib/verification/field.ts'
import { closed, patternOf, ref, type Schema } from './json-schema.ts'
import { problemCodes } from './problem-codes.ts'
import { parametersOf, pointersOf } from './problems-of-status.ts'
import { providerReferenceSchema, providers } from './verification-schemas.ts'
import type { Words } from './words.ts'

const fieldFailures = {
  required: ['it is missing', '缺少该项'],
  type: ['it is no string', '不是字符串'],
  unknown_field: [
    'there is no such field; its name is not repeated, for it may be a card number',
    '没有这个字段；其名称不会返回，因为它可能就是卡号',
  ],
  length: ['too short or too long', '长度不符'],
  format: ['it is not written as it must be', '格式不符'],
  checksum: ['the check character of the ID number is wrong', '身份证号校验码错误'],
  birth_date: ['the birth date is none, or in the future', '出生日期不存在或晚于今天'],
  region: ['the ID number starts with no known province', '身份证号开头不是已知的省级代码'],
  legacy_15_digit: [
    'an ID number of 15 digits, withdrawn in 2013',
    '15 位身份证号，已于 2013 年停用',
  ],
  personal_data: ['a reference that passes for a card or ID number', '编号形似卡号或身份证号'],
} satisfies Record<FieldError['code'], readonly [en: string, zh: string]>

const parameterFailures = {
  required: fieldFailures.required,
  format: fieldFailures.format,
  length: ['more days than may be asked for', '天数超过上限'],
  unknown_field: ['there is no such parameter', '没有这个参数'],
} satisfies Record<ParameterError['code'], readonly [en: string, zh: string]>

export function problemSchemas(words: Words): Record<string, Schema> {
  const { say } = words
  const members = {
    type: {
      type: 'string',
      format: 'uri',
      enum: problemCodes.map((code) => problemOf(new AppError(code), '', 'en').problem.type),
      description: say(
        'Stable; ends in the code. Not meant to be opened.',
        '稳定不变，以 code 结尾；不用于访问。',
      ),
    },
    title: {
      type: 'string',
      minLength: 1,
      description: say('A title for people.', '供人阅读的标题。'),
    },
    status: {
      type: 'integer',
      enum: [...new Set(problemCodes.map((code) => problemCatalog[code].status))].sort(
        (a, b) => a - b,
      ),
    },
    detail: {
      type: 'string',
      minLength: 1,
      description: say(
        'An explanation for people. Never holds a value that was sent, nor text of a provider.',
        '供人阅读的说明；绝不包含所提交的值或数据源的原文。',
      ),
    },
    code: ref('ProblemCode'),
    requestId: {
      type: 'string',
      pattern: patternOf(REQUEST_ID),
      description: say(
        "What the operator's log calls this request. Of a replayed problem: the first one.",
        '运营方日志中本次请求的编号；重放的错误为首次请求的编号。',
      ),
    },
    provider: {
      type: 'string',
      enum: providers,
      description: say('Who was asked, or is paused.', '所查询的（或已暂停的）数据源。'),
    },
    providerCode: {
      type: 'string',
      minLength: 1,
      description: say(
        'Code of the provider or its gateway, as its document lists it.',
        '数据源或其网关的错误码，以其文档为准。',
      ),
    },
    providerReference: providerReferenceSchema(words),
    errors: {
      type: 'array',
      minItems: 1,
      items: { oneOf: [ref('FieldError'), ref('ParameterError')] },
      description: say(
        'Every failing field or parameter; with `validation_failed` only.',
        '所有未通过校验的字段或参数；仅出现在 `validation_failed` 中。',
      ),
    },
    retryable: {
      type: 'boolean',
      description: say(
        'May the same request be sent again? Then wait for `Retry-After` and keep the `Idempotency-Key`.',
        '能否原样重发；可以时请等待 `Retry-After` 指定的时间，并保持同一个 `Idempotency-Key`。',
      ),
    },
    billable: {
      type: 'string',
      enum: ['no', 'unknown'],
      description: say(
        '`no`: certainly no charge. `unknown`: the call may have been charged.',
        '`no`：肯定未计费；`unknown`：可能已计费。',
      ),
    },
  } satisfies Record<keyof Problem, Schema>
  const hasErrors = { required: ['errors'], properties: { errors: { type: 'array' } } }
  const optional = ['provider', 'providerCode', 'providerReference', 'errors']
  return {
    Problem: {
      ...closed(
        members,
        Object.keys(members).filter((member) => !optional.includes(member)),
      ),
      if: { required: ['code'], properties: { code: { const: 'validation_failed' } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: hasErrors,
      else: { not: hasErrors },
      description: say(
        'A failure, as problem details of RFC 9457. Decide by `code`, `retryable` and `billable`; texts may change.',
        'RFC 9457 格式的错误。请依据 `code`、`retryable` 和 `billable` 处理；文字可能变化。',
      ),
    },
    ProblemCode: { type: 'string', enum: problemCodes, description: catalogTable(words) },
    FieldError: {
      ...closed(
        {
          pointer: {
            type: 'string',
            enum: pointersOf('verifyThreeElement'),
            description: say(
              'JSON Pointer to the field; empty for an unknown one.',
              '指向该字段的 JSON Pointer；未知字段时为空。',
            ),
          },
          code: {
            type: 'string',
            enum: Object.keys(fieldFailures),
            description: failureList(words, fieldFailures),
          },
        } satisfies Record<keyof FieldError, Schema>,
        ['pointer', 'code'],
      ),
      description: say('A field of the body that fails.', '请求体中未通过校验的字段。'),
    },
    ParameterError: {
      ...closed(
        {
          parameter: {
            type: 'string',
            enum: [...new Set([...parametersOf('listVerifications'), ...parametersOf('getUsage')])],
            description: say(
              'Name of the query parameter; empty for an unknown one.',
              '查询参数的名称；未知参数时为空。',
            ),
          },
          code: {
            type: 'string',
            enum: Object.keys(parameterFailures),
            description: failureList(words, parameterFailures),
          },
        } satisfies Record<keyof ParameterError, Schema>,
        ['parameter', 'code'],
      ),
      description: say('A query parameter that fails.', '未通过校验的查询参数。'),
    },
    GatewayMessage: {
      type: 'object',
      required: ['message'],
      properties: { message: { type: 'string' } },
      description: say(
        "An answer of API Gateway's own: the function did not make it. It is no problem of RFC 9457 and carries no `x-request-id`.",
        'API Gateway 自己的应答，并非函数所作：不是 RFC 9457 格式，也没有 `x-request-id`。',
      ),
    },
  }
}

function catalogTable({ say }: Words): string {
  const rows = (language: 'en' | 'zh', yes: string, no: string, midnight: string) =>
    problemCodes.map((code) => {
      const { status, retryable, retryAfter, title }: Row = problemCatalog[code]
      const wait = retryAfter === 'midnight' ? midnight : retryAfter ? `${retryAfter} s` : '–'
      return `| \`${code}\` | ${status} | ${retryable ? yes : no} | ${wait} | ${title[language]} |`
    })
  return say(
    [
      '| code | status | retryable | Retry-After | meaning |',
      '| --- | --- | --- | --- | --- |',
      ...rows('en', 'yes', 'no', 'to midnight, Asia/Shanghai'),
      '',
      "`provider_timeout` is `retryable: true` for Juhe's 218801, which is not charged. A code that is retryable here is not where the call may have run, nor `credentials_unavailable` where a secret is malformed. While a provider is paused, `provider_quota_exhausted` and `provider_credentials_rejected` carry what is left of the pause as `Retry-After`.",
    ].join('\n'),
    [
      '| 代码 | 状态码 | 可重试 | Retry-After | 含义 |',
      '| --- | --- | --- | --- | --- |',
      ...rows('zh', '是', '否', '到北京时间零点'),
      '',
      '聚合数据 218801 对应的 `provider_timeout` 不计费，其 `retryable` 为 `true`。表中可重试的错误，若调用可能已经执行则不可重试；密钥内容有误时的 `credentials_unavailable` 也不可重试。数据源暂停期间，`provider_quota_exhausted` 和 `provider_credentials_rejected` 以 `Retry-After` 给出剩余的暂停秒数。',
    ].join('\n'),
  )
}

function failureList(
  { say }: Words,
  failures: Record<string, readonly [en: string, zh: string]>,
): string {
  const lines = (language: 0 | 1, colon: string) =>
    Object.entries(failures).map(([code, texts]) => `- \`${code}\`${colon}${texts[language]}`)
  return say(lines(0, ': ').join('\n'), lines(1, '：').join('\n'))
}
