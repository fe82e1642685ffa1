import { describe, expect, it } from 'vitest'
import { problemCatalog, type Row } from '../../lib/errors/problem-catalog.ts'
import { read } from './documents.ts'

const PARTS = ['**When.** ', '**Caller.** ', '**Operator.** ']
const sections = read('docs/errors.md')
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [heading = '', ...lines] = section.trim().split('\n')
    return { code: heading, lines: lines.filter((line) => line !== '') }
  })

function factsOf({ status, retryable, retryAfter }: Row): string {
  const wait = retryAfter === 'midnight' ? 'to midnight in Asia/Shanghai' : `${retryAfter} s`
  return [
    `Status ${status}`,
    `retryable: ${retryable ? 'yes' : 'no'}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${wait}`]),
  ].join(' · ')
}

describe('docs/errors.md', () => {
  it('has every problem code once, and no other', () => {
    const codes = sections.map(({ code }) => code)
    expect(codes.toSorted()).toEqual(Object.keys(problemCatalog).toSorted())
  })

  it.each(sections)('tells of $code what the catalog says, and what to do', ({ code, lines }) => {
    const row: Row | undefined = Object.entries(problemCatalog).find(([name]) => name === code)?.[1]
    expect(lines[0]).toBe(row && factsOf(row))
    for (const part of PARTS) {
      expect(lines.filter((line) => line.startsWith(`- ${part}`))).toHaveLength(1)
    }
  })
})
