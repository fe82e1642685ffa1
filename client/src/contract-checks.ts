import type { Problem, ProblemCode, Usage, Verification, VerificationPage } from './contract.ts'

type Choices<Choice extends string> = Record<Choice, true>

// Typed by the contract: a value that it gains or loses does not compile here.
const verdicts: Choices<Verification['verdict']> = {
  match: true,
  mismatch: true,
  unverifiable: true,
}
const reasons: Choices<NonNullable<Verification['reason']>> = {
  abnormal: true,
  no_record: true,
  declined: true,
}
const providers: Choices<Verification['provider']> = { databao: true, juhe: true }
const billables: Choices<Verification['billable']> = { yes: true, no: true, unknown: true }
const elements: Choices<Verification['elements'][number]> = {
  name: true,
  idNumber: true,
  cardNumber: true,
}
const problemCodes: Choices<ProblemCode> = {
  malformed_json: true,
  unauthenticated: true,
  not_found: true,
  invalid_idempotency_key: true,
  idempotency_key_required: true,
  idempotency_key_reused: true,
  verification_in_progress: true,
  outcome_unknown: true,
  daily_limit_reached: true,
  ledger_unavailable: true,
  unsupported_media_type: true,
  payload_too_large: true,
  validation_failed: true,
  provider_rejected_input: true,
  too_many_attempts: true,
  card_locked: true,
  provider_throttled: true,
  provider_quota_exhausted: true,
  provider_credentials_rejected: true,
  provider_access_denied: true,
  provider_unavailable: true,
  provider_timeout: true,
  provider_error: true,
  credentials_unavailable: true,
  internal_error: true,
}

const ANY = /^/
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/
const REFERENCE = /^[A-Za-z0-9._:-]{1,64}$/
/** A pointer, a parameter or a code; empty where an unknown name is not repeated. */
const NAME = /^[\w/]{0,64}$/

/** An id as the service gives them. */
export function isVerificationId(value: unknown): value is string {
  return isText(UUID, value)
}

export function isVerification(value: unknown): value is Verification {
  const { verdict, reason, card, ...rest } = fieldsOf(value)
  const { bank, type, last4 } = fieldsOf(card)
  return (
    isVerificationId(rest['id']) &&
    isOneOf(verdicts, verdict) &&
    (verdict === 'unverifiable' ? isOneOf(reasons, reason) : reason === undefined) &&
    isListOf(rest['elements'], (element) => isOneOf(elements, element)) &&
    isOneOf(providers, rest['provider']) &&
    isOptional(REFERENCE, rest['providerReference']) &&
    isOneOf(billables, rest['billable']) &&
    isTime(rest['verifiedAt']) &&
    typeof rest['reused'] === 'boolean' &&
    isObject(card) &&
    isOptional(/^\d{4}$/, last4) &&
    isOptional(ANY, bank) &&
    isOptional(ANY, type) &&
    isListOf(rest['warnings'], isFinding) &&
    isOptional(REFERENCE, rest['reference'])
  )
}

export function isVerificationPage(value: unknown): value is VerificationPage {
  const { verifications, cursor } = fieldsOf(value)
  return (
    isListOf(verifications, isVerification) && (cursor === undefined || isVerificationId(cursor))
  )
}

export function isUsage(value: unknown): value is Usage {
  const { from, to, usage } = fieldsOf(value)
  return isText(DAY, from) && isText(DAY, to) && isListOf(usage, isUsageLine)
}

/** A problem with this HTTP status. */
export function isProblem(value: unknown, httpStatus: number): value is Problem {
  const { code, status, retryable, billable, errors, ...rest } = fieldsOf(value)
  return (
    isOneOf(problemCodes, code) &&
    status === httpStatus &&
    httpStatus >= 400 &&
    typeof retryable === 'boolean' &&
    (billable === 'no' || billable === 'unknown') &&
    [rest['type'], rest['title'], rest['detail'], rest['requestId']].every(
      (text) => typeof text === 'string',
    ) &&
    (errors === undefined || isListOf(errors, isFinding))
  )
}

function isUsageLine(value: unknown): boolean {
  const { day, provider, caller, billed, verdicts: told, ...rest } = fieldsOf(value)
  const { asked, reached, reused, replayed, refused } = rest
  const { yes, no, unknown } = fieldsOf(billed)
  const { match, mismatch, unverifiable } = fieldsOf(told)
  const counts = [asked, reached, reused, replayed, refused, yes, no, unknown]
  return (
    isText(DAY, day) &&
    isOneOf(providers, provider) &&
    isText(ANY, caller) &&
    [...counts, match, mismatch, unverifiable].every(Number.isInteger)
  )
}

/** One of `errors` or `warnings`: names and codes of the contract, never a value. */
function isFinding(value: unknown): boolean {
  const { pointer, parameter, code } = fieldsOf(value)
  return isText(NAME, pointer ?? parameter) && isText(NAME, code)
}

function isOneOf<Choice extends string>(choices: Choices<Choice>, value: unknown): value is Choice {
  return typeof value === 'string' && Object.hasOwn(choices, value)
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => boolean): value is Item[] {
  return Array.isArray(value) && value.every((item) => isItem(item))
}

function isText(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}

function isTime(value: unknown): boolean {
  return isText(TIME, value) && !Number.isNaN(Date.parse(value))
}

function isOptional(pattern: RegExp, value: unknown): boolean {
  return value === undefined || isText(pattern, value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? { ...value } : {}
}
