import type { Random } from '../random.ts'
import { randomOf } from '../random.ts'
import type { Channel, Person } from './channels.ts'
import type { Environment, Seen, Stage } from './environment.ts'
import type { Expected } from './expected.ts'
import type { FaultProvider, Hit, Step } from './fault-provider.ts'

/** One request: what its caller was told, and what took place at the provider's. */
export type Observation = {
  case: string
  channel: Channel
  round: number
  expected: readonly Expected[]
  told: string
  billable: string
  /** Beyond the deadline; below zero is before it. */
  lateMs: number
  measuredAgain?: boolean
  hits: readonly Hit[]
  /** Connections that were tried, where a case is about them. */
  connects?: number
  /** Peak memory above what the process had before it was asked. */
  grownBytes?: number
}

/** One channel under one group of faults, a few times over. */
export type Phase = {
  stage: Stage
  provider: FaultProvider
  channel: Channel
  seed: number
  rounds: readonly number[]
  person: () => Person
  wants: (name: string) => boolean
  observed: Observation[]
}

/** The function keeps so much of its own time to answer in. */
const KEPT_MS = 500

export type Limits = { timeoutMs: number; remainingMs?: number | undefined }

export function lateMsOf(seen: Seen, { timeoutMs, remainingMs = Infinity }: Limits): number {
  return Math.round(seen.elapsedMs - Math.min(timeoutMs, remainingMs - KEPT_MS))
}

type Asked = {
  name: string
  expected: readonly Expected[]
  steps: readonly Step[]
  round: number
}

/** Asks about somebody new, for whom the provider has its orders. */
export async function observe(
  phase: Phase,
  environment: Environment,
  { name, expected, steps, round }: Asked,
  limits: Limits,
): Promise<Seen> {
  const { channel, provider } = phase
  const person = phase.person()
  const hits = provider.expect(channel, person, steps, randomFor(phase, name, round))
  const seen = await environment.ask(person, limits.remainingMs)
  const lateMs = lateMsOf(seen, limits)
  const { told, billable } = seen
  phase.observed.push({ case: name, channel, round, expected, told, billable, lateMs, hits })
  return seen
}

export function randomFor({ seed, channel }: Phase, name: string, round: number): Random {
  return randomOf(seed, channel, name, round)
}
