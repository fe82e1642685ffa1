import { appendFile, open as openFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { AppendOnlyFile } from '../../cli/src/append-only-file.ts'
import { type BatchIdentity, Journal } from '../../cli/src/journal.ts'
import type { Outcome } from '../../cli/src/outcome.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { temporaryFolder } from './run-cli.ts'

const folder = temporaryFolder()
const file = () => folder.at('results.csv.journal')
const identity: BatchIdentity = {
  input: 'digest',
  encoding: 'utf-8',
  elements: 3,
  api: 'https://a',
}
const match: Outcome = {
  verdict: 'match',
  billable: 'yes',
  reused: false,
  id: '019a0017-6299-7990-8000-001700170017',
  verifiedAt: '2026-11-22T03:35:00.000Z',
  provider: 'databao',
  warnings: [],
}

const open = (seen: [number, Outcome][] = [], as = identity) =>
  Journal.open(file(), as, 100, (outcome, line) => seen.push([line, outcome]))

async function reopened(use: (journal: Journal) => Promise<void>) {
  const journal = await open()
  await use(journal)
  await journal.close()
  const seen: [number, Outcome][] = []
  return { journal: await open(seen), seen }
}

describe('a journal', () => {
  it('knows again what was asked and what came of it', async () => {
    const { journal, seen } = await reopened(async (journal) => {
      await journal.asked(2, 'key-2')
      await Promise.all([journal.settled(2, match), journal.asked(3, 'key-3')])
      await journal.asked(4, 'key-4')
      await journal.reopened(4, 'another key')
    })
    expect(seen).toEqual([[2, match]])
    expect(journal.openRow(2)).toBeUndefined()
    expect(await journal.outcomeOf(2)).toEqual(match)
    expect(journal.openRow(3)).toEqual({
      round: 0,
      asked: { key: 'key-3', at: expect.any(Number) },
    })
    expect(journal.openRow(4)).toEqual({ round: 1 })
    expect(journal.openRow(5)).toEqual({ round: 0 })
    await journal.close()
  })

  it('gives a row the same key in every run, another in another round, row or batch', async () => {
    const person = inventedPerson(1)
    const first = await open()
    const keys = [first.keyOf(2, 0, person), first.keyOf(2, 1, person), first.keyOf(3, 0, person)]
    await first.close()
    const again = await open()
    expect(again.keyOf(2, 0, person)).toBe(keys[0])
    expect(keys[0]).toMatch(/^[\w-]{43}$/)
    await again.remove()
    await again.close()
    const other = await open()
    expect(new Set([...keys, other.keyOf(2, 0, person)]).size).toBe(4)
    await other.close()
  })

  it('remembers when a row was first asked, however often it is asked again', async () => {
    const journal = await open()
    await journal.asked(2, 'key')
    const first = journal.openRow(2)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await journal.asked(2, 'key')
    expect(journal.openRow(2)).toEqual(first)
    await journal.close()
  })

  it('is on the disk, for its owner alone, before an ask counts', async () => {
    const journal = await open()
    await journal.asked(2, 'key-2')
    expect(await readFile(file(), 'utf8')).toContain('"asked":"key-2"')
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    await journal.close()
  })

  it('cut off at any byte still tells all that ended before it', async () => {
    const whole = await open()
    await whole.asked(2, 'key-2')
    await whole.settled(2, match)
    await whole.asked(3, 'key-3')
    await whole.close()
    const bytes = await readFile(file())
    const ends = bytes.reduce<number[]>(
      (found, byte, at) => (byte === 10 ? [...found, at] : found),
      [],
    )
    for (let size = (ends[0] ?? 0) + 1; size <= bytes.length; size++) {
      await writeFile(file(), bytes)
      await truncate(file(), size)
      const journal = await open()
      const lines = ends.filter((end) => end < size).length
      expect(await journal.outcomeOf(2)).toEqual(lines >= 3 ? match : undefined)
      expect(journal.openRow(3)?.asked?.key).toEqual(lines >= 4 ? 'key-3' : undefined)
      await journal.settled(4, match)
      expect(await journal.outcomeOf(4)).toEqual(match)
      await journal.close()
    }
  })

  it('begins anew where not even its first line was written', async () => {
    await writeFile(file(), '{"bankcardVerifyBatch":1,"secr')
    const journal = await open()
    await journal.asked(2, 'key-2')
    await journal.close()
    expect((await readFile(file(), 'utf8')).split('\n')).toHaveLength(3)
  })

  it.each([
    ['no journal', 'a line of something else\n'],
    ['a line that is no entry', '{"bankcardVerifyBatch":1,"secret":"s"}\n{"line":2}\n'],
    ['a row beyond the file', '{"line":101,"asked":"k","at":1}\n'],
  ])('that is damaged is refused: %s', async (_, text) => {
    if (text.startsWith('{"line"')) {
      await (await open()).close()
      await appendFile(file(), text)
    } else await writeFile(file(), text)
    const refused = open([], identity)
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(/damaged|belongs/),
    })
  })

  it.each<[Partial<BatchIdentity>, string]>([
    [{ input: 'another' }, 'the input file has changed'],
    [{ encoding: 'gb18030' }, '--encoding'],
    [{ elements: 2 }, '--elements'],
    [{ api: 'https://b' }, 'API address'],
  ])('of another batch is refused: %j', async (change, sentence) => {
    await (await open()).close()
    await expect(open([], { ...identity, ...change })).rejects.toThrow(sentence)
    // And lets the right one in again.
    await (await open()).close()
  })

  it('is open in one process at a time, and a killed one does not lock it', async () => {
    const journal = await open()
    expect(await readFile(`${file()}.lock`, 'utf8')).toBe(String(process.pid))
    await journal.close()
    // Larger than any process number.
    await writeFile(`${file()}.lock`, '999999999')
    await (await open()).close()
  })

  it('tells when it cannot be written, and from then on', async () => {
    const handle = await openFile(await folder.write('read-only', ''), 'r')
    const file = new AppendOnlyFile(handle)
    await expect(file.append('first')).rejects.toThrow('The journal cannot be written (EBADF)')
    await expect(file.append('second')).rejects.toThrow('nothing more is sent')
    await file.close()
  })
})
