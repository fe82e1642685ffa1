/** So many digits of a card or ID number in a row tell whose it is. */
const TELLING_DIGITS = 10
const LIMIT = 10 ** TELLING_DIGITS
/** Characters that a number may be separated by: a blank, a dash, or `","` of a list. */
const LONGEST_GAP = 4

const ZERO = 0x30
const NINE = 0x39

/** Every run of ten digits of many numbers, however they are separated in a text. */
export class DigitIndex {
  readonly #runs = new Map<number, number>()

  /** @param label what a hit is told by */
  add(number: string, label: number): void {
    for (const run of runsOf(number)) this.#runs.set(Number(run), label)
  }

  /** @param onFound is told where the last digit stands */
  scan(text: Uint8Array, onFound: (label: number, end: number) => void): void {
    const runs = this.#runs
    let value = 0
    let digits = 0
    let gap = 0
    for (let at = 0; at < text.length; at++) {
      const byte = text[at]!
      if (byte >= ZERO && byte <= NINE) {
        value = (value * 10 + byte - ZERO) % LIMIT
        digits += 1
        gap = 0
        if (digits < TELLING_DIGITS) continue
        const label = runs.get(value)
        if (label !== undefined) onFound(label, at)
      } else if (digits > 0) {
        gap += 1
        if (gap > LONGEST_GAP || isLetter(byte)) digits = 0
      }
    }
  }
}

export function runsOf(number: string): string[] {
  return Array.from(number, (_, at) => number.slice(at, at + TELLING_DIGITS)).filter((run) =>
    /^[0-9]{10}$/.test(run),
  )
}

const isLetter = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
