import { between, pick, type Random, randomOf } from '../random.ts'

/** Choices that a seed and the number of a case determine, whatever was drawn for other cases. */
export class Draw {
  readonly #random: Random

  constructor(seed: number, place = 0) {
    this.#random = randomOf(seed, place)
  }

  /** From 0 to `end`, without it. */
  below(end: number): number {
    return between(this.#random, 0, end - 1)
  }

  between(least: number, most: number): number {
    return between(this.#random, least, most)
  }

  happens(share: number): boolean {
    return this.#random() < share
  }

  one<Item>(items: readonly Item[]): Item {
    return pick(this.#random, items)
  }

  /** One of `items` with the chance that its weight gives it. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.#random() * items.reduce((sum, [weight]) => sum + weight, 0)
    return (items.find(([weight]) => (left -= weight) < 0) ?? items[0]!)[1]
  }

  text(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('')
  }
}
