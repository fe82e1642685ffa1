import type { Expected } from './cases.ts'
import type { AnswerBody } from './invoke-local.ts'

/** The part of an answer that is compared and shown: no identifiers, no times. */
export type Answer = {
  status: string
  answer: string
  billable: string
  retry: string
  /** Shown where it is in Chinese. */
  title: string
  findings: string[]
}

type Facts = {
  status: number
  answer: string
  reason?: string | undefined
  billable?: string | undefined
  retryable?: boolean | undefined
  title?: string | undefined
  findings?: readonly string[] | undefined
}

export function expectedAnswer(expected: Expected): Answer {
  if ('records' in expected) {
    return answerOf({ status: expected.status, answer: recordsText(expected.records) })
  }
  if ('code' in expected) {
    return answerOf({ ...expected, answer: expected.code, findings: expected.errors })
  }
  return answerOf({ ...expected, answer: expected.verdict, findings: expected.warnings })
}

export function actualAnswer({ status, body }: { status: number; body: AnswerBody }): Answer {
  const { verdict, reason, code, title = '', billable, retryable, warnings, errors } = body
  const records = body.verifications ?? body.usage
  return answerOf({
    status,
    answer: verdict ?? code ?? (records ? recordsText(records.length) : ''),
    reason,
    billable,
    retryable,
    title: /\p{Script=Han}/u.test(title) ? title : undefined,
    findings: (warnings ?? errors)?.map(({ pointer, parameter, code }) =>
      `${pointer ?? parameter ?? ''} ${code}`.trim(),
    ),
  })
}

function answerOf(facts: Facts): Answer {
  const { status, answer, reason, billable = '-', retryable, title = '', findings = [] } = facts
  const retries = { true: 'yes', false: 'no', undefined: '-' }
  return {
    status: String(status),
    answer: [answer, reason].filter(Boolean).join(': '),
    billable,
    retry: retries[`${retryable}`],
    title,
    findings: findings.toSorted((a, b) => (a < b ? -1 : 1)),
  }
}

const recordsText = (count: number) => `${count} records`
