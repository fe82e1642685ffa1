import * as fc from 'fast-check'
import { vi } from 'vitest'

import { AppError } from '../../../lib/errors/app-error.ts'
import type { Key, Table, Write } from '../../../lib/ledger/dynamo-table.ts'
import {
  type LedgerAnswer,
  type LedgerPerson,
  type Question,
  verificationLedger,
} from '../../../lib/ledger/verification-ledger.ts'
import type { ProviderAnswer } from '../../../lib/verification/verdict.ts'
import { parseThreeElementRequest } from '../../../lib/verification/verification-request.ts'
import { inventedPerson } from './invented-person.ts'
import { memoryTable } from './memory-table.ts'
import { virtual } from './virtual-sleep.ts'

const START = Date.UTC(2026, 10, 23, 4)
const CALLER = 'iam:proof'
const operation = { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] } as const
/** After this every lease has run out. */
const LONG_MS = 60_000
/** Of the provider's client: it sends nothing in a function's last half second. */
const RESERVED_MS = 500

const outcomes = ['match', 'mismatch', 'unverifiable', 'unknown', 'answered', 'refused'] as const
type ProviderOutcome = (typeof outcomes)[number]

/** What becomes of one operation on the table, as the SDK sees it. */
const faults = [
  'none',
  /** Applied; the reply is lost, and so it is sent once more. */
  'lost-reply',
  /** Sent once more after a timeout, and the first copy arrives in the end. */
  'late-copy',
  /** No copy arrives in time: one later, or none. */
  'unavailable',
  'unavailable-late-copy',
] as const

/** How often one operation goes well, and each fault happens. */
const weathers = [
  [30, 1, 1, 1, 1],
  [10, 1, 2, 1, 1],
  [3, 0, 2, 0, 0],
]

const faultsIn = (weights: readonly number[]) =>
  fc.infiniteStream(
    fc.record({
      fault: fc.oneof(
        ...faults.map((fault, place) => ({
          weight: weights[place] ?? 0,
          arbitrary: fc.constant(fault),
        })),
      ),
      /** How many turns late a late copy is. */
      turns: fc.nat(60),
    }),
  )

const attemptPlan = fc.record({
  mode: fc.constantFrom('plain', 'plain', 'no-cache', 'key-1', 'key-1', 'key-2'),
  /** Of two people with the same card. */
  person: fc.constantFrom(0, 0, 0, 1),
  outcome: fc.constantFrom(...outcomes),
  /** How many turns the provider takes. */
  providerTurns: fc.nat(60),
  remainingMs: fc.integer({ min: 2500, max: 20_000 }),
  /** How far its clock is off. */
  skewMs: fc.integer({ min: -900, max: 900 }),
  /** After how many messages it dies. */
  dies: fc.option(fc.nat(40), { freq: 3, nil: Infinity }),
})
type AttemptPlan = typeof attemptPlan extends fc.Arbitrary<infer Plan> ? Plan : never

const schedulePlan = fc.record({
  attempts: fc.array(attemptPlan, { minLength: 2, maxLength: 4 }),
  ticks: fc.array(fc.integer({ min: 100, max: 30_000 }), { maxLength: 5 }),
  faults: fc.oneof(...weathers.map(faultsIn)),
  limits: fc.record({
    cardCalls: fc.integer({ min: 1, max: 5 }),
    cardMismatches: fc.integer({ min: 1, max: 5 }),
    providerCalls: fc.integer({ min: 1, max: 6 }),
  }),
})
type SchedulePlan = typeof schedulePlan extends fc.Arbitrary<infer Plan> ? Plan : never

/** A write as another build would do it; `undefined`: it only says that it did. For controls. */
export type SpoilWrite = (key: Key, write: Write) => Write | undefined

export type RaceOptions = {
  spoil?: SpoilWrite
  /** Sees every write that takes place. */
  onWrite?: (kind: 'update' | 'remove', key: Key, write: Write) => void
}

