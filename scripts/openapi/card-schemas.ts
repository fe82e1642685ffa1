import type { Warning } from '../../lib/verification/field.ts'
import type { Issuer } from '../../lib/verification/issuer.ts'
import type { Verification } from '../../lib/verification/verification.ts'
import { closed, type MemberOf, type Schema } from './json-schema.ts'
import type { Words } from './words.ts'

const cardTypes = {
  debit: true,
  credit: true,
  semi_credit: true,
  prepaid: true,
} satisfies Record<Issuer['type'], true>
const warningCodes = {
  luhn: true,
  private_use_character: true,
  bin_unknown: true,
  document_type: true,
} satisfies Record<Warning['code'], true>

/** What an answer says of the card and of the values that were sent. */
export function cardSchemas({ say }: Words): Record<string, Schema> {
  const last4 = {
    type: 'string',
    pattern: '^[0-9]{4}$',
    description: say(
      'The last four digits, for the caller that has just sent the number.',
      '卡号后四位，只返回给刚刚提交该卡号的调用方。',
    ),
  }
  const issuer = {
    bank: {
      type: 'string',
      minLength: 1,
      description: say(
        'The issuer, where a BIN table knows it: enrichment, never a reason for a verdict.',
        '发卡行，能识别卡 BIN 时才有；只是补充信息，与结论无关。',
      ),
    },
    type: {
      type: 'string',
      enum: Object.keys(cardTypes),
      description: say(
        'Debit, credit, semi-credit or prepaid; there with `bank`.',
        '借记卡、贷记卡、准贷记卡或预付费卡；与 `bank` 同时出现。',
      ),
    },
  } satisfies Record<keyof Issuer, Schema>
  const card = (properties: Record<string, Schema>, description: string): Schema => ({
    ...closed(properties, []),
    dependentRequired: { bank: ['type'], type: ['bank'] },
    description,
  })
  return {
    Card: card(
      { last4, ...issuer } satisfies Record<MemberOf<Verification['card']>, Schema>,
      say('What is known of the card.', '对该卡的了解。'),
    ),
    RecordedCard: card(issuer, say('What is recorded of the card.', '对该卡所记录的信息。')),
    Warning: {
      ...closed(
        {
          pointer: {
            type: 'string',
            enum: ['/name', '/idNumber', '/cardNumber'],
            description: say('JSON Pointer to the field.', '指向该字段的 JSON Pointer。'),
          },
          code: {
            type: 'string',
            enum: Object.keys(warningCodes),
            description: say(
              '- `luhn`: the last digit breaks the Luhn rule\n- `private_use_character`: the name holds a private-use character, as old ID chips do\n- `bin_unknown`: no BIN table knows the card\n- `document_type`: a residence permit or a foreign resident card, which the provider may not support',
              '- `luhn`：卡号末位不符合 Luhn 规则\n- `private_use_character`：姓名含私用区字符，旧身份证芯片中常见\n- `bin_unknown`：卡 BIN 表中查不到该卡\n- `document_type`：居住证或外国人永久居留身份证，数据源可能不支持',
            ),
          },
        } satisfies Record<keyof Warning, Schema>,
        ['pointer', 'code'],
      ),
      description: say(
        'Something worth knowing about a value that was sent all the same.',
        '对所提交值的提示；该值仍会被发送。',
      ),
    },
  }
}
