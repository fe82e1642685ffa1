/**
 * `npm run bench`: how long a caller waits for this service beside the provider, and how long for
 * what else could have been written. docs/performance.md tells what is measured and how.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { BUILD_DIR, buildVariants, ROOT } from './build-variants.ts'
import { chartOf } from './chart.ts'
import { type Effort, measure } from './experiments.ts'
import { checkFacts } from './facts.ts'
import { isComplete, judge } from './goals.ts'
import { profileOf } from './profile.ts'
import { reportOf, type Results } from './report.ts'
import { acceptSizes, buildFunctions } from './size-budget.ts'
import { openStage } from './stage.ts'
import { seededRandom } from './statistics.ts'
import { type FunctionName, variantOf, type VariantName, variants } from './variants.ts'

const DOCUMENT = path.join(ROOT, 'docs/performance.md')
const MARKED = /(<!-- bench:start[^\n]*-->\n)[\s\S]*(<!-- bench:end -->)/
const QUICK: Effort = { rounds: 1, warm: 20 }
const FULL: Effort = { rounds: 15, warm: 2000 }
const SEEDS = 2 ** 31

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    warm: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
    'accept-sizes': { type: 'boolean', default: false },
  },
})

if (options['accept-sizes']) {
  await acceptSizes(await buildFunctions())
} else {
  const built = await buildVariants()
  const stage = await openStage(built)
  try {
    if (options.profile === undefined) await bench()
    else {
      const name = variantOf(options.profile as VariantName).name
      console.log(await profileOf(stage, built, name, Number(options.warm ?? 0)))
    }
  } finally {
    stage.close()
  }

  async function bench() {
    const startedAt = performance.now()
    const usual = options.quick ? QUICK : FULL
    const effort: Effort = {
      rounds: Number(options.rounds ?? usual.rounds),
      warm: Number(options.warm ?? usual.warm),
    }
    const seed = Number(options.seed ?? Math.floor(Math.random() * SEEDS))
    const facts = await checkFacts(stage)
    const measured = await measure(stage, effort, seededRandom(seed), (line) => console.error(line))
    const functions = await buildFunctions()
    const sizes = Object.fromEntries(
      Object.entries(functions).map(([name, { bytes }]) => [name, bytes]),
    ) as Record<FunctionName, number>
    const results: Results = {
      at: new Date().toISOString(),
      machine: machine(),
      effort,
      seed,
      minutes: Math.round((performance.now() - startedAt) / 60_000),
      bytes: Object.fromEntries(variants.map(({ name }) => [name, built[name].bytes])),
      measured,
      facts,
      goals: judge(measured, facts, sizes),
    }
    console.log(reportOf(results))
    await save(results)
    if (facts.failures.length > 0) process.exitCode = 1
  }
}

/** Only a whole run on a quiet machine goes into the documents. */
async function save(results: Results): Promise<void> {
  // The cold start's control stands first; a later noisy experiment says so in its own row.
  const noisy = results.goals[0]?.verdict === 'machine too noisy'
  const inDocuments = isComplete(results.effort) && !noisy
  const dir = inDocuments ? path.join(ROOT, 'docs') : BUILD_DIR
  await mkdir(path.join(dir, 'images'), { recursive: true })
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
  await writeFile(path.join(dir, 'performance.json'), `${JSON.stringify(results, rounded)}\n`)
  await writeFile(path.join(dir, 'images/performance.svg'), chart(results))
  const before = await readFile(DOCUMENT, 'utf8')
  const after = before.replace(MARKED, `$1\n${escapedForReplace(reportOf(results))}\n\n$2`)
  await writeFile(path.join(dir, 'performance.md'), after)
  const why = noisy ? 'the machine was too noisy' : 'too few rounds or requests'
  console.error(
    `\nWritten to ${path.relative(ROOT, dir)}${inDocuments ? '' : ` (not to docs: ${why})`}`,
  )
}

function escapedForReplace(text: string): string {
  return text.replaceAll('$', '$$$$')
}

function chart({ measured: { main, initialised } }: Results): string {
  const first: VariantName[] = [
    'empty',
    'bare',
    'without-store',
    'verifyThreeElement',
    'verifyTwoElement',
    'hono',
    'express',
  ]
  const prepared = first.filter((name) => initialised?.[name])
  return chartOf([
    ...(main
      ? [
          {
            title: 'Cold start: process start to first answer',
            measured: main,
            figure: 'firstMs' as const,
            names: first,
          },
        ]
      : []),
    ...(initialised
      ? [
          {
            title: 'First request of an initialised environment',
            measured: initialised,
            figure: 'firstRequestMs' as const,
            names: prepared,
          },
        ]
      : []),
  ])
}

function machine(): Results['machine'] {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    node: process.version,
  }
}
