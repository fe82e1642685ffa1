import { setTimeout as sleep } from 'node:timers/promises'
import { type ClientCode, type Problem, VerificationError } from '@bankcard-verify/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AskingOptions, askRows } from '../../cli/src/ask-rows.ts'
import type { Verification } from '../../cli/src/asking.ts'
import type { Row } from '../../cli/src/csv-rows.ts'
import { Journal } from '../../cli/src/journal.ts'
import { AppError } from '../../lib/errors/app-error.ts'
import type { ProblemCode } from '../../lib/errors/problem-catalog.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { temporaryFolder } from './run-cli.ts'

const folder = temporaryFolder()
const ROWS = 20
let journal: Journal

beforeEach(async () => {
  const identity = { input: 'digest', encoding: 'utf-8', elements: 3, api: 'https://a' } as const
  journal = await Journal.open(folder.at('journal'), identity, ROWS, () => undefined)
})
afterEach(() => journal.close())

async function* rows(): AsyncGenerator<Row> {
  for (let line = 1; line <= ROWS; line++) {
    const base = { line, cells: [], reference: undefined }
    yield { ...base, person: inventedPerson(line), last4: '0000', warnings: [] }
  }
}

const match: Verification = {
  id: '019a0017-6299-7990-8000-001700170017',
  verdict: 'match',
  elements: ['name', 'idNumber', 'cardNumber'],
  provider: 'databao',
  billable: 'yes',
  verifiedAt: '2026-11-22T03:35:00.000Z',
  reused: false,
  card: { last4: '0000' },
  warnings: [],
}

const lost = (code: ClientCode) =>
  new VerificationError({ code, retryable: true, billable: 'no', outcomeUnknown: false })

function refused(code: ProblemCode) {
  const problem = problemOf(new AppError(code), 'request', 'en').problem as unknown as Problem
  const { status, retryable, billable } = problem
  return new VerificationError({
    code,
    status,
    retryable,
    billable,
    outcomeUnknown: false,
    problem,
  })
}

const ask = (options: Partial<AskingOptions>) =>
  askRows(rows(), {
    ask: async () => match,
    journal,
    concurrency: 4,
    patienceMs: 60_000,
    interrupted: new AbortController().signal,
    onOutcome: () => undefined,
    onPause: () => undefined,
    ...options,
  })

describe('asking about rows', () => {
  it.each([1, 4, 7])('keeps %i under way at the same time, and no more', async (concurrency) => {
    let [underWay, most] = [0, 0]
    const stop = await ask({
      concurrency,
      async ask() {
        most = Math.max(most, ++underWay)
        await sleep(5)
        underWay--
        return match
      },
    })
    expect(stop).toBeUndefined()
    expect(most).toBe(concurrency)
  })

  it('writes down that it asks before it does', async () => {
    await ask({
      async ask(_person, key) {
        expect(await folder.read('journal')).toContain(`"asked":"${key}"`)
        return match
      },
    })
    expect(journal.openRow(ROWS)).toBeUndefined()
  })

  it('stops where nothing but failures come for longer than it has patience', async () => {
    let answered = 0
    const stop = await ask({
      concurrency: 1,
      patienceMs: 500,
      async ask() {
        if (answered++ < 3) return match
        throw lost('connection_failed')
      },
    })
    expect(stop).toMatchObject({ code: 'connection_failed' })
    expect(journal.openRow(3)).toBeUndefined()
    // Certainly not sent, so it may be asked at any time later.
    expect(journal.openRow(4)).toEqual({ round: 0 })
  })

  it('waits before it goes on, as long as the API says', async () => {
    const pauses: [string, number][] = []
    let refusals = 0
    const stop = await ask({
      concurrency: 1,
      async ask() {
        if (refusals++ > 0) return match
        throw new VerificationError({
          code: 'gateway_throttled',
          status: 429,
          retryable: true,
          billable: 'no',
          outcomeUnknown: false,
          retryAfterSeconds: 0.2,
        })
      },
      onPause: (code, seconds) => pauses.push([code, seconds]),
    })
    expect(stop).toBeUndefined()
    expect(pauses).toEqual([['gateway_throttled', 0.2]])
  })

  it('asks under another key after a refusal that the service keeps and that was free', async () => {
    const keys: string[] = []
    const quota = async (_person: unknown, key: string) => {
      keys.push(key)
      throw refused('provider_quota_exhausted')
    }
    expect(await ask({ concurrency: 1, ask: quota })).toMatchObject({
      code: 'provider_quota_exhausted',
    })
    expect(journal.openRow(1)).toEqual({ round: 1 })
    await ask({
      concurrency: 1,
      async ask(_person, key) {
        keys.push(key)
        return match
      },
    })
    expect(new Set(keys).size).toBe(1 + ROWS)
  })

  it('keeps in doubt what was lost before, whatever is refused before the ledger is asked', async () => {
    const key = journal.keyOf(1, 0, inventedPerson(1))
    await journal.asked(1, key)
    const before = journal.openRow(1)
    await ask({
      concurrency: 1,
      patienceMs: 0,
      ask: async () => {
        throw refused('ledger_unavailable')
      },
    })
    expect(journal.openRow(1)).toEqual(before)
  })
})
