import { describe, expect, it } from 'vitest'
import type { Item } from '../../lib/ledger/dynamo-table.ts'
import { countUsage, readUsage } from '../../lib/ledger/usage.ts'
import { scriptedTable } from './scripted-table.ts'

const AT = Date.parse('2026-11-30T23:59:59.900+08:00')
const whose = { provider: 'databao', caller: 'payouts#1', at: AT }

describe('a request', () => {
  it('is counted on its Shanghai day, for 396 days', async () => {
    const table = scriptedTable()
    await countUsage(table, whose, { asked: 1, reached: -1 })
    expect(table.sent).toEqual([
      {
        operation: 'update',
        key: { pk: 'usage#2026-11', sk: '2026-11-30#databao#payouts#1' },
        write: {
          update: 'ADD asked :asked, reached :reached SET expiresAt = :expires',
          values: { ':asked': 1, ':reached': -1, ':expires': Math.floor(AT / 1000) + 396 * 86_400 },
        },
      },
    ])
  })

  it('of which nothing is to be counted writes nothing', async () => {
    const table = scriptedTable()
    await countUsage(table, whose, {})
    expect(table.sent).toEqual([])
  })

  it('is answered though it cannot be counted', async () => {
    const table = scriptedTable({ write: () => new Error('down') })
    await expect(countUsage(table, whose, { asked: 1 })).resolves.toBeUndefined()
  })
})

describe('the usage', () => {
  const nothing = {
    asked: 0,
    reached: 0,
    billedYes: 0,
    billedNo: 0,
    reused: 0,
    replayed: 0,
    refused: 0,
    matches: 0,
    mismatches: 0,
    unverifiable: 0,
  }

  it('has a line for each day, provider and caller', async () => {
    const items: Item[] = [
      { pk: 'usage#2026-11', sk: '2026-11-01#databao#payouts', asked: 3, mismatches: 1 },
      { pk: 'usage#2026-11', sk: '2026-11-02#juhe#a#b', billedYes: 2 },
    ]
    const table = scriptedTable({ query: () => items })
    expect(await readUsage(table, '2026-11-01', '2026-11-02')).toEqual([
      {
        ...nothing,
        day: '2026-11-01',
        provider: 'databao',
        caller: 'payouts',
        asked: 3,
        mismatches: 1,
      },
      { ...nothing, day: '2026-11-02', provider: 'juhe', caller: 'a#b', billedYes: 2 },
    ])
  })

  it('of a line that is none is empty, and has no text of ours', async () => {
    const table = scriptedTable({ query: () => [{ sk: '' }] })
    const [line] = await readUsage(table, '2026-11-01', '2026-11-01')
    expect(line).toEqual({ ...nothing, day: '', provider: '', caller: '' })
  })

  it.each([
    ['2026-11-22', '2026-11-22', ['2026-11']],
    ['2026-11-01', '2026-11-30', ['2026-11']],
    ['2026-11-30', '2026-12-01', ['2026-11', '2026-12']],
    ['2025-12-31', '2026-02-01', ['2025-12', '2026-01', '2026-02']],
    ['2025-10-15', '2026-11-14', 14],
  ])('from %s to %s is read month by month: %j', async (from, to, months) => {
    const table = scriptedTable({
      query: ({ partition: [, name] }) => [{ sk: `${name.slice(6)}-01#databao#x` }],
    })
    const lines = await readUsage(table, from, to)
    const read = table.sent.map((sent) => ('query' in sent ? sent.query : undefined))
    const names = read.map((query) => query?.partition[1].replace('usage#', ''))
    expect(typeof months === 'number' ? names.length : names).toEqual(months)
    expect(lines.map(({ day }) => day)).toEqual(names.map((month) => `${month}-01`))
    for (const query of read) {
      expect(query?.partition[0]).toBe('pk')
      expect(query?.sortKey).toEqual([`${from}#`, `${to}#~`])
    }
  })
})
