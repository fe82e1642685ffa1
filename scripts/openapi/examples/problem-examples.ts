import { AppError } from '../../../lib/errors/app-error.ts'
import { problemOf } from '../../../lib/errors/problem.ts'
import type { Language, ProblemCode } from '../../../lib/errors/problem-catalog.ts'
import { MAX_BODY_BYTES } from '../../../lib/http/json-body.ts'
import { problemReply } from '../../../lib/http/problem-reply.ts'
import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../../lib/http/record-endpoints.ts'
import type { Json } from '../json-schema.ts'
import { type Asking, isAsking, type OperationId } from '../problem-codes.ts'
import { never, requestOf, tableOf, throughEndpoint } from './acted-endpoints.ts'
import { failureOf } from './provider-answers.ts'
import { sample, sampleBody } from './sample.ts'

/** The problem with this code, as the operation answers it. */
export function problemExample(
  operation: OperationId,
  code: ProblemCode,
  language: Language,
): Json {
  const error = provoked(operation, code)
  if (error.code !== code) throw new Error(`${operation} answers ${error.code}, not ${code}`)
  const { body } = problemReply(problemOf(error, sample.requestId, language), language)
  return body as Json
}

function provoked(operation: OperationId, code: ProblemCode): AppError {
  const mayHaveRun = code === 'internal_error' || code === 'outcome_unknown'
  return (
    (isAsking(operation)
      ? (refusal(() => verifyBadly(operation, code)) ?? failureOf(operation, code))
      : refusal(() => readBadly(operation, code))) ??
    // What the ledger or the gateway's context is to blame for.
    new AppError(code, mayHaveRun ? { billable: 'unknown' } : {})
  )
}

function refusal(act: () => void): AppError | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

/** Sends the request that is refused with this code, where there is one. */
function verifyBadly(operation: Asking, code: ProblemCode): void {
  const json: Record<string, string> = { 'content-type': 'application/json' }
  const body = JSON.stringify(sampleBody(operation, 'match'))
  const badFields =
    operation === 'verifyThreeElement'
      ? { name: '', idNumber: '110101190001010010' }
      : { name: '', cardNumber: undefined }
  const requests: Partial<
    Record<ProblemCode, { headers?: Record<string, string>; body?: string; requireKey?: true }>
  > = {
    unsupported_media_type: { headers: { 'content-type': 'text/plain' } },
    payload_too_large: { body: ' '.repeat(MAX_BODY_BYTES + 1) },
    malformed_json: { body: body.slice(1) },
    validation_failed: { body: JSON.stringify({ ...JSON.parse(body), ...badFields }) },
    invalid_idempotency_key: { headers: { ...json, 'idempotency-key': '' } },
    idempotency_key_required: { requireKey: true },
  }
  const request = requests[code]
  if (!request) return
  const acted = { verifyOnce: never, requireIdempotencyKey: request.requireKey ?? false }
  const headers = new Map(Object.entries(request.headers ?? json))
  throughEndpoint(operation, acted, ({ read }) =>
    read(requestOf({ headers, body: request.body ?? body })),
  )
}

/** Reads without anything that a read needs, where that is refused with this code. */
function readBadly(operation: Exclude<OperationId, Asking>, code: ProblemCode): void {
  if (code !== 'not_found' && code !== 'validation_failed') return
  const table = tableOf([])
  const endpoints = {
    getVerification: getVerificationEndpoint(table),
    listVerifications: listVerificationsEndpoint(table),
    getUsage: getUsageEndpoint(table),
  }
  endpoints[operation].read(requestOf({}))
}
