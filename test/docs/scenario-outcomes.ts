import { databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import { fixed, personOf, seen } from '../providers/asking.ts'
import { startDatabaoSimulator } from '../simulators/databao-simulator.ts'
import { startJuheSimulator } from '../simulators/juhe-simulator.ts'
import { scenarios, type Scenario } from '../simulators/scenarios.ts'
import { databaoCredentials, juheCredentials } from '../simulators/start-simulators.ts'

export type Provider = 'databao' | 'juhe'

/** What a caller gets for a scenario: `200 match`, and whether it is billed and may be repeated. */
export type Outcome = { answer: string; billable: string; retryable: boolean | undefined }
export type AskedScenario = { scenario: Scenario; provider: Provider; outcome: Outcome }

// Shorter than any fault that hangs, longer than any that answers.
const TIMEOUT_MS = 1500
const AT_ONCE = 24

/** Asks both simulators for every scenario that they have, as the functions do. */
export async function askEveryScenario(): Promise<AskedScenario[]> {
  const options = { slowMs: 100 }
  const databaoServer = await startDatabaoSimulator({ ...databaoCredentials, ...options })
  const juheServer = await startJuheSimulator({ ...juheCredentials, ...options })
  try {
    // A client of its own for each, so that no failure of one opens a breaker for another.
    const ask = {
      databao: () =>
        databaoClient({
          baseUrl: databaoServer.url,
          credentials: fixed(databaoCredentials),
          timeoutMs: TIMEOUT_MS,
        }),
      juhe: () =>
        juheClient({
          baseUrl: juheServer.url,
          channel: 'encrypted',
          credentials: fixed(juheCredentials),
          timeoutMs: TIMEOUT_MS,
        }),
    }
    const questions = scenarios.flatMap((scenario) =>
      scenario.providers.map((provider) => ({ scenario, provider })),
    )
    const queue = questions.map((question, place) => ({ question, place })).values()
    const asked: AskedScenario[] = []
    const lane = async () => {
      for (const { question, place } of queue) {
        const { scenario, provider } = question
        const { outcome } = await seen(ask[provider](), personOf(scenario.name))
        asked[place] = { scenario, provider, outcome: told(outcome) }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    return asked
  } finally {
    await Promise.all([databaoServer.close(), juheServer.close()])
  }
}

function told(outcome: Awaited<ReturnType<typeof seen>>['outcome']): Outcome {
  const { billable } = outcome
  if ('verdict' in outcome) {
    const reason = outcome.verdict === 'unverifiable' ? `, ${outcome.reason}` : ''
    return { answer: `200 ${outcome.verdict}${reason}`, billable, retryable: undefined }
  }
  const { status, code, retryable } = outcome
  return { answer: `${status} ${code}`, billable, retryable }
}
