import { setTimeout as sleep } from 'node:timers/promises'

import { startSimulators, type Simulators } from '../../simulators/start-simulators.ts'
import { ask, startChild, stopChild } from './child.ts'
import type { CallOptions, Outcome } from './handler-call.ts'
import { inventedPerson } from './invented-person.ts'
import { providerSteps, startKillGate, type StepSizes, type Stop, storeSteps } from './kill-gate.ts'
import { randomFrom } from './random-from.ts'
import type { StoreOperation } from './store-proxy.ts'

const CHILD = new URL('./kill-child.ts', import.meta.url)
/** Short, so that a lease is: this and the ledger's allowance for clocks, 2 s. */
const REMAINING_MS = 1500
const LEASE_MS = REMAINING_MS + 2000
const PARALLEL = 4

export type KillOptions = {
  seeds: number
  steps?: readonly Stop['step'][]
  /** For the negative control: what of the killed process's writes is answered and not applied. */
  drop?: (operation: StoreOperation) => boolean
}

export type Killed = {
  at: string
  seed: number
  keyed: boolean
  /** What a fresh process gets for the same request, then without the key or once more. */
  replays: Outcome[]
  hitsWhenKilled: number
  hits: number
}

/** Kills a process at each point of one verification, and asks the same of a fresh one. */
export async function runKills({
  seeds,
  steps = [...storeSteps, ...providerSteps],
  drop,
}: KillOptions): Promise<Killed[]> {
  const simulators = await startSimulators()
  try {
    const sizes: StepSizes[] = []
    for (let seed = 0; seed < Math.min(seeds, VARIANTS); seed++)
      sizes.push(await dryRun(simulators, seed))
    const plans = steps.flatMap((step) =>
      (['before', 'after'] as const).flatMap((point) =>
        Array.from({ length: seeds }, (_, seed) => ({ step, point, seed })),
      ),
    )
    const victims = plans.map((plan, number) => ({ ...plan, ...victimOf(number, plan.seed) }))

    await inParallel(victims, async ({ step, point, seed, request, random }) => {
      const stop = { step, point, random, size: sizeOf(step, sizes[seed % VARIANTS]) }
      await killOne(simulators, request, { stop, ...(drop && { drop }) })
    })
    const hitsOf = (cardNumber: string) =>
      simulators.databao.hits.filter((hit) => hit.cardNumber === cardNumber).length
    const whenKilled = victims.map(({ request }) => hitsOf(request.person.cardNumber))
    await sleep(LEASE_MS)

    const fresh = await startChild(CHILD, environmentOf(simulators))
    const replays: Outcome[][] = []
    for (const { request } of victims) {
      const again = { ...request, remainingMs: 20_000 }
      const first = await ask<Outcome>(fresh, again)
      replays.push([first, await ask<Outcome>(fresh, { ...again, idempotencyKey: undefined })])
    }
    await stopChild(fresh)

    return victims.map(({ step, point, seed, keyed, request }, place) => ({
      at: `${point} ${step}`,
      seed,
      keyed,
      replays: replays[place] ?? [],
      hitsWhenKilled: whenKilled[place] ?? 0,
      hits: hitsOf(request.person.cardNumber),
    }))
  } finally {
    await simulators.close()
  }
}

const VARIANTS = 4

// The seed decides all that differs within one point.
function victimOf(number: number, seed: number) {
  const keyed = seed % 2 === 0
  const verdict = seed % VARIANTS < 2 ? 'match' : 'mismatch'
  const request: CallOptions = {
    route: 'three-element',
    person: inventedPerson(number, verdict),
    idempotencyKey: keyed ? `key-${number}` : undefined,
    remainingMs: REMAINING_MS,
  }
  return { keyed, request, random: randomFrom(number) }
}

const environmentOf = (simulators: Simulators) => ({
  ...simulators.environment,
  PROOF_ROUTE: 'three-element',
})

type Gate = Omit<Parameters<typeof startKillGate>[0], 'store' | 'provider'>

async function withVictim<Result>(
  simulators: Simulators,
  options: Gate,
  use: (
    child: Awaited<ReturnType<typeof startChild>>,
    gate: Awaited<ReturnType<typeof startKillGate>>,
  ) => Promise<Result>,
): Promise<Result> {
  const { dynamoDb, databao } = simulators
  const gate = await startKillGate({ store: dynamoDb.url, provider: databao.url, ...options })
  const environment = { ...environmentOf(simulators), ...gate.environment }
  const child = await startChild(CHILD, environment)
  try {
    return await use(child, gate)
  } finally {
    await stopChild(child)
    await gate.close()
  }
}

function killOne(simulators: Simulators, request: CallOptions, options: Gate): Promise<void> {
  return withVictim(simulators, options, async (child, gate) => {
    const answered = new Promise<never>((_, reject) => {
      child.once('message', () => reject(new Error('the process answered and was not stopped')))
      child.once('exit', () => reject(new Error('the process ended and was not stopped')))
    })
    child.send(request)
    await Promise.race([gate.stopped, answered])
    answered.catch(() => {})
  })
}

const DRY = 1_000_000

/** How many operations each step has is learnt from a process that is not killed. */
function dryRun(simulators: Simulators, seed: number): Promise<StepSizes> {
  return withVictim(simulators, {}, async (child, gate) => {
    const outcome = await ask<Outcome>(child, victimOf(DRY + seed, seed).request)
    if (outcome !== '200 asked') throw new Error(`the dry run ended in ${outcome}`)
    return gate.sizes
  })
}

const sizeOf = (step: Stop['step'], sizes: StepSizes | undefined): number =>
  step === 'send' || step === 'answer' ? 0 : (sizes?.[step] ?? 0)

async function inParallel<Value>(
  values: readonly Value[],
  run: (value: Value) => Promise<void>,
): Promise<void> {
  const rest = values.values()
  const worker = async () => {
    for (const value of rest) await run(value)
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
}
