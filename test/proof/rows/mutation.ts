import { type AreaName, areaNames, areas, GOAL_PERCENT } from '../mutation/areas.ts'
import { mutate } from '../mutation/mutate.ts'
import {
  changedSince,
  type Measured,
  type Mutant,
  readReport,
  scoreOf,
} from '../mutation/report.ts'
import { reasonsOf } from '../mutation/survivors.ts'
import type { Control, Row } from '../row.ts'

const MUTATED = ['lib/providers/juhe/juhe-cipher.ts']
const BLIND = ['test/proof/mutation/blind-tests.ts']
const LONGEST_SHOWN = 60

export default {
  number: 10,
  name: 'mutation',
  measure:
    'mutants of lib/ that its tests notice (Stryker), as the last `npm run proof:mutation` found them; those of the cipher once more here',
  goal: `at least ${GOAL_PERCENT} %; at least 95 % on the ledger, the codes tables, masking, the cipher and the validators`,
  onlyByName: true,
  limitSeconds: { quick: 240, long: 240 },
  async run({ quick }) {
    const { areas: measured } = readReport()
    const scores = areaNames.flatMap((name) => {
      const found = measured[name]
      return found ? [{ name, found, score: scoreOf([found]) }] : []
    })
    const all = scores.map(({ found }) => found)
    const total = scoreOf(all)
    const stale = scores.flatMap(({ name, found }) => changedSince(name, found))
    const low = scores.filter(({ name, score }) => score.percent < areas[name].goalPercent)
    const unmeasured = areaNames.filter((name) => !measured[name])
    const survivors = all.flatMap((found) => found.survivors)
    const reasons = reasonsOf(survivors)
    const gaps = survivors.filter((mutant) => !reasons.has(mutant)).map(shown)
    return {
      figure: [
        `${total.percent} % of ${total.of}`,
        ...scores.map(({ name, score }) => `${name} ${score.percent} %`),
      ].join('; '),
      reached:
        total.percent >= GOAL_PERCENT &&
        low.length === 0 &&
        unmeasured.length === 0 &&
        gaps.length === 0 &&
        // A sample runs on every change, and measuring anew takes too long for that.
        (quick || stale.length === 0),
      controls: [await blindControl(measured.cipher)],
      failures: [
        ...unmeasured.map((name) => `${name} has not been measured`),
        ...stale.map((what) => `changed since it was measured: ${what}`),
        ...gaps.map((mutant) => `gap: ${mutant}`),
      ],
      details: {
        measured: [...new Set(all.map(({ at }) => at.slice(0, 10)))].join(', '),
        'changed since': stale.length === 0 ? 'nothing' : stale.join(', '),
        'survivors without a reason': gaps.length === 0 ? 'none' : gaps.join(', '),
        'equivalent mutants, which do not count': total.equivalent,
        ...Object.fromEntries(
          [...reasons].map(([mutant, { kind, why }]) => [
            `survivor: ${shown(mutant)}`,
            `${kind}: ${why}`,
          ]),
        ),
      },
    }
  },
} satisfies Row

/** The same mutants against tests that look at nothing, and against the real ones. */
async function blindControl(reported: Measured | undefined): Promise<Control> {
  const run = (name: string, tests: readonly string[]) =>
    mutate({ name, files: MUTATED, tests, incremental: false })
  const blind = scoreOf([await run('control-blind', BLIND)])
  const honest = scoreOf([await run('control', areas['cipher' satisfies AreaName].tests)])
  const isAsReported = reported !== undefined && honest.percent === scoreOf([reported]).percent
  return {
    broken: 'tests of the cipher that look at nothing',
    caught: blind.percent < GOAL_PERCENT && isAsReported,
    figure: `${blind.percent} % in place of ${honest.percent} %`,
  }
}

function shown({ file, line, original, replacement }: Mutant): string {
  const [from, to] = [original, replacement].map((text) =>
    text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text,
  )
  return `${file}:${line} ${from} → ${to}`
}
