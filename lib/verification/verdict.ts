/** What a provider was asked to compare. */
export type Element = 'name' | 'idNumber' | 'cardNumber'

/** A mismatch is an answer like any other: what the provider said, and nothing that we concluded. */
export type Verdict =
  | { verdict: 'match' }
  | { verdict: 'mismatch' }
  | { verdict: 'unverifiable'; reason: 'abnormal' | 'no_record' | 'declined' }

/** Whether the provider charges for a call: `unknown` where its documents do not say. */
export type Billable = 'yes' | 'no' | 'unknown'

export type ProviderAnswer = Verdict & {
  billable: Billable
  /** The provider's own id of this call, which its support asks for. */
  providerReference?: string
}

/** What is noted for the log while a question is being asked. */
export type CallTrace = {
  attempts?: number
  providerMs?: number
  /** Age of the credentials' version. */
  secretAgeSeconds?: number
  /** Per cent of the provider's daily cap that is used up. */
  spendShare?: number
}

/**
 * Asks a paid provider once: an answer, or a thrown failure.
 *
 * @param remainingMs how long the caller can still wait, read when it is needed
 */
export type AskProvider<Person> = (
  person: Person,
  remainingMs: () => number,
  trace?: CallTrace,
) => Promise<ProviderAnswer>
