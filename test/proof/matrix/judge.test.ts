import { describe, expect, it } from 'vitest'
import { lost, match, neverSent } from './expected.ts'
import { misbilled, repeated, unexpected } from './judge.ts'
import type { Observation } from './observation.ts'

const ran = { ran: true, charged: false }
const charged = { ran: true, charged: true }
const turnedAway = { ran: false, charged: false }

const seen: Observation = {
  case: 'match',
  channel: 'databao',
  round: 0,
  expected: [match],
  told: match,
  billable: 'yes',
  lateMs: -100,
  hits: [charged],
}
const of = (...observations: Partial<Observation>[]) => ({
  observations: observations.map((one) => ({ ...seen, ...one })),
  strays: [],
})

describe('the judge of the fault matrix', () => {
  it.each([
    ['all as expected', {}, 0],
    ['another answer', { told: lost }, 1],
    ['one of several answers', { told: lost, expected: [match, lost] }, 0],
    ['250 ms past the deadline', { lateMs: 250 }, 0],
    ['251 ms past the deadline', { lateMs: 251 }, 1],
    ['20 MiB more memory', { grownBytes: 20 * 2 ** 20 }, 1],
  ])('finds in %s %j: %i complaints', (_what, one, complaints) => {
    expect(unexpected(of(one))).toHaveLength(complaints)
  })

  it.each([
    ['one hit', { hits: [ran] }, 0],
    ['a second hit that was turned away', { hits: [ran, turnedAway] }, 1],
    ['two hits that may have run', { hits: [ran, ran] }, 1],
    ['one turned away before it', { hits: [turnedAway, ran] }, 0],
    ['three turned away', { hits: [turnedAway, turnedAway, turnedAway] }, 1],
    ['three connections', { hits: [], connects: 3, told: neverSent }, 1],
  ])('finds in %s %j: %i repeated', (_what, one, requests) => {
    expect(repeated(of(one))).toHaveLength(requests)
  })

  it.each([
    ['yes, charged', { billable: 'yes', hits: [charged] }, 0],
    ['yes, not charged', { billable: 'yes', hits: [ran] }, 1],
    ['no, charged at the second hit', { billable: 'no', hits: [turnedAway, charged] }, 1],
    ['no, not charged', { billable: 'no', hits: [] }, 0],
    ['unknown, charged', { billable: 'unknown', hits: [charged] }, 0],
    ['unknown, not charged', { billable: 'unknown', hits: [ran] }, 0],
  ])('finds in %s %j: %i misbilled', (_what, one, requests) => {
    expect(misbilled(of(one))).toHaveLength(requests)
  })

  it('takes a stray request for a fault and for a repetition', () => {
    const stray = { ...of({}), strays: ['GET /redirected'] }
    expect([unexpected(stray).length, repeated(stray).length]).toEqual([1, 1])
  })
})
