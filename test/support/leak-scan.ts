import { createHash } from 'node:crypto'

/** What must not be found, by a label that a failing test can print in its place. */
export type Secrets = Readonly<Record<string, string>>

export type Leak = { secret: string; form: string }

type Texts = {
  raw: string
  lower: string
  /** Full-width letters and digits as plain ones, and escapes of escapes as escapes. */
  folded: string
  /** `folded` with the digits of separated numbers run together. */
  digitsJoined: string
  /** `lower` without the blanks of a hex dump. */
  hexJoined: string
  /** Lists of bytes as `JSON.stringify(buffer)` and `util.inspect` write them. */
  bytesJoined: string
}
type Form = { form: string; foundIn: (texts: Texts) => boolean }

const DIGEST_NAMES = [
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'ripemd160',
]
// Fewer stand in BINs, dates and counters; so many of a card or ID number tell whose it is.
const TELLING_DIGITS = 10
const MASK = '[*xX•·#]{2,}'

/** Finds values that must not stand in a text, in every form in which one usually slips out. */
export function findLeaks(text: string, secrets: Secrets): Leak[] {
  const texts = textsOf(text)
  return Object.entries(secrets).flatMap(([secret, value]) =>
    formsOf(value)
      .filter(({ foundIn }) => foundIn(texts))
      .map(({ form }) => ({ secret, form })),
  )
}

function textsOf(raw: string): Texts {
  const lower = raw.toLowerCase()
  const folded = lower.normalize('NFKC').replaceAll(/\\+/g, '\\')
  return {
    raw,
    lower,
    folded,
    digitsJoined: folded.replaceAll(/(?<=\d)[\s\p{Pd}_.,/]+(?=[\dx])/gu, ''),
    hexJoined: lower.replaceAll(/(?<=[\da-f]{2})\s+(?=[\da-f]{2})/g, ''),
    bytesJoined: raw.replaceAll(/\s/g, ''),
  }
}

function formsOf(value: string): Form[] {
  const bytes = Buffer.from(value)
  const lower = value.toLowerCase()
  return [
    { form: 'raw', foundIn: ({ folded }) => folded.includes(lower.normalize('NFKC')) },
    ...['NFC', 'NFD'].map((form) => ({
      form,
      foundIn: ({ lower: text }: Texts) => text.includes(lower.normalize(form)),
    })),
    ...urlForms(value),
    ...base64Forms(bytes, 'base64'),
    { form: 'hex', foundIn: ({ hexJoined }) => hexJoined.includes(bytes.toString('hex')) },
    {
      form: 'hex, byte by byte',
      foundIn: ({ folded }) => folded.includes(escaped(bytes, (byte) => `\\x${hex(byte, 2)}`)),
    },
    { form: 'bytes', foundIn: ({ bytesJoined }) => bytesJoined.includes(bytes.join(',')) },
    {
      form: '\\u-escaped',
      foundIn: ({ folded }) =>
        folded.includes(escaped(codeUnits(value), (unit) => `\\u${hex(unit, 4)}`)),
    },
    ...digestForms(value),
    ...(isNumber(value) ? numberForms(lower) : []),
  ]
}

function urlForms(value: string): Form[] {
  const component = encodeURIComponent(value).toLowerCase()
  const everyByte = escaped(Buffer.from(value), (byte) => `%${hex(byte, 2)}`)
  const spellings = [component, component.replaceAll('%20', '+'), everyByte]
  return [
    {
      form: 'URL-encoded',
      foundIn: ({ lower }) => spellings.some((spelling) => lower.includes(spelling)),
    },
    {
      form: 'URL-encoded twice',
      foundIn: ({ lower }) =>
        lower.includes(encodeURIComponent(component).toLowerCase()) ||
        lower.includes(everyByte.replaceAll('%', '%25')),
    },
  ]
}

/** Wherever the value stands in a longer text: base64 has three ways to write it. */
function base64Forms(bytes: Buffer, name: string): Form[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url')
    // What shares a character with a neighbouring byte is left out.
    const own = padded.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    )
    const standard = own.replaceAll('-', '+').replaceAll('_', '/')
    return {
      form: `${name} at ${offset}`,
      foundIn: ({ raw }) => raw.includes(own) || raw.includes(standard),
    }
  })
}

function digestForms(value: string): Form[] {
  return DIGEST_NAMES.flatMap((name) => {
    const digest = createHash(name).update(value).digest()
    return [
      { form: name, foundIn: ({ hexJoined }) => hexJoined.includes(digest.toString('hex')) },
      ...base64Forms(digest, `${name} in base64`),
    ] satisfies Form[]
  })
}

function numberForms(number: string): Form[] {
  const runs = Array.from({ length: number.length - TELLING_DIGITS + 1 }, (_, at) =>
    number.slice(at, at + TELLING_DIGITS),
  )
  const masked = new RegExp(`${number.slice(0, 6)}${MASK}|${MASK}${number.slice(-4)}`)
  return [
    {
      form: `${TELLING_DIGITS} digits in a row`,
      foundIn: ({ digitsJoined }) => runs.some((run) => digitsJoined.includes(run)),
    },
    { form: 'masked', foundIn: ({ folded }) => masked.test(folded) },
  ]
}

const isNumber = (value: string) => /^\d{11,}x?$/i.test(value)

const hex = (code: number, length: number) => code.toString(16).padStart(length, '0')

/** UTF-16 code units: two for a character beyond the first plane. */
const codeUnits = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))

function escaped<Part>(parts: Iterable<Part>, escape: (part: Part) => string): string {
  return Array.from(parts, escape).join('')
}
