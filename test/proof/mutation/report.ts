import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { read } from '../../docs/documents.ts'
import { type AreaName, areas, filesOf } from './areas.ts'
import { reasonsOf } from './survivors.ts'

export type Mutant = {
  file: string
  line: number
  mutator: string
  original: string
  replacement: string
}
export type Counts = Record<'killed' | 'timedOut' | 'survived' | 'uncovered' | 'invalid', number>

/** What mutating one area came to. */
export type Measured = {
  counts: Counts
  survivors: Mutant[]
  at: string
  /** Of every file that was mutated: tells whether the figures are still those of the code. */
  digests: Record<string, string>
  /** Of all its tests together. */
  tests: string
}
/** `report.json`: of every area its latest run. */
export type Report = { areas: Partial<Record<AreaName, Measured>> }

const FILE = path.join(import.meta.dirname, 'report.json')

export function readReport(): Report {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Report
}

export async function updateReport(name: AreaName, measured: Measured): Promise<void> {
  const before: Report = await readFile(FILE, 'utf8').then(JSON.parse, () => ({ areas: {} }))
  const areas = { ...before.areas, [name]: measured }
  await writeFile(FILE, `${JSON.stringify({ areas }, null, 2)}\n`)
}

export function digestsOf(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file, digestOf(read(file)).slice(0, 16)]))
}

export function testDigestOf(patterns: readonly string[]): string {
  return digestOf(JSON.stringify(digestsOf(filesOf(patterns)))).slice(0, 12)
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Files of an area that are new, gone or no longer as they were measured; its tests, as one. */
export function changedSince(name: AreaName, { digests, tests }: Measured): string[] {
  const { mutate, tests: patterns } = areas[name]
  const now = digestsOf(filesOf(mutate))
  const files = [...new Set([...Object.keys(now), ...Object.keys(digests)])]
  return [
    ...files.filter((file) => now[file] !== digests[file]),
    ...(testDigestOf(patterns) === tests ? [] : [`the tests of ${name}`]),
  ]
}

export type Score = { caught: number; of: number; percent: number; equivalent: number }

/** Mutants that do exactly what the original does can be noticed by nobody: they do not count. */
export function scoreOf(measured: readonly Pick<Measured, 'counts' | 'survivors'>[]): Score {
  const sum = { caught: 0, of: 0, equivalent: 0 }
  for (const { counts, survivors } of measured) {
    const reasons = [...reasonsOf(survivors).values()]
    const equivalent = reasons.filter(({ kind }) => kind === 'equivalent')
    const caught = counts.killed + counts.timedOut
    sum.caught += caught
    sum.of += caught + counts.survived + counts.uncovered - equivalent.length
    sum.equivalent += equivalent.length
  }
  return { ...sum, percent: Math.floor((1000 * sum.caught) / sum.of) / 10 }
}
