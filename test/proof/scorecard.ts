import { table } from '../docs/documents.ts'
import { hasPassed, type Outcome, type RowFacts } from './row.ts'

export type Scored = RowFacts & { outcome: Outcome }

/** As it was measured: `at` in UTC, of the commit that was there. */
export type Recorded = Scored & { at: string; machine: string; commit?: string }

/** For a terminal: the row, and what its controls came to. */
export function scoreLines({ number, name, goal, outcome }: Scored): string[] {
  const mark = 'skipped' in outcome ? '–' : hasPassed(outcome) ? '✔' : '✘'
  const figure =
    'figure' in outcome
      ? `${outcome.figure} (goal: ${goal}); controls ${controlsOf(outcome)}`
      : toldOf(outcome)
  const controls = 'figure' in outcome ? outcome.controls : []
  return [
    `${mark} ${number} ${name}: ${figure} · ${outcome.seconds} s, seed ${outcome.seed}`,
    ...controls.map(
      ({ broken, caught, figure }) =>
        `    ${caught ? 'caught' : 'NOT CAUGHT'}: ${broken} (${figure})`,
    ),
  ]
}

/** What a reader must know of a row that has not passed. */
export function complaintsOf({ outcome }: Scored): string[] {
  if ('crashed' in outcome) return [outcome.crashed]
  if ('skipped' in outcome) return []
  const missed = outcome.controls.filter(({ caught }) => !caught)
  return [
    ...missed.map(({ broken, figure }) => `control not caught: ${broken} (${figure})`),
    ...(outcome.failures ?? []),
  ]
}

export function scoreTable(recorded: readonly Recorded[]): string {
  return tableOf(
    [
      '#',
      'row',
      'measure',
      'goal',
      'figure',
      'reached',
      'controls caught',
      'seconds',
      'seed',
      'measured',
    ],
    recorded.map(({ number, name, measure, goal, outcome, at, commit }) => [
      String(number),
      name,
      measure,
      goal,
      'figure' in outcome ? outcome.figure : toldOf(outcome),
      'skipped' in outcome ? '–' : 'figure' in outcome && outcome.reached ? 'yes' : '**no**',
      'figure' in outcome ? controlsOf(outcome) : '–',
      String(outcome.seconds),
      String(outcome.seed),
      [at.slice(0, 10), commit].filter((part) => part !== undefined).join(', '),
    ]),
  )
}

export function controlTable(scored: readonly Scored[]): string {
  return tableOf(
    ['row', 'broken variant', 'caught', 'its figure'],
    scored.flatMap(({ name, outcome }) =>
      'figure' in outcome
        ? outcome.controls.map(({ broken, caught, figure }) => [
            name,
            broken,
            caught ? 'yes' : '**no**',
            figure,
          ])
        : [],
    ),
  )
}

export function detailTable(scored: readonly Scored[]): string {
  return tableOf(
    ['row', 'detail', 'figure'],
    scored.flatMap(({ name, outcome }) =>
      'figure' in outcome
        ? Object.entries(outcome.details ?? {}).map(([what, figure]) => [name, what, `${figure}`])
        : [],
    ),
  )
}

/** Whatever a row's texts hold, a cell stays one. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  return table(
    head,
    rows.map((row) => row.map(cell)),
  )
}

function controlsOf({ controls }: { controls: readonly { caught: boolean }[] }): string {
  return `${controls.filter(({ caught }) => caught).length} of ${controls.length}`
}

function toldOf(outcome: { skipped: string } | { crashed: string }): string {
  return 'skipped' in outcome ? `skipped: ${outcome.skipped}` : 'crashed'
}
