import { secondsToShanghaiMidnight } from '../verification/shanghai-day.ts'
import { AppError, type ProblemFacts } from './app-error.ts'
import { type Language, type ProblemCode, problemCatalog, type Row } from './problem-catalog.ts'

// For a code that is retryable only sometimes (Juhe 218801) and so has no wait in the catalog.
const RETRY_AFTER_SECONDS = 5

/** A failure as callers see it: RFC 9457 problem details. */
export type Problem = Omit<ProblemFacts, 'billable' | 'retryable' | 'retryAfterSeconds'> & {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  requestId: string
  retryable: boolean
  billable: 'no' | 'unknown'
}

/** @returns the problem, and the seconds of its `Retry-After` where waiting helps */
export function problemOf(error: AppError, requestId: string, language: Language) {
  const { code } = error
  const { retryAfterSeconds, ...facts } = error.facts
  const row = problemCatalog[code]
  const retryable = isRetryable(error)
  const problem: Problem = {
    type: `urn:problem-type:bankcard-verify:${code}`,
    title: row.title[language],
    status: row.status,
    detail: row.detail[language],
    code,
    requestId,
    ...facts,
    retryable,
    billable: facts.billable ?? 'no',
  }
  return { problem, retryAfterSeconds: retryAfterSeconds ?? secondsToWait(row, retryable) }
}

/** May the same request be sent again? */
export function isRetryable({ code, facts }: AppError): boolean {
  return facts.retryable ?? problemCatalog[code].retryable
}

function secondsToWait(row: Row, retryable: boolean): number | undefined {
  if (row.retryable && !retryable) return undefined
  if (row.retryAfter === 'midnight') return secondsToShanghaiMidnight()
  return row.retryAfter ?? (retryable ? RETRY_AFTER_SECONDS : undefined)
}
