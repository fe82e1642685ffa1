import { expect } from 'vitest'
import type { LambdaResponse } from './function-process.ts'

type ProblemRow = readonly [status: number, retryable: boolean | 'depends', waits?: 'waits']

/** contract.md §3 and §5, written down anew: nothing here is taken from lib/. */
export const problemTable: Record<string, ProblemRow> = {
  malformed_json: [400, false],
  unsupported_media_type: [415, false],
  payload_too_large: [413, false],
  validation_failed: [422, false],
  provider_rejected_input: [422, false],
  too_many_attempts: [429, false, 'waits'],
  card_locked: [429, false, 'waits'],
  provider_throttled: [503, true, 'waits'],
  provider_quota_exhausted: [503, false],
  provider_credentials_rejected: [502, false],
  provider_access_denied: [502, false],
  provider_unavailable: [503, true, 'waits'],
  provider_timeout: [504, 'depends'],
  provider_error: [502, false],
  credentials_unavailable: [503, 'depends'],
  internal_error: [500, false],
  unauthenticated: [401, false],
  not_found: [404, false],
  invalid_idempotency_key: [400, false],
  idempotency_key_required: [400, false],
  idempotency_key_reused: [422, false],
  verification_in_progress: [409, true, 'waits'],
  outcome_unknown: [504, false],
  daily_limit_reached: [429, false, 'waits'],
  ledger_unavailable: [503, true],
}

const optionally = (pattern: RegExp) => ({ optional: pattern })
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

type Member = RegExp | { optional: RegExp }

// Each member's JSON text.
const PROBLEM: Record<string, Member> = {
  type: /^"[^"]+"$/,
  title: /^".+"$/,
  status: /^\d{3}$/,
  detail: /^".+"$/,
  code: /^"[a-z_]+"$/,
  requestId: /^".+"$/,
  retryable: /^(true|false)$/,
  billable: /^"(no|unknown)"$/,
  provider: optionally(/^"(databao|juhe)"$/),
  providerCode: optionally(/^".+"$/),
  providerReference: optionally(/^"[A-Za-z0-9._:-]{1,64}"$/),
  errors: optionally(
    /^\[\{"(pointer":"(\/(name|idNumber|cardNumber|reference))?|parameter":"(from|to|reference|limit|cursor)?)","code":"[\da-z_]+"\}.*\]$/,
  ),
}

const ANSWER: Record<string, Member> = {
  id: new RegExp(UUID_V7.source.replace('^', '^"').replace('$', '"$')),
  verdict: /^"(match|mismatch|unverifiable)"$/,
  reason: optionally(/^"(abnormal|no_record|declined)"$/),
  elements: /^\["name",("idNumber",)?"cardNumber"\]$/,
  provider: /^"(databao|juhe)"$/,
  providerReference: optionally(/^"[A-Za-z0-9._:-]{1,64}"$/),
  billable: /^"(yes|no|unknown)"$/,
  verifiedAt: new RegExp(TIME.source.replace('^', '^"').replace('$', '"$')),
  reused: /^(true|false)$/,
  card: /^\{("last4":"\d{4}")?(,?"bank":"[^"]+","type":"[a-z-]+")?\}$/,
  warnings:
    /^\[(,?\{"pointer":"\/(name|idNumber|cardNumber)","code":"(luhn|private_use_character|bin_unknown|document_type)"\})*\]$/,
  reference: optionally(/^"[A-Za-z0-9._:-]{1,64}"$/),
}

/** What contract.md promises of every response that a function makes, and of each kind of body. */
export function expectContract({ statusCode, headers, body }: LambdaResponse): void {
  const { 'x-request-id': requestId, 'cache-control': caching, 'content-type': type } = headers
  expect(requestId).toMatch(/^.{1,128}$/)
  expect(caching).toBe('no-store')

  const members: Record<string, unknown> = JSON.parse(body)
  if (statusCode !== 200) {
    expect(type).toBe('application/problem+json')
    expectMembers(members, PROBLEM)
    expect(members['status']).toBe(statusCode)
    // A replay is the earlier problem word for word.
    if (!headers['idempotency-replayed']) expect(members['requestId']).toBe(requestId)
    expectProblemRow(members, headers['retry-after'])
    return
  }
  expect(type).toBe('application/json')
  if ('verdict' in members) expectAnswer(members)
}

export function expectAnswer(members: Record<string, unknown>): void {
  expectMembers(members, ANSWER)
  expect('reason' in members).toBe(members['verdict'] === 'unverifiable')
}

function expectProblemRow(members: Record<string, unknown>, retryAfter: string | undefined) {
  const code = String(members['code'])
  const [status, retryable, waits] = problemTable[code] ?? []
  expect({ code, status: members['status'] }).toEqual({ code, status })
  if (retryable !== 'depends') expect(members['retryable']).toBe(retryable)
  expect(String(members['type']).endsWith(code)).toBe(true)
  expect('errors' in members).toBe(code === 'validation_failed')
  if (waits || retryAfter !== undefined) expect(retryAfter).toMatch(/^[1-9]\d{0,4}$/)
}

function expectMembers(members: Record<string, unknown>, table: Record<string, Member>): void {
  const unknown = Object.keys(members).filter((name) => !Object.hasOwn(table, name))
  const unfit = Object.entries(table).filter(([name, member]) => {
    const value = JSON.stringify(members[name])
    if (member instanceof RegExp) return value === undefined || !member.test(value)
    return value !== undefined && !member.optional.test(value)
  })
  expect([...unknown, ...unfit.map(([name]) => name)]).toEqual([])
}
