import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { read, ROOT } from '../../docs/documents.ts'
import { TESTS } from './vitest.config.ts'
import { type Counts, type Mutant, testDigestOf } from './report.ts'

const BUILD = '.build/mutation'
// Not tsconfig.json: TypeScript 7 has no API with which Stryker could read it.
const COPIED = [
  'lib',
  'handlers',
  'test',
  'scripts',
  'docs',
  'events',
  'package.json',
  'serverless.yml',
]
/** A slow machine must not make a mutant look killed. */
const PATIENCE_MS = 30_000

type Options = {
  /** Of its files in `.build/mutation`. */
  name: string
  files: readonly string[]
  tests: readonly string[]
  /** Takes over what a former run found out, where neither the code nor its tests have changed. */
  incremental: boolean
}

/** Runs these tests against every mutant of these files, in a copy of the project. */
export async function mutate({ name, files, tests, incremental }: Options): Promise<{
  counts: Counts
  survivors: Mutant[]
}> {
  await mkdir(path.join(ROOT, BUILD), { recursive: true })
  // Not Stryker's own `testFiles`: with it, mutants outside of functions are never switched on.
  process.env[TESTS] = JSON.stringify(tests)
  const stryker = new Stryker({
    mutate: [...files],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/proof/mutation/vitest.config.ts', related: false },
    ignorePatterns: ['/*', ...COPIED.map((name) => `!/${name}`)],
    tempDirName: `${BUILD}/sandbox-${name}`,
    incremental,
    // Which tests a mutant outside of functions meets is not known to Stryker: where any of them has
    // changed, nothing of a former run is taken over.
    incrementalFile: `${BUILD}/${name}-${testDigestOf(tests)}.json`,
    reporters: incremental ? ['json', 'progress-append-only'] : ['json'],
    jsonReporter: { fileName: `${BUILD}/${name}-report.json` },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: PATIENCE_MS,
    // Nothing is type-checked here, and a test reads a file of lib/ as it stands.
    disableTypeChecks: false,
    logLevel: 'warn',
  } as ConstructorParameters<typeof Stryker>[0])
  // As they are now: somebody may write on while this runs.
  const sources = new Map(files.map((file) => [file, read(file)]))
  const results = await stryker.runMutationTest()
  const counts: Counts = { killed: 0, timedOut: 0, survived: 0, uncovered: 0, invalid: 0 }
  const survivors: Mutant[] = []
  for (const { status, fileName, location, mutatorName, replacement = '' } of results) {
    counts[countedAs[status] ?? 'invalid'] += 1
    if (status !== 'Survived' && status !== 'NoCoverage') continue
    const file = path.relative(ROOT, fileName)
    const { line } = location.start
    const original = textAt(sources.get(file) ?? '', location)
    survivors.push({ file, line, mutator: mutatorName, original, replacement })
  }
  return { counts, survivors }
}

const countedAs: Record<string, keyof Counts> = {
  Killed: 'killed',
  Timeout: 'timedOut',
  Survived: 'survived',
  NoCoverage: 'uncovered',
}

type Place = { line: number; column: number }

/** Lines and columns from 1. */
function textAt(source: string, { start, end }: { start: Place; end: Place }): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  // The end first: start and end may stand in the same line.
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  return lines.join('\n')
}
