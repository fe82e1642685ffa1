import type { Problem, ProblemCode } from './contract.ts'

/** What this client finds by itself, beside the codes of the service. */
export type ClientCode =
  /** The caller's `signal` has ended the call. */
  | 'aborted'
  /** No connection was made, so nothing was sent. */
  | 'connection_failed'
  /** The connection was lost, perhaps after the request had arrived. */
  | 'connection_lost'
  /** No whole answer came within `timeoutMs`. */
  | 'timed_out'
  /** The gateway's own 4xx: signature, token, permission or path; no function has run. */
  | 'gateway_refused'
  /** The gateway's own 429: too many requests at once; no function has run. */
  | 'gateway_throttled'
  /** The gateway's own 5xx: a function may have run. */
  | 'gateway_failed'
  /** What came is nothing that the contract has, a redirect for instance; no verdict follows. */
  | 'unexpected_answer'
  /** Credentials or token could not be had, or are none; nothing was sent. */
  | 'signing_failed'

export type VerificationErrorCode = ProblemCode | ClientCode

/** What is known of a failure. Nothing in it can carry the person. */
export type Failure = {
  code: VerificationErrorCode
  /** HTTP status, where an answer came. */
  status?: number
  billable: 'no' | 'unknown'
  retryable: boolean
  outcomeUnknown: boolean
  retryAfterSeconds?: number | undefined
  requestId?: string | undefined
  /** The runtime's name for a lost connection, as in `ECONNRESET`. */
  reason?: string | undefined
  problem?: Problem
  cause?: unknown
}

type Subject = { idempotencyKey?: string | undefined; verificationId?: string | undefined }

/**
 * The only error that a call throws. Its message and members tell neither the person nor any text
 * that came from outside; those of the service are in `problem`, which no logger shows by itself.
 */
export class VerificationError extends Error {
  override readonly name = 'VerificationError'
  readonly code: VerificationErrorCode
  /** HTTP status, where an answer came. */
  readonly status: number | undefined
  /** `no`: certainly nothing was charged. `unknown`: perhaps. */
  readonly billable: 'no' | 'unknown'
  /** May the same request be sent again, with the same `idempotencyKey`? */
  readonly retryable: boolean
  /** How long to wait before. */
  readonly retryAfterSeconds: number | undefined
  /**
   * The person may have been verified, or may be just now, and the result is not known here. Repeat
   * with the same `idempotencyKey` to learn it; a new key may be charged a second time.
   */
  readonly outcomeUnknown: boolean
  /** The id that `getVerification` was asked for. */
  readonly verificationId: string | undefined
  /** The key under which a verification was sent, in every attempt. */
  readonly idempotencyKey: string | undefined
  /** Leads the operator to the log line. */
  readonly requestId: string | undefined
  /** The fields or parameters that `validation_failed` names. */
  readonly errors: Problem['errors']
  readonly #problem: Problem | undefined

  constructor(failure: Failure, subject: Subject = {}) {
    super(messageOf(failure), failure.cause === undefined ? {} : { cause: failure.cause })
    this.code = failure.code
    this.status = failure.status
    this.billable = failure.billable
    this.retryable = failure.retryable
    this.retryAfterSeconds = failure.retryAfterSeconds
    this.outcomeUnknown = failure.outcomeUnknown
    this.verificationId = subject.verificationId
    this.idempotencyKey = subject.idempotencyKey
    this.requestId = failure.requestId
    this.errors = failure.problem?.errors
    this.#problem = failure.problem
  }

  /** The problem as it came, where the service itself has spoken. */
  get problem(): Problem | undefined {
    return this.#problem
  }
}

function messageOf({ code, status, requestId, reason }: Failure): string {
  const facts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
    ...(reason === undefined ? [] : [reason]),
  ]
  return facts.length === 0 ? code : `${code} (${facts.join(', ')})`
}
