import { Presets, SingleBar } from 'cli-progress'
import type { Terminal } from './command-line.ts'
import { type Parts, yuan } from './money.ts'
import { counted, duration } from './report.ts'
import type { Tally } from './tally.ts'

export type Progress = {
  update: () => void
  /** Tells something until the next update. */
  note: (text: string) => void
  stop: () => void
}

const LINE_EVERY_MS = 5000

/**
 * Shows on standard error how far a batch is: a bar at a terminal, elsewhere a line now and then.
 *
 * @param total rows that get an outcome; `tally` has those that have it already
 */
export function startProgress(
  { stderr }: Terminal,
  total: number,
  tally: Tally,
  price: Parts,
  now: () => number = Date.now,
): Progress {
  const startedAt = now()
  const before = tally.outcomes
  const left = () => timeLeft(now() - startedAt, tally.outcomes - before, total - tally.outcomes)
  const spent = () => yuan(tally.cost(price).atMost)
  return stderr.isTTY ? bar() : lines()

  function bar(): Progress {
    const single = new SingleBar(
      {
        format: '{bar} {percentage}% · {value} of {total} · {left} · {spent} so far{note}',
        stream: stderr,
        barsize: 20,
        // The batch itself takes Ctrl-C.
        gracefulExit: false,
      },
      Presets.shades_classic,
    )
    const facts = (note = '') => ({ left: left(), spent: spent(), note })
    single.start(total, before, facts())
    return {
      update: () => single.update(tally.outcomes, facts()),
      note: (text) => single.update(facts(` · ${text}`)),
      stop: () => single.stop(),
    }
  }

  function lines(): Progress {
    const print = () =>
      stderr.write(
        `${counted(tally.outcomes)} of ${counted(total)} rows, ${left()}, ${spent()} so far\n`,
      )
    const timer = setInterval(print, LINE_EVERY_MS)
    return {
      update: () => undefined,
      note: (text) => stderr.write(`${text}\n`),
      stop: () => clearInterval(timer),
    }
  }
}

/** As fast as this run has been until now. */
export function timeLeft(elapsedMs: number, done: number, remaining: number): string {
  return done === 0 ? 'time left unknown' : `${duration((elapsedMs / done) * remaining)} left`
}