/** Any schedule of some attempts at the same: no promise of the ledger is broken. */
export function raceProperty(options: RaceOptions = {}) {
  return fc.asyncProperty(fc.scheduler(), schedulePlan, async (scheduler, plan) => {
    vi.useFakeTimers({ toFake: ['Date'], now: START })
    const race = new Race(scheduler, plan, options)
    try {
      await race.run()
    } finally {
      virtual.sleep = undefined
      vi.useRealTimers()
    }
    if (race.broken.length > 0) throw new Error(race.broken.join('\n'))
  })
}

type Asked = {
  by: Attempt
  outcome: ProviderOutcome
  reference: string
  /** The attempt has heard the outcome. */
  heard: boolean
}

class Race {
  readonly broken: string[] = []
  readonly #scheduler: fc.Scheduler
  readonly #plan: SchedulePlan
  readonly #options: RaceOptions
  readonly #memory = memoryTable()
  readonly #asked: Asked[] = []
  readonly #replies = new Map<string, string>()
  #clock = START
  #begun = 0
  #faultless = false

  constructor(scheduler: fc.Scheduler, plan: SchedulePlan, options: RaceOptions) {
    this.#scheduler = scheduler
    this.#plan = plan
    this.#options = options
  }

  async run(): Promise<void> {
    const { attempts, ticks } = this.#plan
    virtual.sleep = async (ms) => {
      const until = this.#clock + ms
      await this.#turn('sleep')
      this.#passTo(until)
    }
    for (const plan of attempts) void this.#begin(plan)
    for (const ms of ticks) void this.#turn('tick').then(() => this.#passTo(this.#clock + ms))
    await this.#scheduler.waitIdle()

    // Whoever comes long after finds what the others have left.
    this.#faultless = true
    const later = {
      person: 0,
      outcome: 'match',
      providerTurns: 0,
      remainingMs: 20_000,
      skewMs: 0,
      dies: Infinity,
    } as const
    for (const mode of ['key-1', 'plain', 'key-2', 'plain'] as const) {
      this.#passTo(this.#clock + LONG_MS)
      const ended = this.#begin({ ...later, mode })
      await this.#scheduler.waitIdle()
      if (!(await Promise.race([ended, Promise.resolve(false)]))) {
        this.broken.push(`a later ${mode} question got no answer`)
      }
    }
  }

