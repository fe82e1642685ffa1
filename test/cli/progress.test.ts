import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { priceOption, yuan } from '../../cli/src/money.ts'
import { startProgress, timeLeft } from '../../cli/src/progress.ts'
import { duration } from '../../cli/src/report.ts'
import { Tally } from '../../cli/src/tally.ts'
import { Printed } from './run-cli.ts'

const match = {
  verdict: 'match',
  billable: 'yes',
  reused: false,
  id: 'id',
  verifiedAt: '2026-11-22T03:35:00.000Z',
  provider: 'databao',
  warnings: [],
} as const

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A terminal 120 columns wide, or none. */
function started(total: number, tally: Tally, isTTY: boolean) {
  const terminal = {
    isTTY,
    columns: 120,
    cursorTo: vi.fn<() => void>(),
    clearLine: vi.fn<() => void>(),
    moveCursor: vi.fn<() => void>(),
  }
  const stderr = Object.assign(new Printed(), terminal)
  const [stdin, stdout] = [process.stdin, new Printed()]
  const progress = startProgress({ stdin, stdout, stderr, env: {} }, total, tally, 4200)
  return { progress, stderr }
}

describe('the progress', () => {
  it('is a line every five seconds where there is no terminal', () => {
    const tally = new Tally()
    const { progress, stderr } = started(1000, tally, false)
    vi.advanceTimersByTime(4000)
    for (let line = 2; line < 102; line++) tally.add(match, line)
    progress.update()
    expect(stderr.text).toBe('')
    vi.advanceTimersByTime(1000)
    expect(stderr.text).toBe('100 of 1,000 rows, 45 s left, ¥42.00 so far\n')
    progress.stop()
    vi.advanceTimersByTime(20_000)
    expect(stderr.text.split('\n')).toHaveLength(2)
  })

  it('counts what an earlier run has done, but not as its own speed', () => {
    const tally = new Tally()
    for (let line = 2; line < 502; line++) tally.add(match, line)
    const { progress, stderr } = started(1000, tally, false)
    for (let line = 502; line < 512; line++) tally.add(match, line)
    vi.advanceTimersByTime(5000)
    expect(stderr.text).toBe('510 of 1,000 rows, 4 min 5 s left, ¥214.20 so far\n')
    progress.stop()
  })

  it('is a bar at a terminal, with the time left, the cost and what it waits for', () => {
    const tally = new Tally()
    const { progress, stderr } = started(10, tally, true)
    vi.advanceTimersByTime(2000)
    for (let line = 2; line < 7; line++) tally.add(match, line)
    progress.update()
    vi.advanceTimersByTime(500)
    expect(stderr.text).toMatch(/[█░]+ 50% · 5 of 10 · 2 s left · ¥2\.10 so far/)
    progress.note('provider_throttled: waiting 5 s')
    vi.advanceTimersByTime(500)
    expect(stderr.text).toContain('· provider_throttled: waiting 5 s')
    progress.stop()
  })
})

describe('the time left', () => {
  it('is unknown before the first answer', () => {
    expect(timeLeft(5000, 0, 10)).toBe('time left unknown')
  })

  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [59_600, '1 min 0 s'],
    [3_599_000, '59 min 59 s'],
    [7_260_000, '2 h 1 min'],
  ])('%i ms reads as %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('money', () => {
  it.each([
    [0, '¥0.00'],
    [4200, '¥0.42'],
    [3333, '¥0.3333'],
    [2805, '¥0.2805'],
    [2850, '¥0.285'],
    [12_345_000, '¥1,234.50'],
  ])('%i parts of a yuan read as %s', (parts, text) => {
    expect(yuan(parts)).toBe(text)
  })

  it.each(['', '-1', '1e3', '0.12345', '12345', '¥1'])('has no price %j', (price) => {
    expect(() => priceOption({ price })).toThrow('--price')
  })

  it('takes the list price where none is named', () => {
    expect([priceOption({}), priceOption({ price: '0.28' })]).toEqual([4200, 2800])
  })
})
