import type { Problem, ProblemCode } from './contract.ts'
import { isProblem } from './contract-checks.ts'
import { mayHoldNumber, repeatsNumber } from './personal-numbers.ts'
import type { Failure } from './verification-error.ts'

/**
 * What came of one attempt. `replayed`: the ledger kept it from an earlier one with this key.
 * `mayHaveRun`: a function may have had the request, and what became of it is lost.
 */
export type Outcome<Value> =
  | { value: Value; replayed: boolean }
  | { failure: Failure; replayed: boolean; mayHaveRun: boolean }

export type Expected<Value> = {
  isValue: (value: unknown) => value is Value
  /** Numbers of the person, which no answer of the service repeats. */
  numbers: readonly string[]
}

const MOST_CHARACTERS = 10 * 1024 * 1024

/** Recognises what the contract has; all else is a failure and never a verdict. */
export async function readReply<Value>(
  response: Response,
  { isValue, numbers }: Expected<Value>,
): Promise<Outcome<Value>> {
  const { status, headers } = response
  const text = await readText(response)
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  const replayed = headers.get('idempotency-replayed') === 'true'
  if (type !== 'application/problem+json' && status >= 400) return gatewayFailure(response)

  const value = parse(text, numbers)
  if (status === 200 && type === 'application/json' && isValue(value)) return { value, replayed }
  if (!isProblem(value, status)) {
    return failed('unexpected_answer', response, { mayHaveRun: true })
  }
  return { failure: problemFailure(value, headers), replayed, mayHaveRun: false }
}

/** @returns nothing where it is no UTF-8, or more than API Gateway ever passes on */
async function readText({ body }: Response): Promise<string | undefined> {
  if (!body) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (text.length <= MOST_CHARACTERS) {
    const { done, value } = await reader.read()
    text += decoder.decode(value, { stream: !done })
    if (done) return text.includes('\uFFFD') ? undefined : text
  }
  await reader.cancel()
  return undefined
}

function parse(text: string | undefined, numbers: readonly string[]): unknown {
  if (text === undefined || repeatsNumber(text, numbers)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Its own 4xx stands before every function, its 5xx may stand behind one. */
function gatewayFailure(response: Response) {
  const { status } = response
  if (status === 429) return failed('gateway_throttled', response, { retryable: true })
  if (status < 500) return failed('gateway_refused', response, {})
  return failed('gateway_failed', response, { retryable: true, mayHaveRun: true })
}

function failed(
  code: Failure['code'],
  { status, headers }: Response,
  { retryable = false, mayHaveRun = false },
) {
  const failure: Failure = {
    code,
    status,
    retryable,
    billable: 'no',
    outcomeUnknown: false,
    retryAfterSeconds: secondsToWait(headers),
    requestId: requestIdOf(headers.get('x-request-id') ?? headers.get('apigw-requestid')),
  }
  return { failure, replayed: false, mayHaveRun }
}

function problemFailure(problem: Problem, headers: Headers): Failure {
  const { code, status, billable, retryable } = problem
  return {
    code,
    status,
    billable,
    retryable,
    outcomeUnknown: isOutcomeUnknown(problem),
    retryAfterSeconds: secondsToWait(headers),
    requestId: requestIdOf(problem.requestId),
    problem,
  }
}

/** Of a lost call, or of one that still runs. Elsewhere only the charge may be unknown. */
function isOutcomeUnknown({ code, billable }: Problem): boolean {
  const always: readonly ProblemCode[] = ['outcome_unknown', 'verification_in_progress']
  const ifSent: readonly ProblemCode[] = ['provider_timeout', 'provider_error', 'internal_error']
  return always.includes(code) || (ifSent.includes(code) && billable === 'unknown')
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
function secondsToWait(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!/^[A-Z][a-z]{2}, .* GMT$/.test(text)) return undefined
  return Math.max(0, Math.ceil((Date.parse(text) - Date.now()) / 1000))
}

function requestIdOf(text: string | null): string | undefined {
  const isId = text !== null && /^[\w.:=+/-]{1,128}$/.test(text) && !mayHoldNumber(text)
  return isId ? text : undefined
}
