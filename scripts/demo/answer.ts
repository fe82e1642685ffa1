import type { Expected } from './cases.ts'
import type { Invoked } from './invoke-local.ts'

/** The part of an answer that is compared and shown: no identifiers, no times. */
export type Answer = {
  status: string
  answer: string
  billable: string
  retry: string
  details: string
}

type Facts = {
  status: number
  answer: string
  reason?: string | undefined
  billable: string
  retryable?: boolean | undefined
  title?: string | undefined
  findings: readonly string[] | undefined
}

export function expectedAnswer(expected: Expected): Answer {
  if ('code' in expected) {
    return answerOf({ ...expected, answer: expected.code, findings: expected.errors })
  }
  return answerOf({ ...expected, answer: expected.verdict, findings: expected.warnings })
}

export function actualAnswer({ status, body }: Extract<Invoked, { body: object }>): Answer {
  const { verdict, reason, code, title = '', billable, retryable, warnings, errors } = body
  return answerOf({
    status,
    answer: verdict ?? code ?? '',
    reason,
    billable,
    retryable,
    title: /\p{Script=Han}/u.test(title) ? title : undefined,
    findings: (warnings ?? errors)?.map((found) => `${found.pointer} ${found.code}`.trim()),
  })
}

function answerOf({ status, answer, reason, billable, retryable, title, findings }: Facts): Answer {
  const retries = { true: 'yes', false: 'no', undefined: '-' }
  const found = findings?.toSorted((a, b) => (a < b ? -1 : 1)).join(', ')
  return {
    status: String(status),
    answer: [answer, reason].filter(Boolean).join(': '),
    billable,
    retry: retries[`${retryable}`],
    details: [title, found].filter(Boolean).join(': '),
  }
}
