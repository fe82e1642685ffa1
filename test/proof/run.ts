/**
 * `npm run proof`: what this service claims of itself, as figures. docs/proof.md tells what is
 * measured and how. `--quick` takes a sample of every row and writes nothing; `--row` and `--seed`
 * repeat a part of a run.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { inLanes } from '../bundle/in-lanes.ts'
import { hasPassed, type Row } from './row.ts'
import { runRow } from './row-process.ts'
import { complaintsOf, scoreLines, type Scored } from './scorecard.ts'
import { updateDocument } from './proof-document.ts'

const ROWS = path.join(import.meta.dirname, 'rows')
const SEEDS = 2 ** 31
const MOST_COMPLAINTS = 20

type Found = { row: Row; file: string }

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true },
    seed: { type: 'string' },
  },
})

const { quick } = options
const seed = Number(options.seed ?? Math.floor(Math.random() * SEEDS))
if (!Number.isSafeInteger(seed)) throw new Error('--seed wants an integer')
const chosen = chosenOf(await findRows())
const scratchDir = await mkdtemp(path.join(os.tmpdir(), 'proof-'))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

console.log(`proof${quick ? ', quick' : ''}, seed ${seed}, ${chosen.length} rows`)
const startedAt = performance.now()
try {
  const beside = chosen.filter(({ row }) => !row.timesItself)
  const alone = chosen.filter(({ row }) => row.timesItself)
  const scored = await inLanes(beside, score)
  for (const found of alone) scored.push(await score(found))
  scored.sort((a, b) => a.number - b.number)
  conclude(scored)
  if (!quick) await updateDocument(scored.filter(({ outcome }) => !('skipped' in outcome)))
} finally {
  await rm(scratchDir, { recursive: true, force: true })
}

async function score({ row, file }: Found): Promise<Scored> {
  const say = (line: string) => console.error(`  ${row.name}: ${line}`)
  const outcome = await runRow(row, file, { quick, seed, scratchDir, say })
  const { number, name, measure, goal } = row
  const scored = { number, name, measure, goal, outcome }
  console.log(scoreLines(scored).join('\n'))
  return scored
}

function conclude(scored: readonly Scored[]): void {
  const failed = scored.filter(({ outcome }) => !hasPassed(outcome))
  for (const row of failed) {
    const complaints = complaintsOf(row)
    console.log(`\n${row.name}:`)
    for (const complaint of complaints.slice(0, MOST_COMPLAINTS)) console.log(`  ${complaint}`)
    const left = complaints.length - MOST_COMPLAINTS
    if (left > 0) console.log(`  and ${left} more`)
  }
  const skipped = scored.filter(({ outcome }) => 'skipped' in outcome).length
  const passed = scored.length - failed.length - skipped
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  console.log(
    `\n${passed} of ${scored.length} rows passed${skipped > 0 ? `, ${skipped} skipped` : ''}, ${minutes} minutes, seed ${seed}`,
  )
  if (failed.length > 0) process.exitCode = 1
}

function chosenOf(found: readonly Found[]): Found[] {
  const names = options.row
  if (!names) return found.filter(({ row }) => !row.onlyByName)
  const unknown = names.filter((name) => !found.some(({ row }) => row.name === name))
  if (unknown.length > 0) {
    const known = found.map(({ row }) => row.name).join(', ')
    throw new Error(`no row is named ${unknown.join(', ')}; there are ${known}`)
  }
  return found.filter(({ row }) => names.includes(row.name))
}

async function findRows(): Promise<Found[]> {
  const files = (await readdir(ROWS)).filter((name) => /^[a-z-]+\.ts$/.test(name))
  const found = await Promise.all(
    files.map(async (name) => {
      const file = pathToFileURL(path.join(ROWS, name)).href
      const { default: row }: { default: Row } = await import(file)
      return { row, file }
    }),
  )
  return found.sort((a, b) => a.row.number - b.row.number)
}
