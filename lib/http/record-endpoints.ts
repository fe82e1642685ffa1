import { AppError } from '../errors/app-error.ts'
import type { Table } from '../ledger/dynamo-table.ts'
import { readUsage } from '../ledger/usage.ts'
import { findAnswer, listAnswers } from '../ledger/verification-record.ts'
import { isCalendarDay } from '../verification/shanghai-day.ts'
import type { Endpoint, Reply } from './http-handler.ts'
import { QueryReader } from './query.ts'

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const REFERENCE = /^[A-Za-z0-9._:-]{1,64}$/
export const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/
export const PAGE = { fallback: '20', pattern: /^(?:[1-9]|[1-9][0-9]|100)$/ }
export const MOST_DAYS = 92
const DAY_MS = 86_400_000

/** `GET /v1/verifications/{id}`: the recorded answer, for the caller that got it. */
export function getVerificationEndpoint(table: Table): Endpoint<{ id: string }> {
  return {
    route: 'getVerification',
    read({ pathParameters }) {
      const id = pathParameters.get('id')?.toLowerCase() ?? ''
      if (!UUID.test(id)) throw new AppError('not_found')
      return { id }
    },
    async answer({ id }, { caller }) {
      const answer = await findAnswer(table, caller, id, Date.now())
      if (answer === undefined) throw new AppError('not_found')
      return reply(JSON.parse(answer))
    },
  }
}

/** `GET /v1/verifications?reference=…`: newest first, a page at a time. */
export function listVerificationsEndpoint(
  table: Table,
): Endpoint<{ reference: string; limit: number; after: string | undefined }> {
  return {
    route: 'listVerifications',
    read({ query }) {
      const reader = new QueryReader(query)
      const reference = reader.required('reference', REFERENCE)
      const limit = Number(reader.optional('limit', PAGE.pattern) ?? PAGE.fallback)
      const after = reader.optional('cursor', UUID)
      reader.finish()
      return { reference, limit, after }
    },
    async answer(input, { caller }) {
      const { answers, next } = await listAnswers(table, { caller, ...input }, Date.now())
      return reply({
        verifications: answers.map((answer): unknown => JSON.parse(answer)),
        ...(next === undefined ? {} : { cursor: next }),
      })
    },
  }
}

/** `GET /v1/usage?from=…&to=…`: the whole deployment by Shanghai day, provider and caller. */
export function getUsageEndpoint(table: Table): Endpoint<{ from: string; to: string }> {
  return {
    route: 'getUsage',
    read({ query }) {
      const reader = new QueryReader(query)
      const from = reader.required('from', DAY)
      const to = reader.required('to', DAY)
      for (const [parameter, day] of Object.entries({ from, to })) {
        if (!isCalendarDay(day)) reader.refuse(parameter, 'format')
      }
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
      if (days < 1) reader.refuse('to', 'format')
      if (days > MOST_DAYS) reader.refuse('to', 'length')
      reader.finish()
      return { from, to }
    },
    async answer({ from, to }) {
      const lines = await readUsage(table, from, to)
      return reply({
        from,
        to,
        usage: lines.map((line) => {
          const { billedYes, billedNo, matches, mismatches, unverifiable, ...counts } = line
          return {
            ...counts,
            // Unknown: what was neither charged for certain nor spared for certain.
            billed: {
              yes: billedYes,
              no: billedNo,
              unknown: counts.reached - billedYes - billedNo,
            },
            verdicts: { match: matches, mismatch: mismatches, unverifiable },
          }
        }),
      })
    },
  }
}

function reply(body: object): Reply {
  return { status: 200, headers: {}, body, logged: {} }
}
