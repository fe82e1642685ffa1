import { v7 as uuidv7 } from 'uuid'
import { type Issuer, issuerOf } from './issuer.ts'
import type { Warning } from './field.ts'
import type { Element, ProviderAnswer } from './verdict.ts'
import type { TwoElementPerson, VerificationRequest } from './verification-request.ts'

/** What a caller gets for an answered verification: the verdict and nothing of the person. */
export type Verification = ProviderAnswer & {
  /** UUIDv7. */
  id: string
  elements: readonly Element[]
  provider: string
  /** ISO 8601, UTC. */
  verifiedAt: string
  reused: boolean
  card: { last4: string } & Partial<Issuer>
  warnings: readonly Warning[]
  reference?: string
}

export function verificationOf(
  operation: { provider: string; elements: readonly Element[] },
  request: VerificationRequest<TwoElementPerson>,
  answer: ProviderAnswer,
): Verification {
  const { cardNumber } = request.person
  return {
    id: uuidv7(),
    ...answer,
    ...operation,
    verifiedAt: new Date().toISOString(),
    reused: false,
    card: { last4: cardNumber.slice(-4), ...issuerOf(cardNumber) },
    warnings: request.warnings,
    ...(request.reference === undefined ? {} : { reference: request.reference }),
  }
}

/** What a log line may say of a verification. */
export function loggedVerification(verification: Verification) {
  const { id, provider, verdict, billable, providerReference, reused } = verification
  return { verificationId: id, provider, verdict, billable, providerReference, reused }
}
