import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import row from './fixtures/obedient-row.ts'
import { hasPassed } from './row.ts'
import { runRow } from './row-process.ts'

const file = new URL('fixtures/obedient-row.ts', import.meta.url).href
const run = (seed: number, lines: string[] = []) => {
  const say = (line: string) => lines.push(line)
  return runRow(row, file, { quick: true, seed, scratchDir: tmpdir(), say })
}

describe('the process of a row', () => {
  it('hands over what was found, said and seeded', async () => {
    const lines: string[] = []
    const outcome = await run(1, lines)
    expect(outcome).toMatchObject({ figure: '1', reached: true, seed: 1 })
    expect(lines).toEqual(['seed 1'])
    expect(hasPassed(outcome)).toBe(true)
  })

  it.each([
    ['crashes', 2, /^ended with SIGABRT/],
    ['hangs', 3, /^not done after 2 s/],
    ['throws', 4, /a row of this kind/],
  ])('that %s is the failure of this row alone', async (_what, seed, told) => {
    const outcome = await run(seed)
    expect(outcome).toMatchObject({ crashed: expect.stringMatching(told) })
    expect(hasPassed(outcome)).toBe(false)
  })

  it('may skip it', async () => {
    const outcome = await run(5)
    expect(outcome).toMatchObject({ skipped: 'nothing to do' })
    expect(hasPassed(outcome)).toBe(true)
  })
})

describe('a row', () => {
  const caught = { broken: 'x', caught: true, figure: '1' }
  const passed = { figure: '', reached: true, controls: [caught], seconds: 1, seed: 1 } as const

  it('passes by its goal and by its controls', () => {
    expect(hasPassed(passed)).toBe(true)
    expect(hasPassed({ ...passed, reached: false })).toBe(false)
    expect(hasPassed({ ...passed, controls: [caught, { ...caught, caught: false }] })).toBe(false)
  })
})
