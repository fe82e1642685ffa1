import { DAY, MOST_DAYS, PAGE, REFERENCE, UUID } from '../../lib/http/record-endpoints.ts'
import { IDEMPOTENCY_KEY } from '../../lib/http/request-headers.ts'
import { type JsonObject, patternOf } from './json-schema.ts'
import type { Words } from './words.ts'

/** The parameters of each query, and their components. */
export const queries = {
  listVerifications: { reference: 'ReferenceQuery', limit: 'Limit', cursor: 'Cursor' },
  getUsage: { from: 'From', to: 'To' },
} as const

const MOST_OF_A_PAGE = 100

export function parameterComponents({ say }: Words): Record<string, JsonObject> {
  const day = (name: string, description: string, example: string): JsonObject => ({
    name,
    in: 'query',
    required: true,
    description,
    schema: { type: 'string', format: 'date', pattern: patternOf(DAY) },
    example,
  })
  return {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      description: say(
        'Your own key of this verification, such as a UUID or payment number; kept for 24 hours for each caller. The same key and request get the same reply again, with `Idempotency-Replayed: true`, and reach no provider. Send one with every verification and keep it over your retries. A deployment may require it (`requireIdempotencyKey`).',
        '调用方为本次核验自定的键，例如 UUID 或付款单号；按调用方保留 24 小时。同一个键、同一个请求会得到同一个应答，带 `Idempotency-Replayed: true`，且不会到达数据源。请为每次核验发送一个键，重试时保持不变。部署可以要求必须携带（`requireIdempotencyKey`）。',
      ),
      // White space around a header's value is no part of it.
      schema: {
        type: 'string',
        pattern: patternOf(IDEMPOTENCY_KEY).replace(/^\^(.*)\$$/, '^\\s*$1\\s*$'),
      },
      example: 'payout-8841',
    },
    CacheControl: {
      name: 'Cache-Control',
      in: 'header',
      description: say(
        '`no-cache` asks the provider anew, at a charge, in place of an earlier verdict or an unknown outcome. Any other value changes nothing.',
        '`no-cache` 表示不使用先前的结论，也不受结果未知的查询影响，而是重新查询数据源（会计费）。其他值没有作用。',
      ),
      schema: { type: 'string' },
      example: 'no-cache',
    },
    AcceptLanguage: {
      name: 'Accept-Language',
      in: 'header',
      description: say(
        'Texts of problems are Chinese where this prefers it over English, else English.',
        '决定错误文字的语言：偏好中文时为中文，否则为英文。',
      ),
      schema: { type: 'string' },
      example: 'zh-CN',
    },
    VerificationId: {
      name: 'id',
      in: 'path',
      required: true,
      description: say('`id` of the answer.', '应答的 `id`。'),
      // Read in either case.
      schema: { type: 'string', pattern: patternOf(UUID).replaceAll('a-f', 'A-Fa-f') },
      example: '019aa9b2-9c20-7c3e-8f51-2b6d0e7a4c19',
    },
    ReferenceQuery: {
      name: 'reference',
      in: 'query',
      required: true,
      description: say(
        'Your reference, exactly as it was sent.',
        '提交核验时所用的编号，须完全一致。',
      ),
      schema: { type: 'string', pattern: patternOf(REFERENCE) },
      example: 'payout-8841',
    },
    Limit: {
      name: 'limit',
      in: 'query',
      description: say('Most answers on a page.', '每页的最多条数。'),
      schema: {
        type: 'integer',
        minimum: 1,
        maximum: MOST_OF_A_PAGE,
        default: Number(PAGE.fallback),
      },
    },
    Cursor: {
      name: 'cursor',
      in: 'query',
      description: say('`cursor` of the page before.', '上一页的 `cursor`。'),
      schema: { type: 'string', pattern: patternOf(UUID) },
    },
    From: day('from', say('First day, in Asia/Shanghai.', '起始日（北京时间）。'), '2026-11-01'),
    To: day(
      'to',
      say(
        `Last day, in Asia/Shanghai: not before \`from\`, and at most ${MOST_DAYS} days in all.`,
        `结束日（北京时间）：不早于 \`from\`，合计至多 ${MOST_DAYS} 天。`,
      ),
      '2026-11-30',
    ),
  }
}

export function parameter(component: string): JsonObject {
  return { $ref: `#/components/parameters/${component}` }
}
