import { isUtf8 } from 'node:buffer'

/** Shorter ones hold neither a name nor ten digits. */
const LEAST_READABLE = 8
/** Of these, base64 is the shortest encoding. */
const LEAST_ENCODED = 12
const BACKSLASH = 0x5c
const SEPARATOR = 0x0a

/** What a text becomes with its escapes taken away once; `undefined` where it has none. */
export function unescaped(text: Buffer): Buffer | undefined {
  const out = Buffer.allocUnsafe(text.length)
  let length = 0
  let changed = false
  for (let at = 0; at < text.length;) {
    const escape = ESCAPES[text[at]!]?.(text, at)
    if (escape) {
      changed = true
      for (const byte of escape.bytes) out[length++] = byte
      at += escape.length
    } else out[length++] = text[at++]!
  }
  return changed ? out.subarray(0, length) : undefined
}

type Escape = { bytes: Iterable<number>; length: number }

const ESCAPES: Record<number, (text: Buffer, at: number) => Escape | undefined> = {
  // %e5
  0x25: (text, at) => byteOf(text, at + 1, 3),
  // \u5f20, \xe5, \" and \\
  [BACKSLASH]: (text, at) => {
    const kind = text[at + 1]
    if (kind === 0x78 || kind === 0x58) return byteOf(text, at + 2, 4)
    if (kind !== 0x75 && kind !== 0x55)
      return kind === undefined ? undefined : { bytes: controlOf(kind), length: 2 }
    const unit = hexAt(text, at + 2, 4)
    if (unit === undefined) return undefined
    const low = text[at + 6] === BACKSLASH ? hexAt(text, at + 8, 4) : undefined
    const isPair =
      unit >= 0xd800 && unit < 0xdc00 && low !== undefined && low >= 0xdc00 && low < 0xe000
    return isPair
      ? { bytes: Buffer.from(String.fromCharCode(unit, low)), length: 12 }
      : { bytes: Buffer.from(String.fromCharCode(unit)), length: 6 }
  },
  // &#24352; and &#x5f20;
  0x26: (text, at) => {
    const [whole, hex, decimal] =
      /^&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/i.exec(text.toString('latin1', at, at + 12)) ?? []
    const point = hex === undefined ? Number(decimal) : parseInt(hex, 16)
    if (whole === undefined || point > 0x10_ff_ff) return undefined
    return { bytes: Buffer.from(String.fromCodePoint(point)), length: whole.length }
  },
}

const controlOf = (kind: number) => [
  kind === 0x6e || kind === 0x72 || kind === 0x74 ? SEPARATOR : kind,
]

function byteOf(text: Buffer, at: number, length: number): Escape | undefined {
  const byte = hexAt(text, at, 2)
  return byte === undefined ? undefined : { bytes: [byte], length }
}

function hexAt(text: Buffer, at: number, digits: number): number | undefined {
  let value = 0
  for (let place = at; place < at + digits; place++) {
    const nibble = place < text.length ? NIBBLES[text[place]!]! : -1
    if (nibble < 0) return undefined
    value = value * 16 + nibble
  }
  return value
}

const tableOf = (alphabet: string) => {
  const table = new Int8Array(256).fill(-1)
  Array.from(alphabet).forEach((character, value) => (table[character.charCodeAt(0)] = value))
  return table
}

const NIBBLES = tableOf('0123456789abcdef')
Array.from('ABCDEF').forEach((digit, place) => (NIBBLES[digit.charCodeAt(0)] = 10 + place))
const SEXTETS = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
SEXTETS['-'.charCodeAt(0)] = 62
SEXTETS['_'.charCodeAt(0)] = 63

/** What a decoding has made of a text: all of it, and what can be read of it for a further round. */
export type Decoded = { streams: Buffer[]; readable: Buffer[] }

