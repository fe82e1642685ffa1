import type { ProblemCode } from './problem-catalog.ts'

/** What is known of one failure. No member takes free text, so none can carry a card number. */
export type ProblemFacts = {
  /** `no`: certainly no charge, the default. */
  billable?: 'no' | 'unknown'
  /** In place of the catalog's, where the provider's code says otherwise. */
  retryable?: boolean
  provider?: string
  /** A code out of our own tables. */
  providerCode?: string
  providerReference?: string
  errors?: readonly ({ pointer: string; code: string } | { parameter: string; code: string })[]
  /** In place of the catalog's wait. */
  retryAfterSeconds?: number
}

/**
 * What became of the paid call behind a failure.
 * - `not_sent`: no byte of it left.
 * - `refused`: the provider's front turned it away before any bank was asked.
 * - `answered`: the provider took it and failed.
 * - `unknown`: it may have run, and nobody knows with what result.
 */
export type CallFate = 'not_sent' | 'refused' | 'answered' | 'unknown'

/** The only error that we throw on purpose; its code is the taxonomy. */
export class AppError extends Error {
  readonly code: ProblemCode
  readonly facts: ProblemFacts
  readonly fate: CallFate

  /** @param options the error behind this one, of which the log tells name and place */
  constructor(
    code: ProblemCode,
    facts: ProblemFacts = {},
    fate: CallFate = 'not_sent',
    options?: { cause: unknown },
  ) {
    super(code, options)
    this.name = 'AppError'
    this.code = code
    this.facts = facts
    this.fate = fate
  }
}
