import { AppError } from '../../../lib/errors/app-error.ts'
import type { ProblemCode } from '../../../lib/errors/problem-catalog.ts'
import { recogniseDatabao } from '../../../lib/providers/databao/databao-wire.ts'
import { recogniseJuhe } from '../../../lib/providers/juhe/juhe-wire.ts'
import type { ProviderAnswer } from '../../../lib/verification/verdict.ts'
import { scenarioNamed, scenarios } from '../../../test/simulators/scenarios.ts'
import type { Asking } from '../problem-codes.ts'

const providers = {
  verifyThreeElement: { provider: 'databao', recognise: recogniseDatabao },
  verifyTwoElement: { provider: 'juhe', recognise: recogniseJuhe },
} as const

/** What the code makes of the simulated provider's answer in a scenario, where that is a verdict. */
export function verdictIn(operation: Asking, scenario: string): ProviderAnswer | undefined {
  const outcome = outcomeOf(operation, scenario)
  return outcome && 'verdict' in outcome ? outcome : undefined
}

/** The failure with this code, as the first scenario has it in which the provider fails so. */
export function failureOf(operation: Asking, code: ProblemCode): AppError | undefined {
  for (const { name, fault } of scenarios) {
    const outcome = fault ? undefined : outcomeOf(operation, name)
    if (outcome && 'problem' in outcome && outcome.problem === code) {
      const { problem, fate, safeToRetry: _, ...facts } = outcome
      const { provider } = providers[operation]
      return new AppError(problem, { provider, ...facts }, fate)
    }
  }
  return undefined
}

function outcomeOf(operation: Asking, scenario: string) {
  const { provider, recognise } = providers[operation]
  const answer = scenarioNamed(scenario).answers[provider]
  if (!answer) return undefined
  const { status, headers, body } = answer
  const traced = typeof body === 'object' ? JSON.stringify({ ...body, ...trace(body) }) : body
  const wireHeaders = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return recognise({
    status,
    headers: Object.fromEntries(wireHeaders),
    body: Buffer.from(traced ?? ''),
  })
}

/** The ids of a call, which the simulators add to what a scenario says. */
function trace({ result }: Record<string, unknown>) {
  const seqNo = '4XU29Z4D1704061618'
  return typeof result === 'object' && result !== null
    ? { result: { ...result, jobid: 'JH1704061618296' } }
    : { seqNo }
}
