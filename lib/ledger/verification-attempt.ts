import { AppError, type CallFate } from '../errors/app-error.ts'
import { isRetryable } from '../errors/problem.ts'
import { shanghaiDay } from '../verification/shanghai-day.ts'
import type { Billable, ProviderAnswer, Verdict } from '../verification/verdict.ts'
import {
  reusedVerification,
  type Verification,
  verificationId,
  verificationOf,
} from '../verification/verification.ts'
import {
  abandon,
  type Attempt,
  type Claim,
  keepAnswer,
  keepReply,
  markSent,
  release,
  releaseUnspent,
  settle,
} from './claim.ts'
import { failureOf } from './dynamo-table.ts'
import { fingerprint, keyId, type Peppers } from './fingerprint.ts'
import {
  callerSlot,
  cardSlot,
  clearSuspicion,
  type Counted,
  giveSlotsBack,
  idSlot,
  lockCard,
  pauseCodes,
  pauseProvider,
  providerSlot,
  type Slot,
  takeSlots,
} from './guard.ts'
import { type Held, holdClaims } from './hold-claims.ts'
import { countUsage, type UsageCounts } from './usage.ts'
import type { LedgerPerson, LedgerOptions, Question } from './verification-ledger.ts'
import { recordAnswer, recordProblem, recordSent } from './verification-record.ts'

/** Kept this long: idempotency keys, and outcomes that nobody knows (contract.md §5). */
const KEPT_SECONDS = 24 * 3600
/** API Gateway waits no longer than this for a function. */
const LONGEST_RUN_MS = 30_000
/** Two clocks may differ by this much before one takes a living attempt for a dead one. */
const CLOCK_SKEW_MS = 2000
/** What the function needs to answer its caller where the table does not. */
const RESERVED_MS = 200
const NEVER_REUSE = Number.MAX_SAFE_INTEGER

/** All that one question writes to the table, in the order in which it is written. */
export class VerificationAttempt<Person extends LedgerPerson> {
  readonly #options: LedgerOptions
  readonly #question: Question<Person>
  readonly #peppers: readonly string[]
  readonly #askedAt = Date.now()
  readonly #attempt: Attempt
  readonly #keys: readonly Claim[]
  readonly #persons: readonly Claim[]
  readonly #cards: readonly Slot[]
  readonly #slots: readonly Slot[]

  constructor(options: LedgerOptions, question: Question<Person>, peppers: Peppers) {
    const { reuseSeconds, limits } = options
    const { operation, request, caller, idempotencyKey, anew, remainingMs } = question
    const { name, idNumber, cardNumber } = request.person
    const now = this.#askedAt
    this.#options = options
    this.#question = question
    this.#peppers = peppers
    this.#attempt = {
      id: verificationId(),
      leaseUntil: now + Math.min(remainingMs(), LONGEST_RUN_MS) + CLOCK_SKEW_MS,
      anew: anew || idempotencyKey !== undefined,
      unknownSince: now - KEPT_SECONDS * 1000,
      reuseSince: anew || reuseSeconds === 0 ? NEVER_REUSE : now - reuseSeconds * 1000,
    }

