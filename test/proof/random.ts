import { createHash } from 'node:crypto'
import { randomFrom } from '../ledger/long/random-from.ts'

export type Random = () => number

/** A stream of its own for each purpose: what one draws shifts no other. */
export function randomOf(seed: number, ...purpose: readonly (string | number)[]): Random {
  const digest = createHash('sha256')
    .update([seed, ...purpose].join(' '))
    .digest()
  return randomFrom(digest.readUInt32LE())
}

/** A whole number, both ends included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[between(random, 0, items.length - 1)] as Item
}

export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item)
}
