const NONE = -1
const PREFIX = 4
const HASH_BITS = 24
const BUCKET_BITS = 20

const hashOf = (prefix: number) => Math.imul(prefix, 0x9e3779b1) >>> (32 - HASH_BITS)

const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
)

/**
 * Many byte strings, all looked for in one pass over a text. Letters match in either case, as
 * whoever prints a value may have changed it.
 */
export class NeedleIndex {
  // In arrays of numbers, as there may be a million.
  #bytes = new Uint8Array(2 ** 20)
  readonly #starts = [0]
  readonly #labels: number[] = []
  readonly #next: number[] = []
  readonly #heads = new Int32Array(2 ** BUCKET_BITS).fill(NONE)
  /** A bit for each hash of a prefix: most places of a text are dismissed by it at once. */
  readonly #bits = new Uint8Array(2 ** (HASH_BITS - 3))

  /** @param label what a hit is told by */
  add(needle: Uint8Array, label: number): void {
    if (needle.length < PREFIX) throw new Error(`a needle of ${needle.length} bytes is too short`)
    const place = this.#labels.push(label) - 1
    const start = this.#starts[place]!
    this.#starts.push(start + needle.length)
    this.#makeRoom(start + needle.length)
    needle.forEach((byte, at) => (this.#bytes[start + at] = lowerCase[byte]!))
    const [a = 0, b = 0, c = 0, d = 0] = this.#bytes.subarray(start, start + PREFIX)
    const hash = hashOf((a << 24) | (b << 16) | (c << 8) | d)
    this.#bits[hash >>> 3]! |= 1 << (hash & 7)
    const bucket = hash >>> (HASH_BITS - BUCKET_BITS)
    this.#next.push(this.#heads[bucket]!)
    this.#heads[bucket] = place
  }

  scan(text: Uint8Array, onFound: (label: number) => void): void {
    const bits = this.#bits
    let prefix = 0
    for (let at = 0; at < text.length; at++) {
      prefix = (prefix << 8) | lowerCase[text[at]!]!
      const hash = hashOf(prefix)
      if ((bits[hash >>> 3]! & (1 << (hash & 7))) === 0) continue
      let place = this.#heads[hash >>> (HASH_BITS - BUCKET_BITS)]!
      for (; place !== NONE; place = this.#next[place]!) {
        if (this.#stands(place, text, at - PREFIX + 1)) onFound(this.#labels[place]!)
      }
    }
  }

  #stands(place: number, text: Uint8Array, from: number): boolean {
    const start = this.#starts[place]!
    const length = this.#starts[place + 1]! - start
    if (from < 0 || from + length > text.length) return false
    for (let at = 0; at < length; at++) {
      if (lowerCase[text[from + at]!] !== this.#bytes[start + at]) return false
    }
    return true
  }

  #makeRoom(length: number): void {
    if (length <= this.#bytes.length) return
    const larger = new Uint8Array(2 * length)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
