import { type ProblemCode, problemCatalog } from '../../lib/errors/problem-catalog.ts'
import type { Verdict } from '../../lib/verification/verdict.ts'
import { sampleBody } from '../openapi/examples/sample.ts'
import type { JsonObject } from '../openapi/json-schema.ts'
import type { Asking } from '../openapi/problem-codes.ts'
import type { Words } from '../openapi/words.ts'
import type { ScenarioCard } from './scenario-card.ts'

type Answer = Verdict['verdict'] | ProblemCode
type Noted = 'slow' | 'pauses'
type Row = readonly [scenario: string, answer: Answer, noted?: Noted]

/** A body with three faults, which never reaches a provider. */
const BAD_INPUT = 'bad-input'

const rows: Record<Asking, readonly Row[]> = {
  verifyThreeElement: [
    ['match', 'match'],
    ['mismatch', 'mismatch'],
    ['unverifiable', 'unverifiable'],
    ['no-record-or-locked', 'unverifiable'],
    [BAD_INPUT, 'validation_failed'],
    ['databao-10020', 'too_many_attempts'],
    ['hang', 'provider_timeout', 'slow'],
    ['html', 'provider_error'],
    ['gateway-t429id', 'provider_throttled'],
    ['gateway-d503bb', 'provider_unavailable'],
    ['gateway-i403pt', 'provider_access_denied'],
    ['gateway-b403mq', 'provider_quota_exhausted', 'pauses'],
  ],
  verifyTwoElement: [
    ['match', 'match'],
    ['mismatch', 'mismatch'],
    ['unverifiable', 'unverifiable'],
    ['no-record-or-locked', 'card_locked'],
    [BAD_INPUT, 'validation_failed'],
    ['juhe-218804-too-frequent', 'too_many_attempts'],
    ['hang', 'provider_timeout', 'slow'],
    ['html', 'provider_error'],
    ['juhe-10011', 'provider_throttled'],
    ['juhe-10020', 'provider_unavailable'],
    ['juhe-10008', 'provider_access_denied'],
    ['juhe-10012', 'provider_quota_exhausted', 'pauses'],
  ],
}

/** The cards of an operation, in the order in which a reader would try them. */
export function scenarioCards(operation: Asking, words: Words): ScenarioCard[] {
  return rows[operation].map(([scenario, answer, noted]) => ({
    example: scenario,
    title: titleOf(operation, scenario, answer, words),
    answer,
    tone: isProblem(answer) ? 'problem' : answer,
    cardNumber: bodyOf(operation, scenario).cardNumber,
    ...(noted && { note: noteOf(noted, words) }),
  }))
}

/** The bodies that the cards fill in, as examples of the request. */
export function scenarioExamples(operation: Asking, words: Words): JsonObject {
  return Object.fromEntries(
    scenarioCards(operation, words).map(({ example, title }) => [
      example,
      { summary: title, value: bodyOf(operation, example) },
    ]),
  )
}

type Body = JsonObject & { cardNumber: string }

function bodyOf(operation: Asking, scenario: string): Body {
  if (scenario !== BAD_INPUT) return sampleBody(operation, scenario) as Body
  const body = { ...sampleBody(operation, 'match'), name: '张3', cardNumber: '62999900' }
  return 'idNumber' in body ? { ...body, idNumber: '110101190001010015' } : body
}

function titleOf(operation: Asking, scenario: string, answer: Answer, words: Words): string {
  const { name } = words
  if (isProblem(answer))
    return name(problemCatalog[answer].title.en, problemCatalog[answer].title.zh)
  if (answer === 'match') return name('Match', '匹配')
  if (answer === 'mismatch') return name('Mismatch', '不匹配')
  if (scenario === 'no-record-or-locked') return name('No record', '查无记录')
  return operation === 'verifyThreeElement'
    ? name('Abnormal', '数据异常')
    : name('Declined', '拒绝比对')
}

function noteOf(noted: Noted, { name }: Words): string {
  return {
    slow: name('takes 8 seconds', '需要 8 秒'),
    pauses: name('pauses this provider for 10 minutes', '此数据源随后暂停 10 分钟'),
  }[noted]
}

function isProblem(answer: Answer): answer is ProblemCode {
  return Object.hasOwn(problemCatalog, answer)
}
