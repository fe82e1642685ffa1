import { type ClientCode, type Verification, VerificationError } from '@bankcard-verify/client'
import type { Person } from './csv-rows.ts'

export type { Verification }

/** @throws whatever `failureOf` makes sense of */
export type Ask = (person: Person, idempotencyKey: string) => Promise<Verification>

/** A verification that has no verdict, in the words that a command needs. */
export type Failure = {
  code: string
  /** HTTP status; absent where no answer came. */
  status: number | undefined
  billable: 'no' | 'unknown'
  retryable: boolean
  retryAfterSeconds: number | undefined
  outcomeUnknown: boolean
  requestId: string | undefined
  idempotencyKey: string | undefined
  /** `<field>:<code>` */
  errors: readonly string[]
  /** Whether the service itself has spoken, not something on the way to it. */
  isFromService: boolean
  /** Whether the service says that a call was made for it and perhaps charged. */
  isPaidCall: boolean
  title: string | undefined
  detail: string | undefined
}

/** Of what the client finds by itself. */
const titles: ReadonlyMap<string, string> = new Map<ClientCode, string>([
  ['connection_failed', 'The API cannot be reached at its address'],
  ['connection_lost', 'The connection was lost, perhaps after the request had arrived'],
  ['timed_out', 'No whole answer came in time'],
  ['gateway_refused', 'The address, the credentials or the permission to call it are wrong'],
  ['gateway_throttled', 'Too many requests at once'],
  ['gateway_failed', 'The gateway failed, perhaps after the request had arrived'],
  ['unexpected_answer', 'What answers at this address is not what this API would say'],
  ['signing_failed', 'The credentials or the token are not fit to be sent'],
])

/** A request has fewer fields. */
const MOST_ERRORS = 10

/** @throws what is no failure of a verification: a mistake in this program */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof VerificationError)) throw error
  const { code, status, billable, retryable, retryAfterSeconds, outcomeUnknown } = error
  const { requestId, idempotencyKey, errors = [], problem } = error
  return {
    code,
    status,
    billable,
    retryable,
    retryAfterSeconds,
    outcomeUnknown,
    requestId,
    idempotencyKey,
    errors: errors
      .slice(0, MOST_ERRORS)
      .map((error) => `${'pointer' in error ? error.pointer.slice(1) : ''}:${error.code}`),
    isFromService: problem !== undefined,
    isPaidCall: problem?.billable === 'unknown',
    title: problem?.title ?? titles.get(code),
    detail: problem?.detail,
  }
}
