/**
 * `npm run proof:mutation`: mutates lib/ area by area and writes what came of it to `report.json`.
 * Takes the names of areas; without, all of them. Hours at first; later runs repeat only what has
 * changed.
 */
import { globSync } from 'node:fs'
import { ROOT } from '../../docs/documents.ts'
import { type AreaName, areaNames, areas } from './areas.ts'
import { mutate } from './mutate.ts'
import { digestsOf, scoreOf, updateReport } from './report.ts'

const [...named] = process.argv.slice(2) as AreaName[]
const unknown = named.filter((name) => !areaNames.includes(name))
if (unknown.length > 0) {
  throw new Error(`no area ${unknown.join()}; there are ${areaNames.join(', ')}`)
}

for (const name of named.length > 0 ? named : areaNames) {
  const area = areas[name]
  const files = filesOf(area.mutate)
  const digests = digestsOf(files)
  const found = await mutate({ name, files, tests: area.tests, incremental: true })
  await updateReport(name, { ...found, at: new Date().toISOString(), digests })
  const { caught, of, percent, equivalent } = scoreOf([found])
  console.log(`${name}: ${percent} % (${caught} of ${of}; ${equivalent} equivalent)`)
}

function filesOf(patterns: readonly string[]): string[] {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((it) => it.slice(1))
  const files = globSync(
    patterns.filter((pattern) => !pattern.startsWith('!')),
    { cwd: ROOT, exclude: excluded },
  )
  return files.sort()
}
