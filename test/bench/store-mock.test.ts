import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item, Table } from '../../lib/ledger/dynamo-table.ts'
import { cardSlot, idSlot, providerSlot } from '../../lib/ledger/guard.ts'
import { compareTables } from '../ledger/long/differential.ts'
import { writesOf } from '../ledger/long/races.ts'
import { tableAt } from '../ledger/table-at.ts'
import { startDynamoDbSimulator } from '../simulators/dynamodb-simulator.ts'
import { type Counts, type Mock, startMock } from './servers/mock-protocol.ts'

let mock: Mock
let quick: Table
let dynamoDb: Awaited<ReturnType<typeof startDynamoDbSimulator>>
beforeAll(async () => {
  dynamoDb = await startDynamoDbSimulator()
  mock = await startMock(new URL('servers/store-mock.ts', import.meta.url), {})
  await mock.ask('createTable', dynamoDb.tableName)
  quick = tableAt(mock.url, dynamoDb.tableName)
})
afterAll(async () => {
  mock.stop()
  await dynamoDb.close()
})

// test/ledger/concurrency.test.ts holds the table behind it to dynalite.
describe("the benchmark's table", () => {
  it('does what the ledger writes', async () => {
    expect(await compareTables(quick, await writesOf(3), 2)).toBeGreaterThan(10)
  })

  it('tells of what was written as dynalite does, and counts what does not hold', async () => {
    const limits = { cardCalls: 2, cardMismatches: 2, idCalls: 2, providerCalls: 2, callerCalls: 2 }
    const now = Date.UTC(2026, 10, 28)
    const counted = { fingerprint: 'f', keyId: 'k' }
    const seenBy = async (table: Table) => {
      const seen: (Item | boolean | undefined)[] = []
      for (const attempt of ['a', 'b', 'c']) {
        for (const slot of [
          cardSlot(counted, attempt, limits, now),
          idSlot(counted, attempt, limits, now),
          providerSlot('databao', limits, now),
        ]) {
          const onWritten = (item: Item) => void seen.push(item)
          seen.push(await table.update(slot.key, { ...slot.take, onWritten }))
          seen.push(await table.get(slot.key))
        }
      }
      seen.push(await table.get({ pk: 'nobody', sk: '-' }))
      return seen
    }
    await mock.ask('counts')
    expect(await seenBy(quick)).toEqual(await seenBy(tableAt(dynamoDb.url, dynamoDb.tableName)))
    expect(await mock.ask<Counts>('counts')).toMatchObject({ requests: 19, refused: 3 })
  })
})
