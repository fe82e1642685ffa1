import { AppError } from '../errors/app-error.ts'
import { problemOf } from '../errors/problem.ts'
import type { LedgerPerson, VerifyOnce } from '../ledger/verification-ledger.ts'
import type { AskProvider } from '../verification/verdict.ts'
import { type Operation, type Verification, withLast4 } from '../verification/verification.ts'
import type {
  Fields,
  ParsedRequest,
  VerificationRequest,
} from '../verification/verification-request.ts'
import type { CallContext, Endpoint, Reply } from './http-handler.ts'
import { readJsonBody } from './json-body.ts'
import { keepProblem, keptProblemReply } from './problem-reply.ts'
import { asksAnew, idempotencyKeyOf } from './request-headers.ts'

type Input<Person> = {
  request: VerificationRequest<Person>
  idempotencyKey: string | undefined
  anew: boolean
}

export type VerificationEndpoint<Person> = {
  route: string
  operation: Operation
  parse: (fields: Fields) => ParsedRequest<Person>
  ask: AskProvider<Person>
  verifyOnce: VerifyOnce
  requireIdempotencyKey: boolean
}

/** `POST /v1/verifications/…`: asks a provider through the ledger. */
export function verificationEndpoint<Person extends LedgerPerson>(
  options: VerificationEndpoint<Person>,
): Endpoint<Input<Person>> {
  const { route, operation, parse, ask, verifyOnce } = options
  return {
    route,
    provider: operation.provider,
    read(http) {
      const idempotencyKey = idempotencyKeyOf(http.headers, options.requireIdempotencyKey)
      const parsed = parse(readJsonBody(http))
      if ('errors' in parsed) throw new AppError('validation_failed', { errors: parsed.errors })
      return { request: parsed.request, idempotencyKey, anew: asksAnew(http.headers) }
    },
    async answer({ request, idempotencyKey, anew }, context) {
      const { caller, remainingMs, trace } = context
      const found = await verifyOnce(
        {
          operation,
          request,
          caller,
          idempotencyKey,
          anew,
          remainingMs,
          trace,
          replyOf: (error) => keptProblem(error, context),
        },
        ask,
      )
      return 'replay' in found
        ? replayed(found.replay, request.person)
        : verificationReply(found.verification, request.person)
    },
  }
}

function keptProblem(error: AppError, { requestId, language }: CallContext): string {
  return keepProblem(problemOf(error, requestId, language), language)
}

function replayed(kept: string, person: LedgerPerson): Reply {
  const parsed: Verification | Parameters<typeof keptProblemReply>[0] = JSON.parse(kept)
  const reply = 'problem' in parsed ? keptProblemReply(parsed) : verificationReply(parsed, person)
  return {
    ...reply,
    headers: { ...reply.headers, 'idempotency-replayed': 'true' },
    logged: { ...reply.logged, replayed: true },
  }
}

function verificationReply(verification: Verification, person: LedgerPerson): Reply {
  const { id, provider, verdict, billable, providerReference, reused } = verification
  return {
    status: 200,
    headers: {},
    body: withLast4(verification, person),
    logged: { verificationId: id, provider, verdict, billable, providerReference, reused },
  }
}
