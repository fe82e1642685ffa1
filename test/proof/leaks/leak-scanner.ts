import { createCipheriv, createHash } from 'node:crypto'
import type { Secrets } from '../../support/leak-scan.ts'
import type { Canary } from './canaries.ts'
import { fromBase64, fromByteLists, fromCharacterLists, fromHex, unescaped } from './decodings.ts'
import { DigitIndex } from './digit-index.ts'
import { NeedleIndex } from './needle-index.ts'

/** `whose` is the place of a person in the list, or the name of a secret. */
export type Leak = { whose: number | string; what: string }

const DIGESTS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'ripemd160']
/** So many characters of a secret in a row are one leak. */
const TELLING_CHARACTERS = 12
/** JSON in a JSON member in a JSON line, and one encoding more. */
const DEEPEST = 4
const MASKED = /[0-9]{4}(?:[*•·#]{2,}|[xX]{4,})|(?:[*•·#]{2,}|[xX]{4,})[0-9]{3}/
const CONTEXT = 40
const AES_BLOCK_BYTES = 16
const MOST_KINDS = 64

/**
 * What may stand in a log, a table or an answer although it has many digits (contract.md §2, §5):
 * UUIDs, times, and the simulators' own references.
 */
const ALLOWED =
  /(?<![0-9a-z])(?:[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|1[78][0-9]{8}(?:[0-9]{3})?|4X[0-9A-Z]{6}[0-9]{10}|JH1881[0-9]{18}DG)(?![0-9a-z])/gi

/**
 * Looks for many people and secrets at once, in every form in which one usually slips out: what is
 * encoded is decoded, up to four times, and digests and ciphertexts are known beforehand.
 */
export class LeakScanner {
  readonly #needles = new NeedleIndex()
  readonly #digits = new DigitIndex()
  readonly #owners: (number | string)[]
  readonly #kinds: string[] = []

  /** @param aesKey Juhe's, under which a value always gives the same ciphertext */
  constructor(people: readonly Canary[], secrets: Secrets, aesKey: string) {
    this.#owners = [...people.keys(), ...Object.keys(secrets), 'output']
    people.forEach((person, whose) => {
      for (const spelling of spellingsOf(person.name)) this.#add(spelling, whose, 'name')
      if (person.nameInGbk) this.#add(person.nameInGbk, whose, 'name in GBK')
      const { name, idNumber, cardNumber } = person
      for (const [what, value] of Object.entries({ name, idNumber, cardNumber })) {
        this.#addDerived(value, whose, what, aesKey)
      }
      for (const [what, number] of Object.entries({ idNumber, cardNumber })) {
        this.#digits.add(number, this.#label(whose, `digits of ${what}`))
      }
    })
    const known = new Set<string>()
    Object.values(secrets).forEach((value, place) => {
      const owner = people.length + place
      // What two invented secrets have in common is told as the first one's.
      const parts = partsOf(value).filter((part) => !known.has(part))
      for (const part of parts) {
        known.add(part)
        for (const bytes of spellingsOf(part)) this.#add(bytes, owner, 'part')
      }
      this.#addDerived(value, owner, 'secret', aesKey)
    })
  }

  /** Everything that stands in a text and must not, each thing once. */
  scan(text: string): Leak[] {
    const found = new Set<number>()
    const output = this.#owners.length - 1
    // Only bytes that are no UTF-8 come out like this; what they were cannot be told any more.
    if (text.includes('\ufffd')) found.add(this.#label(output, 'no UTF-8'))
    this.#scanText(Buffer.from(text), 0, found)
    return [...found].map((label) => ({
      whose: this.#owners[Math.floor(label / MOST_KINDS)]!,
      what: this.#kinds[label % MOST_KINDS]!,
    }))
  }

  #scanText(bytes: Buffer, depth: number, found: Set<number>): void {
    this.#scanBytes(bytes, found)
    const text = bytes.toString()
    if (MASKED.test(text)) found.add(this.#label(this.#owners.length - 1, 'a masked number'))
    for (const folded of foldingsOf(text)) this.#scanBytes(folded, found)
    if (depth === DEEPEST) return
    const plain = unescaped(bytes)
    if (plain) this.#scanText(plain, depth + 1, found)
    for (const decode of [fromBase64, fromHex, fromByteLists, fromCharacterLists]) {
      const { streams, readable } = decode(bytes)
      for (const stream of streams) this.#scanBytes(stream, found)
      for (const part of readable) this.#scanText(part, depth + 1, found)
    }
  }

  #scanBytes(bytes: Buffer, found: Set<number>): void {
    this.#needles.scan(bytes, (label) => found.add(label))
    this.#digits.scan(bytes, (label, end) => {
      if (!isAllowed(bytes, end)) found.add(label)
    })
  }

  #add(bytes: Buffer, owner: number, kind: string): void {
    this.#needles.add(bytes, this.#label(owner, kind))
  }

  #addDerived(value: string, owner: number, what: string, aesKey: string): void {
    for (const digest of DIGESTS) {
      this.#add(createHash(digest).update(value).digest(), owner, `${digest} of ${what}`)
    }
    const cipher = createCipheriv('aes-128-ecb', aesKey, null)
    const encrypted = Buffer.concat([cipher.update(value), cipher.final()])
    this.#add(encrypted.subarray(0, AES_BLOCK_BYTES), owner, `ciphertext of ${what}`)
  }

  #label(owner: number, kind: string): number {
    const known = this.#kinds.indexOf(kind)
    const place = known < 0 ? this.#kinds.push(kind) - 1 : known
    return owner * MOST_KINDS + place
  }
}

/** As it stands where somebody decomposes it, puts it into a form, or takes blanks out. */
function spellingsOf(text: string): Buffer[] {
  const texts = [text, text.normalize('NFD'), text.replaceAll(' ', '+'), text.replaceAll(' ', '')]
  const utf16 = Buffer.from(text, 'utf16le')
  return [
    ...[...new Set(texts)].map((text) => Buffer.from(text)),
    utf16,
    Buffer.from(utf16).swap16(),
  ]
}

/** The text as somebody reads it who folds widths, mends wrong decodings or closes gaps. */
function foldingsOf(text: string): Buffer[] {
  if (!/[^\0-\x7f]/.test(text)) return []
  const folded = text.normalize('NFKC')
  const closed = folded.replaceAll(GAP_BETWEEN_HAN, '')
  return [
    ...(folded === text ? [] : [Buffer.from(folded)]),
    ...(closed === folded ? [] : [Buffer.from(closed)]),
    ...(/[\u0080-\u00ff]/.test(text) ? [Buffer.from(text, 'latin1')] : []),
  ]
}

const GAP_BETWEEN_HAN = /(?<=\p{Script=Han})[^\p{L}\p{N}]{1,4}(?=\p{Script=Han})/gu

function isAllowed(bytes: Buffer, end: number): boolean {
  const start = Math.max(0, end - CONTEXT)
  const around = bytes.toString('latin1', start, end + CONTEXT)
  for (const { index, 0: token } of around.matchAll(ALLOWED)) {
    if (index <= end - start && end - start < index + token.length) return true
  }
  return false
}

function partsOf(secret: string): string[] {
  const count = Math.max(1, secret.length - TELLING_CHARACTERS + 1)
  return Array.from({ length: count }, (_, at) => secret.slice(at, at + TELLING_CHARACTERS))
}
