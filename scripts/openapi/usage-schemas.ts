import { DAY } from '../../lib/http/record-endpoints.ts'
import { closed, patternOf, ref, type Schema } from './json-schema.ts'
import { providers } from './verification-schemas.ts'
import type { Words } from './words.ts'

export function usageSchemas({ say }: Words): Record<string, Schema> {
  const day = (en: string, zh: string): Schema => ({
    type: 'string',
    format: 'date',
    pattern: patternOf(DAY),
    description: say(en, zh),
  })
  const count = (en: string, zh: string): Schema => ({
    type: 'integer',
    minimum: 0,
    description: say(en, zh),
  })
  // Counting is best effort, so what is taken back may once have been lost.
  const difference = (en: string, zh: string): Schema => ({
    type: 'integer',
    description: say(en, zh),
  })
  const all = (properties: Record<string, Schema>) => closed(properties, Object.keys(properties))
  return {
    Usage: {
      ...all({
        from: day('First day.', '起始日。'),
        to: day('Last day.', '结束日。'),
        usage: { type: 'array', items: ref('UsageLine') },
      }),
      description: say(
        'What the whole deployment was asked in these days.',
        '这些日期内整个部署的用量。',
      ),
    },
    UsageLine: {
      ...all({
        day: day('Day in Asia/Shanghai.', '北京时间的日期。'),
        provider: { type: 'string', enum: providers },
        caller: {
          type: 'string',
          pattern: '^(?:iam|jwt):',
          description: say(
            'Who asked: the IAM role or user (`iam:arn…`), or the subject of a JWT (`jwt:…`).',
            '调用方：IAM 角色或用户（`iam:arn…`），或 JWT 的主体（`jwt:…`）。',
          ),
        },
        asked: count('Valid requests.', '有效请求数。'),
        reached: difference('Of these, sent to the provider.', '其中发往数据源的次数。'),
        reused: count('Answered with an earlier verdict.', '以先前结论应答的次数。'),
        replayed: count('Answered with the reply kept under their key.', '按同一个键重放的次数。'),
        refused: count('Refused by a guard or a cap.', '被次数保护或用量上限拒绝的次数。'),
        billed: {
          ...all({
            yes: count('Charged.', '已计费。'),
            no: count('Not charged.', '未计费。'),
            unknown: difference(
              'Neither charged for certain nor spared for certain.',
              '不能确定是否计费。',
            ),
          }),
          description: say('What became of those that were sent.', '已发出的调用的计费情况。'),
        },
        verdicts: all({
          match: count('Matches.', '匹配。'),
          mismatch: count('Mismatches.', '不匹配。'),
          unverifiable: count('Undecided.', '无法核验。'),
        }),
      }),
      description: say(
        'The counts of one day, provider and caller.',
        '某日、某数据源、某调用方的计数。',
      ),
    },
  }
}
