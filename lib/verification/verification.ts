import { v7 as uuidv7 } from 'uuid'
import type { Reference } from './reference.ts'
import { type Issuer, issuerOf } from './issuer.ts'
import type { Warning } from './field.ts'
import type { Element, ProviderAnswer, Verdict } from './verdict.ts'
import type { TwoElementPerson, VerificationRequest } from './verification-request.ts'

/** What a function asks, and whom. */
export type Operation = { provider: string; elements: readonly Element[] }

/** What a caller gets for an answered verification: the verdict and nothing of the person. */
export type Verification = ProviderAnswer & {
  /** UUIDv7. */
  id: string
  elements: readonly Element[]
  provider: string
  /** ISO 8601, UTC. */
  verifiedAt: string
  reused: boolean
  card: { last4?: string } & Partial<Issuer>
  warnings: readonly Warning[]
  reference?: Reference
}

export function verificationId(): string {
  return uuidv7()
}

/** Members in the order of contract.md §2; `card.last4` is added for the caller's eyes only. */
export function verificationOf(
  operation: Operation,
  request: VerificationRequest<TwoElementPerson>,
  answer: ProviderAnswer,
  id: string,
  verifiedAt: string,
): Verification {
  const { billable, providerReference } = answer
  const { person, warnings, reference } = request
  return {
    id,
    ...verdictOf(answer),
    elements: operation.elements,
    provider: operation.provider,
    ...(providerReference === undefined ? {} : { providerReference }),
    billable,
    verifiedAt,
    reused: false,
    card: { ...issuerOf(person.cardNumber) },
    warnings,
    ...(reference === undefined ? {} : { reference }),
  }
}

function verdictOf(answer: ProviderAnswer): Verdict {
  const { verdict } = answer
  return verdict === 'unverifiable' ? { verdict, reason: answer.reason } : { verdict }
}

/** An earlier verdict for a later request: no call was made, so nothing is billed. */
export function reusedVerification(
  earlier: Verification,
  request: VerificationRequest<TwoElementPerson>,
  id: string,
): Verification {
  const { reference: _, ...answered } = earlier
  const { warnings, reference } = request
  return {
    ...answered,
    id,
    billable: 'no',
    reused: true,
    warnings,
    ...(reference === undefined ? {} : { reference }),
  }
}

export function withLast4(verification: Verification, { cardNumber }: TwoElementPerson) {
  return { ...verification, card: { last4: cardNumber.slice(-4), ...verification.card } }
}
