import { afterEach, expect, it, vi } from 'vitest'
import net from 'node:net'
import { rehearsalLedger } from '../../lib/ledger/rehearsal-ledger.ts'
import type { Question } from '../../lib/ledger/verification-ledger.ts'
import type { ThreeElementPerson } from '../../lib/verification/verification-request.ts'
import { person } from '../providers/asking.ts'

const question: Question<ThreeElementPerson> = {
  operation: { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] },
  request: { person: person(), reference: undefined, warnings: [] },
  caller: 'iam:arn:aws:iam::000000000000:role/local',
  idempotencyKey: 'payout-8841',
  anew: false,
  remainingMs: () => 1000,
  replyOf: (error) => error.code,
}

afterEach(() => {
  vi.restoreAllMocks()
})

it('asks each time as if for the first time, and nothing leaves the process', async () => {
  const connect = vi.spyOn(net.Socket.prototype, 'connect')
  const verifyOnce = rehearsalLedger()
  const asked: ThreeElementPerson[] = []
  for (const count of [1, 2]) {
    const answer = await verifyOnce(question, async (who) => {
      asked.push(who)
      return { verdict: 'unverifiable', reason: 'no_record', billable: 'no' }
    })
    expect(answer).toMatchObject({ verification: { verdict: 'unverifiable', reused: false } })
    expect(asked).toHaveLength(count)
  }
  expect(asked[0]).toEqual(question.request.person)
  expect(connect).not.toHaveBeenCalled()
})

it('lets the rest of the process have its turn while it writes', async () => {
  let turns = 0
  let stopped = false
  const count = () => {
    if (stopped) return
    turns += 1
    setImmediate(count)
  }
  setImmediate(count)
  await rehearsalLedger()(question, async () => ({ verdict: 'match', billable: 'no' }))
  stopped = true
  // Three round trips to the table before the provider, one after it.
  expect(turns).toBeGreaterThanOrEqual(4)
})
