import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { startDynamoDbSimulator } from '../simulators/dynamodb-simulator.ts'
import { runCluster } from './long/cluster.ts'
import { noCap, noReservation, notCapped, notOneHitEach } from './long/cluster-properties.ts'
import { compareTables } from './long/differential.ts'
import { runKills } from './long/kill.ts'
import { broken, noMark } from './long/kill-properties.ts'
import { controls } from './long/race-controls.ts'
import { raceProperty, writesOf } from './long/races.ts'
import { tableAt } from './table-at.ts'

// The same as `npm run test:ledger`, and small.
const TIMEOUT_MS = 60_000

vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof import('node:timers/promises')>()
  const { sleepOf } = await import('./long/virtual-sleep.ts')
  return { ...real, setTimeout: sleepOf(real.setTimeout) }
})

describe('processes on the same people', { timeout: TIMEOUT_MS }, () => {
  const size = { processes: 2, concurrency: 4, requests: 120, people: 6 }
  const capped = { processes: 2, concurrency: 4, requests: 40, people: 40 }
  const cap = 10
  const settings = { PROVIDER_DAILY_LIMIT: String(cap) }

  it.each([true, false])('hit the provider once for each, with keys: %s', async (keyed) => {
    const result = await runCluster({ route: 'three-element', keyed, ...size })
    expect(notOneHitEach(result, size)).toEqual([])
  })

  it('hit it more often where a reservation never fails', async () => {
    const few = { ...size, requests: 48 }
    const result = await runCluster({ route: 'three-element', spoil: noReservation, ...few })
    expect(notOneHitEach(result, few)).toContain(`${result.hits} hits`)
  })

  it('hit it as often as the cap says', async () => {
    const result = await runCluster({ route: 'two-element', settings, ...capped })
    expect(notCapped(result, { ...capped, cap })).toEqual([])
  })

  it('hit it more often where the cap has no condition', async () => {
    const result = await runCluster({ route: 'two-element', settings, spoil: noCap, ...capped })
    expect(notCapped(result, { ...capped, cap })).toContain(`${result.hits} hits`)
  })
})

describe('a killed process', { timeout: TIMEOUT_MS, concurrent: true }, () => {
  it('costs at most one hit at any point', async ({ expect }) => {
    expect(broken(await runKills({ seeds: 1 }))).toEqual([])
  })

  it('costs more where nothing is written down before it is sent', async ({ expect }) => {
    const killed = await runKills({ seeds: 1, steps: ['answer'], drop: noMark })
    expect(broken(killed).map(({ hits }) => hits)).toEqual([2, 2])
  })
})

describe('any schedule', { timeout: TIMEOUT_MS }, () => {
  it('breaks no promise', async () => {
    await expect(fc.assert(raceProperty(), { numRuns: 300 })).resolves.toBeUndefined()
  })

  // The rarest of them takes some thousand schedules to be found: it is left to the long proof.
  const { 'a claim is given back whatever has become of it': _, ...found } = controls

  it.each(Object.entries(found))('is caught where %s', async (_, spoil) => {
    const { failed } = await fc.check(raceProperty({ spoil }), {
      numRuns: 5000,
      endOnFailure: true,
    })
    expect(failed).toBe(true)
  })
})

describe('the table in memory', { timeout: TIMEOUT_MS }, () => {
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDbSimulator>>
  beforeAll(async () => {
    dynamoDb = await startDynamoDbSimulator()
  })
  afterAll(async () => {
    await dynamoDb.close()
  })

  it('does what dynalite does', async () => {
    expect(
      await compareTables(tableAt(dynamoDb.url, dynamoDb.tableName), await writesOf(5), 2),
    ).toBeGreaterThan(20)
  })
})
