import type { Parts } from './money.ts'
import type { Billable, Outcome } from './outcome.ts'
import { countUp } from './report.ts'

const MOST_LINES_KEPT = 20

/** What has come of a batch's rows so far, those of its earlier runs included. */
export class Tally {
  readonly verdicts = { match: 0, mismatch: 0, unverifiable: 0 }
  readonly problems = new Map<string, number>()
  readonly billable: Record<Billable, number> = { yes: 0, no: 0, unknown: 0 }
  reused = 0
  /** The first rows that failed and may have been charged. */
  readonly doubtfulLines: number[] = []
  doubtful = 0
  outcomes = 0

  add(outcome: Outcome, line: number): void {
    this.outcomes++
    this.billable[outcome.billable]++
    if ('verdict' in outcome) {
      this.verdicts[outcome.verdict]++
      if (outcome.reused) this.reused++
      return
    }
    countUp(this.problems, outcome.code)
    if (outcome.billable === 'no') return
    this.doubtful++
    if (this.doubtfulLines.length < MOST_LINES_KEPT) this.doubtfulLines.push(line)
  }

  cost(price: Parts): { certain: Parts; atMost: Parts } {
    const { yes, unknown } = this.billable
    return { certain: yes * price, atMost: (yes + unknown) * price }
  }
}
