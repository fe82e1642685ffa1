import type { Stop } from './ask-rows.ts'
import { type Parts, yuan, yuanNumber } from './money.ts'
import { block, counted, duration, linesOf, plural } from './report.ts'
import type { Tally } from './tally.ts'

export type Summary = {
  tally: Tally
  price: Parts
  valid: number
  /** Rows that were not fit to be asked. */
  bad: number
  ms: number
  output: string
  isInterrupted: boolean
  stop: Stop | undefined
}

export function summaryText(summary: Summary): string {
  const { tally, price, bad, ms, output } = summary
  const { certain, atMost } = tally.cost(price)
  const open = openRowsOf(summary)
  return `${[
    block([
      ...Object.entries(tally.verdicts).map(
        ([verdict, count]) => [verdict, counted(count)] as const,
      ),
      ['problem', counted(problemsOf(summary))],
      ...(bad > 0 ? [['  validation_failed, not sent', counted(bad)] as const] : []),
      ...[...tally.problems].map(([code, count]) => [`  ${code}`, counted(count)] as const),
      ...(open > 0 ? [['not finished', counted(open)] as const] : []),
    ]),
    '',
    block([
      ['charged', counted(tally.billable.yes)],
      ['not charged', counted(tally.billable.no + bad)],
      ['perhaps charged', counted(tally.billable.unknown)],
      [`cost at ${yuan(price)} each`, yuan(certain)],
      ...(atMost > certain ? [['  at most', yuan(atMost)] as const] : []),
      ['time of this run', duration(ms)],
    ]),
    '',
    ...doubtSentences(tally),
    ...stopSentences(summary),
    `Results: ${output}`,
  ].join('\n')}\n`
}

function doubtSentences({ doubtful, doubtfulLines }: Tally): string[] {
  if (doubtful === 0) return []
  const lines = linesOf(doubtfulLines, doubtful)
  return [
    `No verdict and perhaps charged: lines ${lines}. They are not asked again by themselves;`,
    'whoever puts them in a new file asks anew and may be charged again.',
  ]
}

function stopSentences(summary: Summary): string[] {
  const { stop, isInterrupted, output } = summary
  const open = openRowsOf(summary)
  if (open === 0) return []
  const why = isInterrupted
    ? 'Interrupted'
    : `Stopped by ${[stop?.code, stop?.title && `(${stop.title})`].filter(Boolean).join(' ')}`
  return [
    `${why}: ${plural(open, 'row')} ${open === 1 ? 'has' : 'have'} no outcome yet. Run the same command again to`,
    `continue; keep the input and ${output}.journal until then.`,
    ...(stop?.retryAfterSeconds !== undefined && !isInterrupted
      ? [`It helps to wait for ${duration(stop.retryAfterSeconds * 1000)}.`]
      : []),
  ]
}

/** For scripts. */
export function summaryData(summary: Summary) {
  const { tally, price, valid, bad, ms, output, stop, isInterrupted } = summary
  const { certain, atMost } = tally.cost(price)
  return {
    rows: valid + bad,
    verdicts: tally.verdicts,
    reused: tally.reused,
    bad,
    problems: Object.fromEntries(tally.problems),
    billable: { ...tally.billable, no: tally.billable.no + bad },
    perhapsCharged: { rows: tally.doubtful, firstLines: tally.doubtfulLines },
    notFinished: openRowsOf(summary),
    ...(isInterrupted ? { interrupted: true } : stop && { stoppedBy: stop.code }),
    price: yuanNumber(price),
    yuan: yuanNumber(certain),
    yuanAtMost: yuanNumber(atMost),
    seconds: Math.round(ms / 1000),
    results: output,
  }
}

const openRowsOf = ({ valid, tally }: Summary): number => valid - tally.outcomes

function problemsOf({ tally, bad }: Summary): number {
  return [...tally.problems.values()].reduce((sum, count) => sum + count, bad)
}
