import { AppError } from '../../lib/errors/app-error.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import type { ProblemCode } from '../../lib/errors/problem-catalog.ts'
import type { Credentials } from '../../lib/providers/provider-client.ts'
import type { AskProvider } from '../../lib/verification/verdict.ts'
import { parseThreeElementRequest } from '../../lib/verification/verification-request.ts'
import { scenarioCard, scenarioNamed } from '../simulators/scenarios.ts'

/** A problem as contract.md §3 has it, with the provider's code where one is passed on. */
export type Row = readonly [
  code: ProblemCode,
  status: number,
  retryable: boolean,
  billable: 'no' | 'unknown',
  providerCode?: string,
]

export function problem(
  provider: 'databao' | 'juhe',
  [code, status, retryable, billable, providerCode]: Row,
) {
  return { code, status, retryable, billable, provider, ...(providerCode && { providerCode }) }
}

const secondsLong = () => 60_000

export const NAME = '张三'
export const ID_NUMBER = '110101190001010014'
export const MATCH_CARD = '6299990000000017'

/** A person as only the parsers make them. */
export function person(cardNumber = MATCH_CARD) {
  const parsed = parseThreeElementRequest({ name: NAME, idNumber: ID_NUMBER, cardNumber })
  if (!('request' in parsed)) throw new Error('not a person')
  return parsed.request.person
}

export function personOf(scenario: string) {
  const { number } = scenarioNamed(scenario)
  return person(scenarioCard(number, number > 99_999_999 ? 19 : 16))
}

export function fixed<Secret>(value: Secret): Credentials<Secret> {
  const read = async () => ({ value, version: 'v1' })
  return { current: read, reread: read }
}

/** What a caller would see of one question: the answer or the problem, and how long it took. */
export async function seen<Person>(
  ask: AskProvider<Person>,
  who: Person,
  remainingMs: () => number = secondsLong,
) {
  const start = performance.now()
  const { providerReference, ...outcome } = await ask(who, remainingMs).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error
    const told = problemOf(error, 'r-1', 'en').problem
    const { code, status, retryable, billable, provider, providerCode, providerReference } = told
    return { code, status, retryable, billable, provider, providerCode, providerReference }
  })
  return { outcome, providerReference, elapsedMs: performance.now() - start }
}
