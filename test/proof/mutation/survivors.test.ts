import { describe, expect, it } from 'vitest'
import { scoreOf } from './report.ts'
import { reasonsOf } from './survivors.ts'

const excused = {
  file: 'lib/net/http-poster.ts',
  line: 69,
  mutator: 'ConditionalExpression',
  original: 'connection.isUsable()',
  replacement: 'true',
}
const counts = { killed: 9, timedOut: 0, survived: 1, uncovered: 0, invalid: 0 }

describe('a mutant that survives', () => {
  it('with its reason does not count', () => {
    expect(reasonsOf([excused]).get(excused)?.kind).toBe('equivalent')
    expect(scoreOf([{ counts, survivors: [excused] }])).toMatchObject({ of: 9, percent: 100 })
  })

  it('without one counts', () => {
    const gap = { ...excused, replacement: 'false' }
    expect(reasonsOf([gap]).size).toBe(0)
    expect(scoreOf([{ counts, survivors: [gap] }])).toMatchObject({ of: 10, percent: 90 })
  })

  it('counts where its reason was written for another place', () => {
    const survivors = [excused, { ...excused, line: 51 }]
    expect(reasonsOf(survivors).size).toBe(0)
    expect(scoreOf([{ counts, survivors }])).toMatchObject({ of: 10, percent: 90 })
  })
})
