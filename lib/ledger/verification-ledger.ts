import { AppError } from '../errors/app-error.ts'
import type { AskProvider, CallTrace } from '../verification/verdict.ts'
import type { Operation, Verification } from '../verification/verification.ts'
import type { TwoElementPerson, VerificationRequest } from '../verification/verification-request.ts'
import type { Table } from './dynamo-table.ts'
import type { Peppers } from './fingerprint.ts'
import type { Limits } from './guard.ts'
import { VerificationAttempt } from './verification-attempt.ts'

export type LedgerOptions = {
  table: Table
  peppers: () => Promise<Peppers>
  limits: Limits
  /** How long a verdict serves the same question again; 0: never. */
  reuseSeconds: number
  /** How long a provider rests after it refused our credentials or our quota; 0: not at all. */
  pauseSeconds: number
  recordDays: number
}

/** The person of any operation: an ID number is there where it is asked about. */
export type LedgerPerson = TwoElementPerson & { idNumber?: string }

/** One caller's question. */
export type Question<Person extends LedgerPerson> = {
  operation: Operation
  request: VerificationRequest<Person>
  caller: string
  idempotencyKey: string | undefined
  /** `Cache-Control: no-cache`: an earlier verdict or unknown outcome does not count. */
  anew: boolean
  remainingMs: () => number
  trace?: CallTrace
  /** A failure in the words in which it is replayed under the same idempotency key. */
  replyOf: (error: AppError) => string
}

/** `replay` is a kept reply: a `Verification` or what `replyOf` has made. */
export type LedgerAnswer = { verification: Verification } | { replay: string }

export type VerifyOnce = <Person extends LedgerPerson>(
  question: Question<Person>,
  ask: AskProvider<Person>,
) => Promise<LedgerAnswer>

/**
 * Lets a question reach a paid provider at most once.
 *
 * Before the provider a request waits for three round trips to the table (hold the claims, take the
 * slots, mark as sent), after it for one.
 *
 * @throws AppError what the provider's failure was, or why it was not asked
 */
export function verificationLedger(options: LedgerOptions): VerifyOnce {
  return async (question, ask) => {
    const attempt = new VerificationAttempt(options, question, await options.peppers())

    const found = await attempt.holdClaims()
    if (found.standing === 'replied') return { replay: await attempt.replay(found.reply) }
    if (found.standing === 'answered') return { verification: await attempt.reuse(found.answer) }

    await attempt.takeSlots()
    await attempt.markSent()
    try {
      const answer = await ask(question.request.person, question.remainingMs, question.trace)
      return { verification: await attempt.saveAnswer(answer) }
    } catch (error) {
      await attempt.saveFailure(error)
      throw error
    }
  }
}
