import { paginateScan } from '@aws-sdk/client-dynamodb'
import { type Item, itemOf, type Value, valuesOf } from '../../lib/ledger/dynamo-table.ts'
import type { Deployment } from './deployment.ts'

/** What a scan has read, for it is paid for by what is read and not by what is found. */
export type ScanCost = { scanned: number; pages: number; readUnits: number }

/** Every item of the table that the filter lets through; the whole table is read for it. */
export async function scanTable(
  { client, tableName }: Deployment,
  { filter, values }: { filter: string; values: Readonly<Record<string, Value>> },
): Promise<{ items: Item[]; cost: ScanCost }> {
  const items: Item[] = []
  const cost: ScanCost = { scanned: 0, pages: 0, readUnits: 0 }
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      FilterExpression: filter,
      ExpressionAttributeValues: itemOf(values),
      // What was written a moment ago must not be missed: an erasure depends on it.
      ConsistentRead: true,
      ReturnConsumedCapacity: 'TOTAL',
    },
  )
  for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of pages) {
    items.push(...Items.map(valuesOf))
    cost.pages += 1
    cost.scanned += ScannedCount
    cost.readUnits += ConsumedCapacity?.CapacityUnits ?? 0
  }
  return { items, cost }
}

export function costLine({ scanned, pages, readUnits }: ScanCost): string {
  const units = Math.round(readUnits * 10) / 10
  return `The scan read ${scanned} items on ${pages} page(s) for ${units} RRU.`
}
