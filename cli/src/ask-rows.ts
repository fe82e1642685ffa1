import { setTimeout as sleep } from 'node:timers/promises'
import { type Ask, type Failure, failureOf } from './asking.ts'
import type { Person, Row } from './csv-rows.ts'
import { nextStep, tellsOfItsKey } from './failure-policy.ts'
import type { Journal } from './journal.ts'
import { answered, failed, type Outcome, outcomeUnknown } from './outcome.ts'
import { CommandFailure, exitCodes } from './command-line.ts'

export type AskingOptions = {
  ask: Ask
  journal: Journal
  /** Rows that are asked at the same time. */
  concurrency: number
  /** Ends the batch when for so long there were only failures that may be repeated. */
  patienceMs: number
  interrupted: AbortSignal
  onOutcome: (outcome: Outcome, row: number) => void
  onPause: (code: string, seconds: number) => void
}

/** Why a batch ended before its last row. */
export type Stop = { code: string; title?: string; retryAfterSeconds?: number }

// The service keeps a key for 24 hours; an hour is left for clocks that differ.
const KEY_KEPT_MS = 23 * 3600_000
// As many as a provider's breaker takes for an outage.
const MOST_FAILURES_IN_A_ROW = 5
/** Of one row in one run: one that always fails must not hold up the others for ever. */
const MOST_TRIES = 10
/** Of an API that has never answered. */
const MOST_FIRST_PAUSES = 2
const FIRST_PAUSE_SECONDS = 1
const LONGEST_PAUSE_SECONDS = 30

/** Asks about every row without an outcome; each at most once, whatever ends it. */
export async function askRows(
  rows: AsyncGenerator<Row>,
  options: AskingOptions,
): Promise<Stop | undefined> {
  const asking = new Asking(options)
  const lane = async () => {
    for (;;) {
      if (asking.isOver) return
      const { value: row, done } = await rows.next()
      if (done) return
      if (row.person) await asking.settle(row.line, row.person)
    }
  }
  const lanes = Array.from({ length: options.concurrency }, () =>
    lane().catch((error: unknown) => {
      asking.end()
      throw error
    }),
  )
  // All of them end before the journal is closed: what is in flight is still written down.
  const ended = await Promise.allSettled(lanes)
  await rows.return(undefined)
  const broken = ended.find((result) => result.status === 'rejected')
  if (broken) throw broken.reason
  return asking.stop
}

class Asking {
  readonly #options: AskingOptions
  readonly #ended = new AbortController()
  readonly #over: AbortSignal
  stop: Stop | undefined
  #pausedUntil = 0
  #pauses = 0
  #lastOutcomeAt = Date.now()
  #hasHeard = false
  #failuresInARow = 0

  constructor(options: AskingOptions) {
    this.#options = options
    this.#over = AbortSignal.any([this.#ended.signal, options.interrupted])
  }

  get isOver(): boolean {
    return this.#over.aborted
  }

  end(stop?: Stop): void {
    this.stop ??= stop
    this.#ended.abort()
  }

  async settle(row: number, person: Person): Promise<void> {
    const { ask, journal } = this.#options
    for (let tries = 1; ; tries++) {
      await this.#pauseIsOver()
      const standing = journal.openRow(row)
      if (this.isOver || !standing) return
      const { round, asked } = standing
      if (asked && Date.now() - asked.at > KEY_KEPT_MS) return this.#keep(row, outcomeUnknown)
      const key = journal.keyOf(row, round, person)
      if (asked && asked.key !== key) throw anotherKey()

      await journal.asked(row, key)
      try {
        const verification = await ask(person, key)
        this.#failuresInARow = 0
        return this.#keep(row, answered(verification))
      } catch (error) {
        const failure = failureOf(error)
        if (await this.#isDone(row, failure, asked === undefined)) return
        if (tries === MOST_TRIES) {
          this.stop ??= stopFor(failure)
          return
        }
      }
    }
  }

  /** @param isFirst whether nothing earlier was asked under this key that may have run */
  async #isDone(row: number, failure: Failure, isFirst: boolean): Promise<boolean> {
    const { journal } = this.#options
    const next = nextStep(failure)
    const isCertain = failure.billable === 'no' && (isFirst || tellsOfItsKey(failure))
    if (failure.status !== undefined) this.#hasHeard = true
    switch (next) {
      case 'settle':
        this.#countFailure(failure)
        await this.#keep(row, failed(failure))
        return true
      case 'stop':
        this.end(stopFor(failure))
        if (isCertain) await journal.reopened(row, 'another key')
        else if (tellsOfItsKey(failure)) await this.#keep(row, failed(failure))
        return true
      default:
        if (isCertain) await journal.reopened(row, 'the same key')
        this.#pause(failure)
        return false
    }
  }

  async #keep(row: number, outcome: Outcome): Promise<void> {
    this.#lastOutcomeAt = Date.now()
    this.#pauses = 0
    this.#hasHeard = true
    this.#options.onOutcome(outcome, row)
    await this.#options.journal.settled(row, outcome)
  }

  /** What is no answer to this one row, the next rows would only share. */
  #countFailure(failure: Failure): void {
    const isOfTheRow = failure.isFromService && failure.status !== undefined && failure.status < 500
    this.#failuresInARow = isOfTheRow ? 0 : this.#failuresInARow + 1
    if (this.#failuresInARow >= MOST_FAILURES_IN_A_ROW) this.end(stopFor(failure))
  }

  /** For all rows, since they ask the same service. */
  #pause(failure: Failure): void {
    const now = Date.now()
    const ownPause = Math.min(FIRST_PAUSE_SECONDS * 2 ** this.#pauses, LONGEST_PAUSE_SECONDS)
    const seconds = failure.retryAfterSeconds ?? ownPause
    const until = now + seconds * 1000
    // Rows that fail together share one pause.
    if (this.#pausedUntil > now) {
      if (failure.retryAfterSeconds !== undefined) {
        this.#pausedUntil = Math.max(this.#pausedUntil, until)
      }
      return
    }
    const isSilent = !this.#hasHeard && this.#pauses >= MOST_FIRST_PAUSES
    if (isSilent || until - this.#lastOutcomeAt > this.#options.patienceMs) {
      this.end(stopFor(failure))
      return
    }
    this.#pauses++
    this.#pausedUntil = until
    this.#options.onPause(failure.code, seconds)
  }

  async #pauseIsOver(): Promise<void> {
    while (!this.isOver && this.#pausedUntil > Date.now()) {
      const ms = this.#pausedUntil - Date.now()
      await sleep(ms, undefined, { signal: this.#over }).catch(() => undefined)
    }
  }
}

function stopFor({ code, title, retryAfterSeconds }: Failure): Stop {
  return {
    code,
    ...(title !== undefined && { title }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

function anotherKey(): CommandFailure {
  return new CommandFailure(
    exitCodes.badInput,
    'A row would be asked under another key than before, so it might be charged twice: nothing is' +
      ' sent. Continue with the version of this command with which the batch began.',
  )
}
