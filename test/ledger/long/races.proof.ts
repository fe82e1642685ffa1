import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { startDynamoDbSimulator } from '../../simulators/dynamodb-simulator.ts'
import { tableAt } from '../table-at.ts'
import { compareTables } from './differential.ts'
import { controls } from './race-controls.ts'
import { raceProperty, writesOf } from './races.ts'

vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof import('node:timers/promises')>()
  const { sleepOf } = await import('./virtual-sleep.ts')
  return { ...real, setTimeout: sleepOf(real.setTimeout) }
})

describe('the table in memory', () => {
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDbSimulator>>
  beforeAll(async () => {
    dynamoDb = await startDynamoDbSimulator()
  })
  afterAll(async () => {
    await dynamoDb.close()
  })

  it('does what dynalite does', async () => {
    const written = await writesOf(60)
    const refused = await compareTables(tableAt(dynamoDb.url, dynamoDb.tableName), written, 4)
    console.log(`differential: ${written.length} writes in 4 orders, ${refused} refused`)
    expect(refused).toBeGreaterThan(1000)
  })
})

describe('10,000 schedules of attempts at the same', () => {
  it('break no promise', async () => {
    const startedAt = performance.now()
    await expect(fc.assert(raceProperty(), { numRuns: 10_000 })).resolves.toBeUndefined()
    console.log(`10,000 schedules in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  })

  it.each(Object.entries(controls))('are caught where %s', async (name, spoil) => {
    const found = await fc.check(raceProperty({ spoil }), { numRuns: 40_000, endOnFailure: true })
    const [reason] = String(found.errorInstance).split('\n')
    console.log(`negative control, ${name}: schedule ${found.numRuns}, ${reason}`)
    expect(found.failed).toBe(true)
    expect(String(found.errorInstance)).toMatch(/asked|more|told/)
  })
})