  /** Waits for the scheduler. */
  #turn(label: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), label)
  }

  #passTo(clock: number): void {
    this.#clock = Math.max(this.#clock, clock)
    vi.setSystemTime(this.#clock)
  }

  async #begin(plan: AttemptPlan): Promise<true> {
    await this.#turn('begin')
    this.#begun += 1
    const attempt = new Attempt(`${this.#begun} ${plan.mode}`, plan, this.#clock)
    vi.setSystemTime(this.#clock + plan.skewMs)
    const question = questionOf(plan, () => attempt.endsAt - this.#clock)
    const verifyOnce = verificationLedger({
      table: this.#tableOf(attempt),
      peppers: () => Promise.resolve(['pepper']),
      limits: { idCalls: 100, callerCalls: 100, ...this.#plan.limits },
      reuseSeconds: 86_400,
      pauseSeconds: 0,
      recordDays: 1,
    })
    try {
      const ask = () => this.#ask(attempt)
      this.#check(attempt, await verifyOnce(question, ask))
    } catch (error) {
      if (!(error instanceof AppError)) this.broken.push(`threw ${String(error)}`)
    }
    return true
  }

  /** One message to or from an attempt. A dead one neither sends nor hears. */
  async #message(attempt: Attempt): Promise<void> {
    attempt.messages += 1
    if (attempt.messages > attempt.plan.dies) attempt.died = true
    if (!this.#isAlive(attempt)) await new Promise<never>(() => {})
    vi.setSystemTime(this.#clock + attempt.plan.skewMs)
  }

  #isAlive({ died, endsAt }: Attempt): boolean {
    return !died && this.#clock < endsAt
  }

  #tableOf(attempt: Attempt): Table {
    const faultStream = this.#plan.faults
    const send = async <Result>(
      label: string,
      operation: () => Result,
      once = false,
    ): Promise<Result> => {
      const apply = () => {
        try {
          return operation()
        } catch (error) {
          this.broken.push(String(error))
          throw error
        }
      }
      await this.#message(attempt)
      const drawn = faultStream.next().value
      const planned = this.#faultless || !drawn ? 'none' : drawn.fault
      // What is sent once has one copy.
      const fault = once && planned === 'late-copy' ? 'unavailable-late-copy' : planned
      const late = async () => {
        for (let turn = 0; turn <= (drawn?.turns ?? 0); turn++)
          await this.#turn(`${attempt.name}: late, ${label}`)
        apply()
      }
      if (fault.endsWith('late-copy')) void late().catch(() => {})
      await this.#turn(`${attempt.name}: ${label}`)
      const lost = fault.startsWith('unavailable')
      let result = lost ? undefined : apply()
      if (fault === 'lost-reply' && !once) {
        await this.#turn(`${attempt.name}: again, ${label}`)
        result = apply()
      }
      await this.#turn(`${attempt.name}: ${fault} reply to ${label}`)
      await this.#message(attempt)
      if (result === undefined && lost) throw new AppError('ledger_unavailable')
      if (once && fault !== 'none') throw new AppError('ledger_unavailable')
      return result as Result
    }
    const write = (kind: 'update' | 'remove', key: Key, write: Write) => {
      const { spoil, onWrite } = this.#options
      const spoilt = spoil ? spoil(key, write) : write
      return send(
        `${key.pk.slice(0, 8)} ${write.update ?? 'remove'}`,
        () => {
          if (!spoilt) return true
          onWrite?.(kind, key, spoilt)
          return this.#memory[kind](key, spoilt)
        },
        write.once,
      )
    }
    return {
      get: async (key) =>
        (await send(`get ${key.pk.slice(0, 8)}`, () => ({ item: this.#memory.get(key) }))).item,
      update: (key, change) => write('update', key, change),
      remove: (key, change) => write('remove', key, change),
      query: () => Promise.reject(new Error('not asked here')),
    }
  }

  async #ask(attempt: Attempt): Promise<ProviderAnswer> {
    await this.#message(attempt)
    if (attempt.endsAt - this.#clock <= RESERVED_MS) {
      throw new AppError('provider_unavailable', {}, 'not_sent')
    }
    const { outcome } = attempt.plan
    const reference = `ask-${this.#asked.length}`
    const asked: Asked = { by: attempt, outcome, reference, heard: false }
    this.#judge(asked)
    this.#asked.push(asked)
    for (let turn = 0; turn <= attempt.plan.providerTurns; turn++) {
      await this.#turn(`${attempt.name}: ask`)
    }
    await this.#message(attempt)
    asked.heard = true
    switch (outcome) {
      case 'unknown':
        throw new AppError('provider_timeout', { billable: 'unknown' }, 'unknown')
      case 'answered':
        throw new AppError('provider_error', { billable: 'unknown' }, 'answered')
      case 'refused':
        throw new AppError('provider_throttled', {}, 'refused')
      case 'unverifiable':
        return {
          verdict: outcome,
          reason: 'abnormal',
          billable: 'no',
          providerReference: reference,
        }
      default:
        return { verdict: outcome, billable: 'yes', providerReference: reference }
    }
  }

  /** May the provider be asked now? What it refused cost nothing and counts for nothing. */
  #judge({ by }: Asked): void {
    const { mode, person } = by.plan
    const paid = this.#asked.filter(({ outcome }) => outcome !== 'refused')
    const same = paid.filter((other) => other.by.plan.person === person)
    const wrong = (text: string) => this.broken.push(`${mode}: ${text}`)

    if (same.some((other) => !other.heard && this.#isAlive(other.by))) {
      wrong('asked while another one is asking')
    }
    if (mode.startsWith('key') && paid.some((other) => other.by.plan.mode === mode)) {
      wrong('asked twice under one key')
    }
    const last = same.at(-1)
    const isOpen = last && (!last.heard || last.outcome === 'unknown')
    if (mode === 'plain' && isOpen) wrong('asked though an earlier outcome is unknown')
    const isKnown = last && ['match', 'mismatch'].includes(last.outcome)
    if (mode === 'plain' && isKnown) wrong('asked though there is a verdict')

    const { cardCalls, cardMismatches, providerCalls } = this.#plan.limits
    const suspects = paid.filter(
      ({ heard, outcome }) => !heard || outcome === 'mismatch' || outcome === 'unknown',
    )
    // Both people have one card; this question comes on top.
    if (paid.length >= cardCalls) wrong('more calls for a card than allowed')
    if (suspects.length >= cardMismatches) wrong('more mismatches of a card than allowed')
    if (paid.length >= providerCalls) wrong('more calls of a provider than allowed')
  }

  /** Is what an attempt was told what the provider said of this person? */
  #check({ plan }: Attempt, answer: LedgerAnswer): void {
    const { mode, person } = plan
    const text = 'replay' in answer ? answer.replay : JSON.stringify(answer.verification)
    const told: { verdict?: string; providerReference?: string; reused?: boolean } =
      JSON.parse(text)
    const isTrue = this.#asked.some(
      ({ by, outcome, reference }) =>
        by.plan.person === person &&
        (told.verdict === undefined
          ? text === JSON.stringify({ failed: failureOf[outcome] }) && by.plan.mode === mode
          : told.providerReference === reference && told.verdict === outcome),
    )
    if (!isTrue) this.broken.push(`${mode}: told ${text}, which nobody said`)
    // A reused answer that could not be kept under the key binds nobody.
    const isKept = 'replay' in answer || !told.reused
    if (!mode.startsWith('key') || !isKept) return
    const before = this.#replies.get(`${mode} ${person}`) ?? text
    this.#replies.set(`${mode} ${person}`, text)
    if (before !== text) this.broken.push(`${mode}: told ${before} and ${text} under one key`)
  }
}

const failureOf: Partial<Record<ProviderOutcome, string>> = {
  unknown: 'provider_timeout',
  answered: 'provider_error',
}

class Attempt {
  readonly name: string
  readonly plan: AttemptPlan
  readonly endsAt: number
  messages = 0
  died = false

  constructor(name: string, plan: AttemptPlan, now: number) {
    this.name = name
    this.plan = plan
    this.endsAt = now + plan.remainingMs
  }
}

const people = ['张三', '李四'].map((name) => {
  const parsed = parseThreeElementRequest({ ...inventedPerson(1), name })
  if ('errors' in parsed) throw new Error('no such person')
  return parsed.request
})

function questionOf(
  { mode, person }: AttemptPlan,
  remainingMs: () => number,
): Question<LedgerPerson> {
  const request = people[person]
  if (!request) throw new Error('no such person')
  return {
    operation,
    request,
    caller: CALLER,
    idempotencyKey: mode.startsWith('key') ? mode : undefined,
    anew: mode === 'no-cache',
    remainingMs,
    replyOf: ({ code }) => JSON.stringify({ failed: code }),
  }
}

type Written = Parameters<NonNullable<RaceOptions['onWrite']>>

/** What some schedules write: every expression of the ledger, each schedule under keys of its own. */
export async function writesOf(schedules: number): Promise<Written[]> {
  const written: Written[] = []
  let schedule = 0
  const property = raceProperty({
    onWrite: (kind, key, write) =>
      written.push([kind, { ...key, pk: `${key.pk}#${schedule}` }, write]),
  })
  property.beforeEach((before) => {
    schedule += 1
    return before()
  })
  await fc.assert(property, { numRuns: schedules })
  return written
}
