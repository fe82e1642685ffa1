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
  errors?: readonly { pointer: string; code: string }[]
}

/** The only error that we throw on purpose; its code is the taxonomy. */
export class AppError extends Error {
  readonly code: ProblemCode
  readonly facts: ProblemFacts

  constructor(code: ProblemCode, facts: ProblemFacts = {}) {
    super(code)
    this.name = 'AppError'
    this.code = code
    this.facts = facts
  }
}
