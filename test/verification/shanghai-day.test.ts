import { describe, expect, it } from 'vitest'
import { secondsToShanghaiMidnight, shanghaiDay } from '../../lib/verification/shanghai-day.ts'

describe('secondsToShanghaiMidnight', () => {
  it.each([
    ['2026-11-22T16:00:00.000Z', 86_400],
    ['2026-11-22T16:00:00.001Z', 86_400],
    ['2026-11-22T16:00:01.000Z', 86_399],
    ['2026-11-23T00:00:00.000Z', 57_600],
    ['2026-11-23T03:35:00.000Z', 44_700],
    ['2026-11-23T15:59:58.999Z', 2],
    ['2026-11-23T15:59:59.000Z', 1],
    ['2026-11-23T15:59:59.999Z', 1],
    ['2028-02-29T15:59:00.000Z', 60],
  ])('are at %s %i', (now, seconds) => {
    expect(secondsToShanghaiMidnight(Date.parse(now))).toBe(seconds)
  })
})

describe('shanghaiDay', () => {
  it.each([
    ['2026-11-22T15:59:59.999Z', '2026-11-22'],
    ['2026-11-22T16:00:00.000Z', '2026-11-23'],
    ['2027-12-31T16:00:00.000Z', '2028-01-01'],
    ['2028-02-28T20:00:00.000Z', '2028-02-29'],
  ])('is at %s %s', (now, day) => {
    expect(shanghaiDay(Date.parse(now))).toBe(day)
  })
})
