import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../../bench/statistics.ts'
import type { LambdaResponse } from '../../bundle/function-process.ts'
import type { Arrival } from './arrivals.ts'
import { type LoadStage, personOf, referenceOf, verdictOf } from './load-stage.ts'

/** One request: `ms` from when it was due, whenever it could be sent. */
export type Seen = Arrival & {
  ms: number
  told: 'answered' | 'problem' | 'turned away' | 'crashed'
  /** The problem's code; `reused` or `fresh` of an answer. */
  detail: string
  /** What is wrong with an answer. */
  wrong?: string
}

/** Sends every request when it is due, whatever has become of those before it. */
export async function runOpenLoop(stage: LoadStage, arrivals: readonly Arrival[]): Promise<Seen[]> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const seen: Promise<Seen>[] = []
  for (const arrival of arrivals) {
    const wait = arrival.at - elapsed()
    if (wait > 0) await sleep(wait)
    seen.push(ask(stage, arrival, elapsed))
  }
  return Promise.all(seen)
}

async function ask(stage: LoadStage, arrival: Arrival, elapsed: () => number): Promise<Seen> {
  const asked = stage.verify(arrival.person)
  const timed = () => ({ ...arrival, ms: elapsed() - arrival.at })
  // API Gateway answers 503 for it.
  if (!asked) return { ...timed(), told: 'turned away', detail: '' }
  try {
    const response = await asked
    return { ...timed(), ...judged(response, arrival) }
  } catch (error) {
    return { ...timed(), told: 'crashed', detail: String(error) }
  }
}

type Judged = Pick<Seen, 'told' | 'detail' | 'wrong'>

/** An answer must be this person's own, and nobody else's in any part. */
function judged({ statusCode, body }: LambdaResponse, { person, isTwin }: Arrival): Judged {
  const members = JSON.parse(body) as Record<string, unknown> & { card?: { last4?: string } }
  if (statusCode !== 200) {
    const detail = `${String(members['code'])}, billable ${String(members['billable'])}`
    const wrong = members['code'] === 'internal_error' ? { wrong: detail } : {}
    return { told: 'problem', detail, ...wrong }
  }
  const { verdict, billable, reused, reference, card } = members
  const faults = [
    verdict !== verdictOf(person) && `verdict ${String(verdict)}`,
    billable !== (reused ? 'no' : 'yes') && `billable ${String(billable)}`,
    reference !== referenceOf(person) && 'the reference of another request',
    card?.last4 !== personOf(person).cardNumber.slice(-4) && 'the card of another request',
    reused !== false && !isTwin && 'reused, though nobody had asked',
  ].filter((fault) => fault !== false)
  return {
    told: 'answered',
    detail: reused ? 'reused' : 'fresh',
    ...(faults.length > 0 && { wrong: faults.join(', ') }),
  }
}

/**
 * What is wrong with the answers and hits of a phase: a person's answer is another's, is asked
 * about twice at the provider, or is told to cost nothing after the provider was asked.
 */
export function wrongsOf(seen: readonly Seen[], hits: Readonly<Record<string, number>>) {
  const answers = seen.flatMap(({ person, wrong }) =>
    wrong === undefined ? [] : [`person ${person}: ${wrong}`],
  )
  const twice: string[] = []
  const unbilled: string[] = []
  for (const [person, asked] of Map.groupBy(seen, (one) => one.person)) {
    const count = hits[personOf(person).cardNumber] ?? 0
    if (count > 1) twice.push(`person ${person}: ${count} hits`)
    const admitsCharge = asked.some(
      ({ told, detail }) => told !== 'problem' || !detail.endsWith('billable no'),
    )
    if (count > 0 && !admitsCharge) unbilled.push(`person ${person}: hit, and told billable no`)
  }
  return { answers: [...answers, ...unbilled], twice }
}

export const p99Of = (seen: readonly Seen[]) =>
  quantile(
    seen.map(({ ms }) => ms),
    0.99,
  )

/** Requests by what they came to. */
export function talliesOf(seen: readonly Seen[]): Record<string, number> {
  const kinds = Map.groupBy(seen, ({ told, detail }) =>
    told === 'answered' || told === 'turned away' ? told : `${told}: ${detail}`,
  )
  return Object.fromEntries([...kinds].map(([kind, members]) => [kind, members.length]))
}