    const person = [operation.provider, ...operation.elements, name, idNumber ?? '', cardNumber]
    const marked = this.#peppers.map((pepper) => ({
      pepper,
      marks: { keyId: keyId(pepper), subject: fingerprint(pepper, 'subject', cardNumber) },
    }))
    this.#persons = marked.map(({ pepper, marks }) => ({
      ...marks,
      key: { pk: `person#${fingerprint(pepper, 'person', caller, ...person)}`, sk: '-' },
      keptSeconds: Math.max(KEPT_SECONDS, reuseSeconds),
    }))
    this.#keys = marked.flatMap(({ pepper, marks }) =>
      idempotencyKey === undefined
        ? []
        : {
            ...marks,
            key: {
              pk: `key#${fingerprint(pepper, 'idempotency-key', caller, idempotencyKey)}`,
              sk: '-',
            },
            request: fingerprint(pepper, 'request', ...person, request.reference ?? ''),
            keptSeconds: KEPT_SECONDS,
          },
    )

    this.#cards = this.#cardsOn(now).map((card) => cardSlot(card, this.#attempt.id, limits, now))
    const ids = this.#peppers.flatMap((pepper) =>
      idNumber === undefined
        ? []
        : idSlot(
            {
              fingerprint: fingerprint(pepper, 'id-day', idNumber, shanghaiDay(now)),
              keyId: keyId(pepper),
            },
            this.#attempt.id,
            limits,
            now,
          ),
    )
    this.#slots = [
      ...this.#cards,
      ...ids,
      providerSlot(operation.provider, limits, now, (share) => {
        if (question.trace) question.trace.spendShare = share
      }),
      callerSlot(caller, limits, now),
    ]
  }

  holdClaims(): Promise<Held> {
    return holdClaims(this.#table, this.#claims, this.#attempt, this.#question.remainingMs)
  }

  async replay(reply: string): Promise<string> {
    await this.#count({ asked: 1, replayed: 1 })
    return reply
  }

  async reuse(answer: string): Promise<Verification> {
    const earlier: Verification = JSON.parse(answer)
    const verification = reusedVerification(earlier, this.#question.request, this.#attempt.id)
    const kept = JSON.stringify(verification)
    await Promise.allSettled([
      ...this.#keys.map((claim) => keepReply(this.#table, claim, this.#attempt, kept)),
      recordSent(this.#table, this.#record, kept),
      this.#count({ asked: 1, reused: 1 }),
    ])
    return verification
  }

  /** @throws AppError the guard's or the cap's refusal; then nothing is held any more */
  async takeSlots(): Promise<void> {
    try {
      await takeSlots(this.#table, this.#slots, this.#askedAt)
    } catch (error) {
      await Promise.all([this.#releaseClaims(), this.#count({ asked: 1, refused: 1 })])
      throw error
    }
  }

  /** The last write before the first byte goes out. */
  async markSent(): Promise<void> {
    const written = await Promise.allSettled([
      ...this.#claims.map((claim) => markSent(this.#table, claim, this.#attempt)),
      recordSent(this.#table, this.#record),
      this.#count({ asked: 1, reached: 1 }),
    ])
    const failed = written.some(({ status }) => status === 'rejected')
    // A claim that is no longer ours: this attempt was too slow, and another one may be asking.
    const lost = written.some((result) => result.status === 'fulfilled' && result.value === false)
    if (!failed && !lost) return
    const error = failed ? failureOf(written) : new AppError('verification_in_progress')
    await this.saveFailure(error)
    throw error
  }

  /** A save that fails or hangs is not the caller's loss: the claim stays `sent`, so nobody asks again. */
  async saveAnswer(answer: ProviderAnswer): Promise<Verification> {
    const { operation, request } = this.#question
    const now = new Date()
    const { id } = this.#attempt
    const verification = verificationOf(operation, request, answer, id, now.toISOString())
    const { verdict, billable } = verification
    const kept = JSON.stringify(verification)
    const keepOrSettle = (claim: Claim) =>
      verdict === 'unverifiable'
        ? settle(this.#table, claim, this.#attempt)
        : keepAnswer(this.#table, claim, this.#attempt, kept, now.getTime())
    await this.#save([
      ...this.#keys.map((claim) => keepReply(this.#table, claim, this.#attempt, kept)),
      ...this.#persons.map(keepOrSettle),
      ...(verdict === 'mismatch' ? [] : this.#clearSuspicion()),
      recordAnswer(this.#table, id, kept),
      this.#count({ ...billedCounts[billable], ...verdictCounts[verdict] }),
    ])
    return verification
  }

  async saveFailure(thrown: unknown): Promise<void> {
    const error =
      thrown instanceof AppError
        ? thrown
        : new AppError('internal_error', { billable: 'unknown' }, 'unknown')
    const { code, facts, fate } = error
    const { billable = 'no', providerReference } = facts
    const usedNothing = fate === 'not_sent' || fate === 'refused'
    const reply = this.#question.replyOf(error)
    await this.#save([
      ...this.#keys.map((claim) =>
        fate === 'not_sent' || (fate !== 'unknown' && isRetryable(error))
          ? releaseUnspent(this.#table, claim, this.#attempt)
          : keepReply(this.#table, claim, this.#attempt, reply),
      ),
      ...this.#persons.map((claim) => afterFailure[fate](this.#table, claim, this.#attempt)),
      usedNothing && giveSlotsBack(this.#table, this.#slots),
      ...(fate === 'answered' ? this.#clearSuspicion() : []),
      fate === 'answered' && this.#rememberLock(code),
      fate !== 'unknown' && this.#pauseProvider(code),
      recordProblem(this.#table, this.#attempt.id, { code, billable, fate, providerReference }),
      this.#count(fate === 'not_sent' ? { reached: -1 } : billedCounts[billable]),
    ])
  }

  get #table() {
    return this.#options.table
  }

  get #claims(): readonly Claim[] {
    return [...this.#keys, ...this.#persons]
  }

  get #record() {
    const { operation, caller, request } = this.#question
    return {
      id: this.#attempt.id,
      caller,
      provider: operation.provider,
      reference: request.reference,
      subject: this.#persons[0]?.subject ?? '',
      keyId: this.#persons[0]?.keyId ?? '',
      askedAt: this.#askedAt,
      keptDays: this.#options.recordDays,
    }
  }

  #cardsOn(at: number): Counted[] {
    const { cardNumber } = this.#question.request.person
    return this.#peppers.map((pepper) => ({
      fingerprint: fingerprint(pepper, 'card-day', cardNumber, shanghaiDay(at)),
      keyId: keyId(pepper),
    }))
  }

  /** Ends with the last of these writes, or while there is still time to answer. */
  async #save(writes: readonly unknown[]): Promise<void> {
    const leftMs = Math.min(this.#question.remainingMs(), LONGEST_RUN_MS) - RESERVED_MS
    const { promise: outOfTime, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, leftMs)
    await Promise.race([Promise.allSettled(writes), outOfTime])
    clearTimeout(timer)
  }

  #releaseClaims() {
    return Promise.allSettled(
      this.#claims.map((claim) => release(this.#table, claim, this.#attempt)),
    )
  }

  #clearSuspicion() {
    return this.#cards.map((slot) => clearSuspicion(this.#table, slot, this.#attempt.id))
  }

  async #rememberLock(code: AppError['code']): Promise<void> {
    if (code !== 'card_locked' && code !== 'too_many_attempts') return
    const now = Date.now()
    await Promise.all(this.#cardsOn(now).map((card) => lockCard(this.#table, card, code, now)))
  }

  async #pauseProvider(code: AppError['code']): Promise<void> {
    const pausing = pauseCodes.find((known) => known === code)
    const { pauseSeconds } = this.#options
    if (!pausing || pauseSeconds === 0) return
    const { provider } = this.#question.operation
    await pauseProvider(this.#table, provider, pausing, pauseSeconds, Date.now())
  }

  #count(counts: UsageCounts): Promise<void> {
    const { caller, operation } = this.#question
    return countUsage(
      this.#table,
      { provider: operation.provider, caller, at: this.#askedAt },
      counts,
    )
  }
}

/** What becomes of the question about the person. */
const afterFailure: Record<CallFate, typeof settle> = {
  not_sent: releaseUnspent,
  refused: releaseUnspent,
  answered: settle,
  unknown: abandon,
}

const billedCounts: Record<Billable, UsageCounts> = {
  yes: { billedYes: 1 },
  no: { billedNo: 1 },
  unknown: {},
}

const verdictCounts: Record<Verdict['verdict'], UsageCounts> = {
  match: { matches: 1 },
  mismatch: { mismatches: 1 },
  unverifiable: { unverifiable: 1 },
}