/** Everything that may be base64, read from each of four places on, as none tells where it begins. */
export function fromBase64(text: Buffer): Decoded {
  const streams = [0, 1, 2, 3].map(() => new Stream(text.length))
  let run = 0
  let bits = 0
  const endRun = () => {
    if (run === 0) return
    for (let phase = 0; phase < 4; phase++) {
      const left = (run + 4 - phase) % 4
      if (left >= 2) streams[phase]!.push((left === 2 ? bits >> 4 : bits >> 10) & 0xff)
      if (left === 3) streams[phase]!.push((bits >> 2) & 0xff)
      streams[phase]!.end()
    }
    run = 0
  }
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!
    const sextet = SEXTETS[byte]!
    if (sextet < 0) {
      // Long base64 comes in lines.
      if (byte !== 0x0a && byte !== 0x0d) endRun()
      continue
    }
    bits = ((bits << 6) | sextet) & 0xff_ff_ff
    run += 1
    if (run < 4) continue
    const stream = streams[run % 4]!
    stream.push(bits >> 16)
    stream.push((bits >> 8) & 0xff)
    stream.push(bits & 0xff)
  }
  endRun()
  return decodedOf(streams)
}

/** Everything that may be hex, in pairs with or without something between them. */
export function fromHex(text: Buffer): Decoded {
  const streams = [new Stream(text.length), new Stream(text.length)]
  let run = 0
  let pair = 0
  const endRun = () => {
    if (run > 0) for (const stream of streams) stream.end()
    run = 0
  }
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!
    const nibble = NIBBLES[byte]!
    if (nibble < 0) {
      // The `0` of `0x` is none of the value.
      if ((byte | 0x20) === 0x78 && text[at - 1] === ZERO && run > 0) run -= 1
      else if (!HEX_SEPARATORS.has(byte)) endRun()
      continue
    }
    pair = ((pair << 4) | nibble) & 0xff
    run += 1
    if (run >= 2) streams[run % 2]!.push(pair)
  }
  endRun()
  return decodedOf(streams)
}

const ZERO = 0x30
const HEX_SEPARATORS = new Set(Buffer.from(' :,\t\r\n'))

/** Lists of bytes as `JSON.stringify` and `util.inspect` write them. */
export function fromByteLists(text: Buffer): Decoded {
  const lists = text.toString('latin1').match(BYTE_LIST) ?? []
  const readable = lists.map((list) =>
    Buffer.from(
      list
        .replaceAll(/"\d+":/g, '')
        .split(',')
        .map(Number),
    ),
  )
  return { streams: readable, readable }
}

const BYTE_LIST = /(?:(?:"\d+":)?\s*\d{1,3}\s*,\s*){7,}(?:"\d+":)?\s*\d{1,3}/g

/** Lists of single characters, as JSON of `Array.from(text)`. */
export function fromCharacterLists(text: Buffer): Decoded {
  const lists = text.toString().match(CHARACTER_LIST) ?? []
  const readable = lists.map((list) => Buffer.from(list.replaceAll(/"(.)"[\s,]*/gu, '$1')))
  return { streams: [], readable }
}

const CHARACTER_LIST = /(?:"[^"\\]"\s*,\s*){2,}"[^"\\]"/gu

function decodedOf(streams: readonly Stream[]): Decoded {
  return {
    streams: streams.map((stream) => stream.bytes),
    readable: streams.flatMap((stream) =>
      stream.readable.length > 0 ? [Buffer.concat(stream.readable)] : [],
    ),
  }
}

/** Bytes that come one by one, and of them the stretches that are text. */
class Stream {
  readonly #buffer: Buffer
  readonly readable: Buffer[] = []
  #length = 0
  #start = 0

  constructor(length: number) {
    this.#buffer = Buffer.allocUnsafe(length * 2 + 4)
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  push(byte: number): void {
    this.#buffer[this.#length++] = byte
  }

  end(): void {
    const stretch = this.#buffer.subarray(this.#start, this.#length)
    this.push(SEPARATOR)
    if (stretch.length >= LEAST_READABLE) this.readable.push(...readablePartsOf(stretch))
    this.#start = this.#length
  }
}

/** All of it where it is text, or else the parts that may be an encoding of something. */
function readablePartsOf(bytes: Buffer): Buffer[] {
  if (isUtf8(bytes) && bytes.every((byte) => byte >= 0x20)) return [bytes, LINE_BREAK]
  const parts: Buffer[] = []
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x20 && byte < 0x7f) continue
    if (at - start >= LEAST_ENCODED) parts.push(bytes.subarray(start, at), LINE_BREAK)
    start = at + 1
  }
  return parts
}

const LINE_BREAK = Buffer.from('\n')
