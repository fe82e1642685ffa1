/**
 * `npm run proof:mutation`: mutates lib/ area by area and writes what came of it to `report.json`.
 * Takes the names of areas; without, all of them. Hours at first; later runs repeat only what has
 * changed.
 */
import { type AreaName, areaNames, areas, filesOf } from './areas.ts'
import { mutate } from './mutate.ts'
import { digestsOf, scoreOf, testDigestOf, updateReport } from './report.ts'

const [...named] = process.argv.slice(2) as AreaName[]
const unknown = named.filter((name) => !areaNames.includes(name))
if (unknown.length > 0) {
  throw new Error(`no area ${unknown.join()}; there are ${areaNames.join(', ')}`)
}

for (const name of named.length > 0 ? named : areaNames) {
  const area = areas[name]
  const files = filesOf(area.mutate)
  const asTheyAre = { digests: digestsOf(files), tests: testDigestOf(area.tests) }
  const found = await mutate({ name, files, tests: area.tests, incremental: true })
  await updateReport(name, { ...found, at: new Date().toISOString(), ...asTheyAre })
  const { caught, of, percent, equivalent } = scoreOf([found])
  console.log(`${name}: ${percent} % (${caught} of ${of}; ${equivalent} equivalent)`)
}
