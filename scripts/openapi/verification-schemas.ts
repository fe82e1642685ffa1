import { UUID } from '../../lib/http/record-endpoints.ts'
import { databao } from '../../lib/providers/databao/databao-client.ts'
import { juhe } from '../../lib/providers/juhe/juhe-client.ts'
import { PROVIDER_REFERENCE } from '../../lib/providers/provider-client.ts'
import type { Billable, Element, Verdict } from '../../lib/verification/verdict.ts'
import type { Operation, Verification } from '../../lib/verification/verification.ts'
import { closed, type MemberOf, patternOf, ref, type Schema } from './json-schema.ts'
import type { Words } from './words.ts'

type Reason = Extract<Verdict, { reason: unknown }>['reason']

const verdicts = {
  match: true,
  mismatch: true,
  unverifiable: true,
} satisfies Record<Verdict['verdict'], true>
const reasons = {
  abnormal: 'databao',
  no_record: 'databao',
  declined: 'juhe',
} satisfies Record<Reason, string>
const billables = { yes: true, no: true, unknown: true } satisfies Record<Billable, true>
const elements = { name: true, idNumber: true, cardNumber: true } satisfies Record<Element, true>
export const providers = [databao.provider, juhe.provider]

export function verificationSchemas(words: Words): Record<string, Schema> {
  const { say } = words
  const answered = (operation: Operation, description: string): Schema => ({
    description,
    allOf: [
      ref('Verification'),
      {
        type: 'object',
        required: ['provider', 'elements', 'card'],
        properties: {
          ...narrowed(operation),
          card: { type: 'object', required: ['last4'], properties: { last4: { type: 'string' } } },
        },
      },
    ],
  })
  return {
    Verification: verification(words),
    ThreeElementVerification: answered(
      databao,
      say('The answer to a three-element verification.', '三要素核验的应答。'),
    ),
    TwoElementVerification: answered(
      juhe,
      say('The answer to a two-element verification.', '二要素核验的应答。'),
    ),
    RecordedVerification: {
      description: say(
        'An answer as it is read again later: without `card.last4`, which is not stored.',
        '事后读取的应答：不含 `card.last4`，因为它不会被存储。',
      ),
      allOf: [
        ref('Verification'),
        { type: 'object', required: ['card'], properties: { card: ref('RecordedCard') } },
      ],
    },
    VerificationPage: {
      ...closed(
        {
          verifications: {
            type: 'array',
            maxItems: 100,
            items: ref('RecordedVerification'),
            description: say('Newest first.', '新的在前。'),
          },
          cursor: {
            type: 'string',
            pattern: patternOf(UUID),
            description: say(
              'Where the next page starts. Absent on the last page.',
              '下一页的起点；最后一页没有此字段。',
            ),
          },
        },
        ['verifications'],
      ),
      description: say('A page of recorded answers.', '一页已记录的应答。'),
    },
  }
}

function verification(words: Words): Schema {
  const { say } = words
  const members = {
    id: {
      type: 'string',
      format: 'uuid',
      pattern: patternOf(UUID),
      description: say('UUIDv7 of this verification.', '本次核验的 UUIDv7 编号。'),
    },
    verdict: {
      type: 'string',
      enum: Object.keys(verdicts),
      description: say(
        'What the provider said. A mismatch is an answer, not an error.',
        '数据源的结论：`match` 匹配，`mismatch` 不匹配，`unverifiable` 无法核验。不匹配是应答，不是错误。',
      ),
    },
    reason: {
      type: 'string',
      enum: Object.keys(reasons),
      description: say(
        'Why it is `unverifiable`: the provider reports an abnormal state, has no record, or declined to compare.',
        '无法核验的原因：数据源报告异常（`abnormal`）、查无记录（`no_record`）或拒绝比对（`declined`）。',
      ),
    },
    elements: {
      type: 'array',
      items: { type: 'string', enum: Object.keys(elements) },
      description: say('What was compared.', '比对了哪些要素。'),
    },
    provider: {
      type: 'string',
      enum: providers,
      description: say('Who was asked.', '所查询的数据源。'),
    },
    providerReference: providerReferenceSchema(words),
    billable: {
      type: 'string',
      enum: Object.keys(billables),
      description: say(
        'Whether the provider charges for this answer; `unknown` where its documents do not say.',
        '数据源是否对本次应答计费；其文档未说明时为 `unknown`。',
      ),
    },
    verifiedAt: {
      type: 'string',
      format: 'date-time',
      pattern: 'Z$',
      description: say(
        'When the provider answered, in UTC. Of a reused answer: when the earlier one came.',
        '数据源应答的时间（UTC）；复用的应答为原应答的时间。',
      ),
    },
    reused: {
      type: 'boolean',
      description: say(
        'Whether an earlier answer to the same question was given again, at no charge.',
        '是否复用了对同一问题的先前应答（不计费）。',
      ),
    },
    card: ref('Card'),
    warnings: { type: 'array', items: ref('Warning') },
    reference: ref('Reference'),
  } satisfies Record<MemberOf<Verification>, Schema>
  const optional = ['reason', 'providerReference', 'reference']
  return {
    ...closed(
      members,
      Object.keys(members).filter((member) => !optional.includes(member)),
    ),
    oneOf: [
      {
        type: 'object',
        required: ['verdict', 'reason'],
        properties: { verdict: { const: 'unverifiable' }, reason: { type: 'string' } },
      },
      {
        type: 'object',
        required: ['verdict'],
        properties: { verdict: { enum: ['match', 'mismatch'] } },
        not: { required: ['reason'], properties: { reason: { type: 'string' } } },
      },
    ],
    description: say(
      'An answer, also where the provider could not decide. Name, ID number and the whole card number are never in it.',
      '应答；数据源无法判断时也是应答。其中绝不包含姓名、身份证号和完整卡号。',
    ),
  }
}

function narrowed({ provider, elements }: Operation): Record<string, Schema> {
  return {
    provider: { const: provider },
    elements: {
      type: 'array',
      prefixItems: elements.map((element) => ({ const: element })),
      minItems: elements.length,
      maxItems: elements.length,
    },
    reason: {
      enum: Object.entries(reasons).flatMap(([reason, by]) => (by === provider ? reason : [])),
    },
  }
}

export function providerReferenceSchema({ say }: Words): Schema {
  return {
    type: 'string',
    pattern: patternOf(PROVIDER_REFERENCE),
    description: say(
      "The provider's own id of the call, for its support.",
      '数据源自己的调用编号，联系其客服时使用。',
    ),
  }
}
