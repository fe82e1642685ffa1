import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { findLeaks } from '../support/leak-scan.ts'
import { type Finished, peopleCsv, runCli, temporaryFolder } from './run-cli.ts'
import { startStubApi } from './stub-api.ts'

const ROWS = 200
const folder = temporaryFolder()
let api: Awaited<ReturnType<typeof startStubApi>> | undefined
let onHit: (number: number) => void = () => undefined

afterEach(async () => {
  onHit = () => undefined
  await api?.close()
  api = undefined
})

async function start() {
  await folder.write('people.csv', peopleCsv(ROWS))
  api = await startStubApi({
    delayMs: () => Math.random() * 10,
    onHit: ({ number }) => onHit(number),
  })
  return api
}

const batch = (onStart: (child: ChildProcess) => void = () => undefined) =>
  runCli(['batch', folder.at('people.csv'), '-o', folder.at('results.csv')], {
    env: { BANKCARD_VERIFY_URL: api?.url ?? '' },
    onStart,
  })

/** Ends the process while the request with this number is under way. */
function batchEndedAt(hit: number, signal: NodeJS.Signals): Promise<Finished> {
  return batch((child) => {
    onHit = (number) => {
      if (number === hit) child.kill(signal)
    }
  })
}

const everyLine = Array.from({ length: ROWS }, (_, number) => String(number + 2))

describe('a batch that is killed', () => {
  it('goes on without a second charge: no row lost, none asked under two keys', async () => {
    const { hits, calls } = await start()
    for (const hit of [1, 3, 40, 41, 70]) {
      expect((await batchEndedAt(hits.length + hit, 'SIGKILL')).exitCode).toBeNull()
    }
    onHit = () => undefined
    const { exitCode, stdout, stderr } = await batch()
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^Continuing: \d+ rows of 200 have their outcome\.$/m)
    expect(stdout).toMatch(/match +180\n +mismatch +20\n/)
    expect(stdout).toMatch(/charged +200\n/)

    expect((await folder.results()).map(({ line }) => line)).toEqual(everyLine)
    expect(calls.size).toBe(ROWS)
    expect([...calls.values()].filter((keys) => keys.length !== 1)).toEqual([])
    const keysOf = Map.groupBy(hits, ({ card }) => card)
    const keysPerRow = [...keysOf.values()].map(
      (asked) => new Set(asked.map(({ key }) => key)).size,
    )
    expect(keysPerRow).toEqual(Array.from({ length: ROWS }, () => 1))
    expect(new Set(hits.map(({ key }) => key)).size).toBe(ROWS)
    // What was under way at a kill is asked once more, and only that.
    expect(hits.length).toBeLessThanOrEqual(ROWS + 5 * 4)
    expect((await readdir(folder.at('.'))).toSorted()).toEqual(['people.csv', 'results.csv'])
  })

  it('leaves nothing of a person behind, in what it wrote and what it printed', async () => {
    await start()
    const killed = await batchEndedAt(100, 'SIGKILL')
    const journal = await folder.read('results.csv.journal')
    onHit = () => undefined
    const finished = await batch()
    const written = [journal, await folder.read('results.csv'), ...Object.values(killed)]
    const all = [...written, ...Object.values(finished)].join('\n')
    expect(journal).toContain('"verdict":"match"')
    const leaks = Array.from({ length: ROWS }, (_, number) => {
      const { idNumber, cardNumber } = inventedPerson(
        number,
        number % 10 === 9 ? 'mismatch' : 'match',
      )
      return findLeaks(all, { idNumber, cardNumber })
    })
    expect(leaks.flat()).toEqual([])
    expect(findLeaks(all, { name: '张三' })).toEqual([])
  }, 60_000)
})

describe('a batch that is interrupted', () => {
  it('finishes what is under way, tells how to go on, and does', async () => {
    const { hits, calls } = await start()
    const stopped = await batchEndedAt(50, 'SIGINT')
    expect(stopped.exitCode).toBe(130)
    expect(stopped.stderr).toContain('finishing what is under way')
    expect(stopped.stdout).toMatch(/Interrupted: 1\d\d rows have no outcome yet\. Run the same/)
    expect(stopped.stdout).not.toContain('perhaps charged: lines')
    const partly = await folder.results()
    expect(partly.map(({ line }) => line)).toEqual(everyLine)
    expect(partly.filter(({ verdict }) => verdict !== '')).toHaveLength(hits.length)
    const answered = hits.length

    onHit = () => undefined
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`Continuing: ${answered} rows of 200 have their outcome.`)
    expect(hits).toHaveLength(ROWS)
    expect(calls.size).toBe(ROWS)
  })

  it('ends at once the second time', async () => {
    api = await startStubApi({ delayMs: () => 3000 })
    await folder.write('people.csv', peopleCsv(2))
    const started = Date.now()
    const stopped = await batch((child) => {
      onHit = () => undefined
      child.stderr?.on('data', (text: Buffer) => {
        if (text.includes('finishing')) child.kill('SIGINT')
      })
      const ask = setInterval(() => {
        if (api?.hits.length !== 2) return
        clearInterval(ask)
        child.kill('SIGINT')
      }, 5)
    })
    expect(stopped.exitCode).toBe(130)
    expect(Date.now() - started).toBeLessThan(2900)
  })
})

describe('a batch that is continued', () => {
  it('is refused where the file has changed, and sends nothing', async () => {
    const { hits } = await start()
    await batchEndedAt(20, 'SIGKILL')
    onHit = () => undefined
    const asked = hits.length
    await folder.write('people.csv', peopleCsv(ROWS + 1))
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(64)
    expect(stderr).toContain('other rows: the input file has changed')
    expect(hits).toHaveLength(asked)
  })

  it('does not ask again about what was under way a day ago: its key may be forgotten', async () => {
    const { hits } = await start()
    await batchEndedAt(20, 'SIGKILL')
    onHit = () => undefined
    const journal = await folder.read('results.csv.journal')
    const settled = [...journal.matchAll(/"line":(\d+),"outcome"/g)].map(([, line]) => line)
    const asked = [...journal.matchAll(/"line":(\d+),"asked"/g)].map(([, line]) => line)
    const underWay = asked.filter((line) => !settled.includes(line))
    expect(underWay.length).toBeGreaterThan(0)
    const dayAgo = (_: string, at: string) => `"at":${Number(at) - 24 * 3600_000}`
    await folder.write('results.csv.journal', journal.replaceAll(/"at":(\d+)/g, dayAgo))

    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(3)
    expect(stdout).toContain(`No verdict and perhaps charged: lines ${underWay.join(', ')}.`)
    const unknown = (await folder.results()).filter(({ code }) => code === 'outcome_unknown')
    expect(unknown.map(({ line, billable }) => [line, billable])).toEqual(
      underWay.map((line) => [line, 'unknown']),
    )
    const timesAsked = Map.groupBy(hits, ({ reference }) => reference)
    expect([...timesAsked.values()].every((times) => times.length === 1)).toBe(true)
  })

  it('is refused while another process works on it', async () => {
    await start()
    await folder.write('results.csv.journal.lock', String(process.ppid))
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(73)
    expect(stderr).toBe(`Process ${process.ppid} is working on this output already.\n`)
  })
})
