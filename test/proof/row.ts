/**
 * One claim of this service, measured. A row is a file in `rows/` with a default export of this
 * type: the run finds it there, and runs it in a process of its own.
 */
export type Row = {
  /** Its place in the scorecard. */
  number: number
  /** As `--row` takes it, kebab-case. */
  name: string
  /** What is counted, in one line. */
  measure: string
  /** What it has to come to, in one line. */
  goal: string
  /** After which it is ended, and has failed. */
  limitSeconds: { quick: number; long: number }
  /** Measures time, so that nothing else may run beside it. */
  timesItself?: boolean
  /** Too long for the run of all rows: runs only where `--row` names it. */
  onlyByName?: boolean
  run(options: RowOptions): Promise<Finding>
}

export type RowOptions = {
  /** A sample that shows the row works; its figures are not written to the documents. */
  quick: boolean
  /** All that is random must come from it. */
  seed: number
  /** A directory that the rows of one run share; it is gone afterwards. */
  scratchDir: string
  /** A line of progress. */
  say: (line: string) => void
}

export type Result = {
  /** What was measured, as the goal puts it. */
  figure: string
  reached: boolean
  /** At least one; a control that is not caught fails the row. */
  controls: readonly [Control, ...Control[]]
  details?: Record<string, number | string>
  /** What was not as expected, each reproducible with the seed; nothing of a person in it. */
  failures?: readonly string[]
}

/** A deliberately broken variant, measured in the same way. */
export type Control = { broken: string; caught: boolean; figure: string }

/** Where a tool of others is not there: told, and no failure. */
type Skipped = { skipped: string }

export type Finding = Result | Skipped

export type Outcome = (Finding | { crashed: string }) & { seconds: number; seed: number }

export type RowFacts = Pick<Row, 'number' | 'name' | 'measure' | 'goal'>

export function hasPassed(outcome: Outcome): boolean {
  if ('skipped' in outcome) return true
  return 'figure' in outcome && outcome.reached && outcome.controls.every(({ caught }) => caught)
}
