import type { Person, Ruling } from './body-oracle.ts'
import { sendable } from './field-oracle.ts'

export type Answer = { statusCode: number; headers: Record<string, string>; body: string }

/** What is wrong with an answer and with what the provider was asked; `undefined` if nothing. */
export type Fault = '5xx' | 'provider hit' | 'answer'

const statuses: Record<string, number> = {
  malformed_json: 400,
  invalid_idempotency_key: 400,
  unauthenticated: 401,
  not_found: 404,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
}

/** Holds an answer against what the contract allows for the request. */
export function judgeAnswer(
  answer: Answer,
  asked: readonly Person[],
  { refusals, asks }: Ruling,
): Fault | undefined {
  if (!(answer.statusCode >= 200 && answer.statusCode < 500)) return '5xx'
  const isRefused = answer.statusCode !== 200
  if (asked.length > (isRefused ? 0 : 1)) return 'provider hit'
  if (asked.some((person) => !asks || !maySend(person, asks))) return 'provider hit'
  if (!isContractual(answer)) return 'answer'
  if (!isRefused) return asks && asked.length === 1 ? undefined : 'answer'
  const { code } = JSON.parse(answer.body)
  return refusals.has(code) && statuses[code] === answer.statusCode ? undefined : 'answer'
}

/** Whether a request without a person, to a route that reads, has got what it may get. */
export function judgeRead(
  answer: Answer,
  asked: readonly Person[],
  mayBe: readonly number[],
): Fault | undefined {
  if (!(answer.statusCode >= 200 && answer.statusCode < 500)) return '5xx'
  if (asked.length > 0) return 'provider hit'
  return mayBe.includes(answer.statusCode) && isContractual(answer) ? undefined : 'answer'
}

function maySend(person: Person, asks: Person): boolean {
  return Object.entries(person).every(([field, sent]) => {
    const known = field as keyof Person
    return sendable[known].test(sent) && (asks[known] ?? sent) === sent
  })
}

function isContractual({ statusCode, headers, body }: Answer): boolean {
  const problem = JSON.parse(body)
  const type = statusCode === 200 ? 'application/json' : 'application/problem+json'
  const requestId = headers['x-request-id'] ?? ''
  return (
    headers['content-type'] === type &&
    headers['cache-control'] === 'no-store' &&
    /^[!-~]{1,128}$/.test(requestId) &&
    (statusCode === 200 ||
      (problem.status === statusCode &&
        problem.requestId === requestId &&
        problem.billable === 'no'))
  )
}
