import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ROOT } from '../docs/documents.ts'
import { controlTable, detailTable, type Recorded, scoreTable, type Scored } from './scorecard.ts'

/** `docs/proof.json`: of every row its latest long run. */
export type Proof = { rows: Recorded[] }

const DATA = path.join(ROOT, 'docs/proof.json')
const DOCUMENT = path.join(ROOT, 'docs/proof.md')

/** The tables of docs/proof.md by the name of their markers. */
export function proofTables({ rows }: Proof): Record<string, string> {
  return {
    scorecard: scoreTable(rows),
    controls: controlTable(rows),
    details: detailTable(rows),
  }
}

/** Takes over these rows and leaves the others as their own last run had them. */
export async function updateDocument(scored: readonly Scored[]): Promise<void> {
  const before: Proof = await readFile(DATA, 'utf8').then(JSON.parse, () => ({ rows: [] }))
  const kept = before.rows.filter(({ number }) => !scored.some((row) => row.number === number))
  const at = new Date().toISOString()
  const machine = `${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores, Node ${process.version}`
  const commit = commitNow()
  const rows = [...kept, ...scored.map((row) => ({ ...row, at, machine, ...commit }))]
  const proof: Proof = { rows: rows.sort((a, b) => a.number - b.number) }
  await writeFile(DATA, `${JSON.stringify(proof, null, 2)}\n`)

  let text = await readFile(DOCUMENT, 'utf8')
  for (const [name, table] of Object.entries(proofTables(proof))) {
    text = text.replace(
      new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's'),
      (_, start: string, end: string) => `${start}${table}\n${end}`,
    )
  }
  await writeFile(DOCUMENT, text)
}

/** What was measured; with a `+` where files were changed that are in no commit. */
function commitNow(): { commit?: string } {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  try {
    const hash = git('rev-parse', '--short', 'HEAD').trim()
    const changed = git('status', '--porcelain', '--', '.', ':!docs/proof.md', ':!docs/proof.json')
    return { commit: changed === '' ? hash : `${hash}+` }
  } catch {
    return {}
  }
}
