import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { part, read, ROOT, rowsOf } from './documents.ts'

const DOCUMENT = 'docs/security.md'

/** Tests named as `file`: “title”, “title”. */
function testsIn(text: string): { file: string; title: string }[] {
  return [...text.matchAll(/`(test\/[\w./-]+\.ts)`: (“[^”]+”(?:, “[^”]+”)*)/g)].flatMap(
    ([, file = '', titles = '']) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  )
}

describe('docs/security.md', () => {
  it('names only tests that are there', () => {
    const named = testsIn(read(DOCUMENT))
    expect(named.length).toBeGreaterThan(40)
    const missing = named.filter(({ file, title }) => !isThere(file, title))
    expect(missing).toEqual([])
  })

  it('has a test for every threat of the list, and for its own', () => {
    const owasp = rowsOf(part(DOCUMENT, 'owasp'))
    expect(owasp.map(([name = '']) => name.split(' ')[0])).toEqual(
      Array.from({ length: 10 }, (_, at) => `API${at + 1}`),
    )
    const rows = [...owasp, ...rowsOf(part(DOCUMENT, 'others'))]
    expect(rows.filter((row) => testsIn(row.at(-1) ?? '').length === 0)).toEqual([])
  })
})

/** As the title of a test, or as the name of a check that a test runs by its name. */
function isThere(file: string, title: string): boolean {
  if (!existsSync(path.join(ROOT, file))) return false
  const text = read(file)
  return [`'${title}'`, `"${title}"`, `\n  ${title}(`].some((form) => text.includes(form))
}
