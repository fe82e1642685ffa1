import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Probed } from './batch-memory-probe.ts'
import { peopleCsv, temporaryFolder } from './run-cli.ts'

const PROBE = path.join(import.meta.dirname, 'batch-memory-probe.ts')
const EARLY = 1000
const ROWS = 10_000
// Rows that were kept would take some hundred bytes each; 0.1 MB at most was seen.
const MOST_HEAP_GROWTH = (ROWS - EARLY) * 50
// Of the processor, so that it does not depend on what else runs; the API's part is in it.
const MOST_CPU_MS = 30_000

const folder = temporaryFolder()

describe('a batch of 10,000 rows', () => {
  it('takes no more memory at its end than at its beginning, and half a minute at most', async () => {
    const file = await folder.write('people.csv', peopleCsv(ROWS))
    const args = [PROBE, file, folder.at('results.csv'), String(EARLY), String(ROWS)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { exitCode, heapAt, cpuMs } = JSON.parse(stdout) as Probed
    expect(exitCode).toBe(0)
    expect(heapAt[ROWS]).toBeLessThan((heapAt[EARLY] ?? 0) + MOST_HEAP_GROWTH)
    expect(cpuMs).toBeLessThan(MOST_CPU_MS)

    const lines = (await folder.results()).map(({ line, verdict }) => [line, verdict])
    const wanted = Array.from({ length: ROWS }, (_, number) => [
      String(number + 2),
      number % 10 === 9 ? 'mismatch' : 'match',
    ])
    expect(lines).toEqual(wanted)
  }, 120_000)
})
