import type { Json } from '../json-schema.ts'
import type { Asking } from '../problem-codes.ts'
import type { Words } from '../words.ts'
import { sampleBody } from './sample.ts'

export type Examples = Record<string, { summary: string; value: Json }>

type Shown = readonly [scenario: string, en: string, zh: string]

const everywhere: readonly Shown[] = [
  ['match', 'match', '匹配'],
  ['mismatch', 'mismatch', '不匹配'],
]
const hanging: Shown = [
  'hang',
  'the provider does not answer: provider_timeout',
  '数据源不应答：provider_timeout',
]

const shown: Record<Asking, readonly Shown[]> = {
  verifyThreeElement: [
    ...everywhere,
    ['unverifiable', 'unverifiable: abnormal', '无法核验：异常'],
    ['no-record-or-locked', 'unverifiable: no record', '无法核验：查无记录'],
    hanging,
  ],
  verifyTwoElement: [
    ...everywhere,
    ['unverifiable', 'unverifiable: declined', '无法核验：数据源拒绝比对'],
    ['no-record-or-locked', 'the card is locked: card_locked', '该卡已被锁定：card_locked'],
    hanging,
  ],
}

/** Valid requests, by the scenario of the simulators that their card number chooses. */
export function requestExamples(operation: Asking, { name }: Words): Examples {
  return Object.fromEntries(
    shown[operation].map(([scenario, en, zh]) => [
      scenario,
      { summary: name(en, zh), value: sampleBody(operation, scenario) },
    ]),
  )
}
