import { expect } from 'vitest'

import type { Key, Table, Write } from '../../../lib/ledger/dynamo-table.ts'
import { memoryTable, plain } from './memory-table.ts'

type Written = readonly [kind: 'update' | 'remove', key: Key, write: Write]

/**
 * Does the same to dynalite and to a `memoryTable`, in the order given and then in others, and
 * compares every result and every item.
 */
export async function compareTables(
  dynalite: Table,
  written: readonly Written[],
  rounds: number,
): Promise<number> {
  let refused = 0
  for (let round = 0; round < rounds; round++) {
    const memory = memoryTable()
    const keys = new Map<string, Key>()
    for (const [kind, key, write] of round === 0 ? written : shuffled(written)) {
      const ownKey = { ...key, pk: `${key.pk}#${round}` }
      keys.set(JSON.stringify(ownKey), ownKey)
      const expected = await dynalite[kind](ownKey, write)
      expect({ ...write, held: memory[kind](ownKey, write) }).toEqual({ ...write, held: expected })
      if (!expected) refused += 1
    }
    for (const key of keys.values()) {
      const item = await dynalite.get(key)
      expect(memory.get(key)).toEqual(item && plain(item))
    }
  }
  return refused
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value)
}
