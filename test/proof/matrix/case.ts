import { type WireFault, wireFaults } from '../../simulators/wire-fault.ts'
import type { Expected } from './expected.ts'
import { type Exchange, replyOf, sendInPieces, type Step, type Truth } from './fault-provider.ts'

/** Something that a provider or the way to it does, and what a caller must be told. */
export type Case = {
  name: string
  /** One of these; several only where the contract leaves it open. */
  expected: readonly [Expected, ...Expected[]]
  /** For the first hit of a request, the second… */
  steps: readonly [Step, ...Step[]]
}

const SLOW_MS = 300

/** A scenario of the simulators, delivered in pieces. */
export function scenarioStep(scenario: string, truth: Truth): Step {
  return {
    ...truth,
    deliver: (exchange) => sendInPieces(exchange, replyOf(scenario, exchange)),
  }
}

/** A right match, spoilt on its way. */
export function faultStep(fault: WireFault, truth: Truth, slowMs = SLOW_MS): Step {
  return {
    ...truth,
    deliver(exchange) {
      wireFaults[fault]({ ...exchange, reply: matchReply(exchange), slowMs })
    },
  }
}

export function matchReply(exchange: Exchange) {
  return replyOf('match', exchange)
}
