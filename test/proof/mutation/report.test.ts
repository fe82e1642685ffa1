import { describe, expect, it } from 'vitest'
import { areas, filesOf } from './areas.ts'
import { changedSince, digestsOf, testDigestOf } from './report.ts'

const cipher = 'lib/providers/juhe/juhe-cipher.ts'
const measured = {
  counts: { killed: 1, timedOut: 0, survived: 0, uncovered: 0, invalid: 0 },
  survivors: [],
  at: '2026-11-28T00:00:00.000Z',
  digests: digestsOf(filesOf(areas.cipher.mutate)),
  tests: testDigestOf(areas.cipher.tests),
}

describe('a report', () => {
  it('speaks of the code and the tests as they were', () => {
    expect(changedSince('cipher', measured)).toEqual([])
  })

  it.each([
    ['a file that has changed', { digests: { [cipher]: 'another' } }, cipher],
    ['a file that is new', { digests: {} }, cipher],
    [
      'a file that is gone',
      { digests: { ...measured.digests, 'lib/gone.ts': 'a' } },
      'lib/gone.ts',
    ],
    ['other tests', { tests: 'others' }, 'the tests of cipher'],
  ])('does not speak of %s', (_, changed, told) => {
    expect(changedSince('cipher', { ...measured, ...changed })).toEqual([told])
  })
})
