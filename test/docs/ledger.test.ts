import { beforeAll, describe, expect, it } from 'vitest'
import { partAgainst, read, table } from './documents.ts'
import { measureLedger } from './ledger-costs.ts'

const DOCUMENT = 'docs/ledger.md'
/** DynamoDB bills a write by the KiB. */
const WRITE_UNIT_BYTES = 1024

let measured: Awaited<ReturnType<typeof measureLedger>>

beforeAll(async () => {
  measured = await measureLedger()
})

describe('docs/ledger.md', () => {
  it('tells what every path costs', () => {
    const rows = measured.costs.map(({ path, before, after, writes, indexWrites, reads }) =>
      [path, before, after, writes, indexWrites, reads].map(String),
    )
    const head = ['path', 'before', 'after', 'table writes', 'index writes', 'reads']
    const wanted = table(head, rows)
    expect(partAgainst(DOCUMENT, 'costs', wanted)).toBe(wanted)
  })

  it('tells how large the items are', () => {
    const rows = measured.sizes.map(({ item, bytes }) => [`\`${item}#…\``, `${bytes} B`])
    const wanted = table(['item', 'at most'], rows)
    expect(partAgainst(DOCUMENT, 'sizes', wanted)).toBe(wanted)
  })

  it('names every attribute that is stored', () => {
    const text = read(DOCUMENT)
    const unnamed = measured.sizes.flatMap(({ item, attributes }) =>
      attributes.filter((name) => !text.includes(`\`${name}\``)).map((name) => `${item} ${name}`),
    )
    expect(unnamed).toEqual([])
  })
})

describe('a request', () => {
  it('waits for at most three round trips before the provider and one after', () => {
    for (const { path, before, after } of measured.costs.filter((cost) => cost.after > 0)) {
      expect({ path, before, after }).toEqual({ path, before: 3, after: 1 })
    }
  })

  it('writes no item that costs more than one unit', () => {
    for (const { bytes } of measured.sizes) expect(bytes).toBeLessThanOrEqual(WRITE_UNIT_BYTES)
  })
})
