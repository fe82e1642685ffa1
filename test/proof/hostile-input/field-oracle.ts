import { withCheckCharacter } from '../../verification/sample-id-number.ts'

/**
 * What the contract (contract.md §1, providers.md §4) allows for the text of a field, read anew from
 * it: nothing here is taken from lib/. Where it says nothing, both are allowed.
 */
export type FieldRuling = {
  mayAccept: boolean
  mayRefuse: boolean
  /** What an accepted text has to be sent as, where the contract tells. */
  sentAs?: string
}

const refused: FieldRuling = { mayAccept: false, mayRefuse: true }
const open: FieldRuling = { mayAccept: true, mayRefuse: true }
const accepted = (sentAs: string): FieldRuling => ({ mayAccept: true, mayRefuse: false, sentAs })

/** What may be sent to a provider at all. */
export const sendable = {
  name: /^(?:[\p{Script=Han}\p{Co}·]{2,25}|(?=.*\p{Script=Latin})[\p{Script=Latin} ,.'-]{1,50})$/u,
  cardNumber: /^[1-9][0-9]{11,18}$/,
  idNumber: /^[0-9]{17}[0-9X]$/,
}

const HAN = /[\p{Script=Han}\p{Co}]/u
const HAN_NAME = /^[\p{Script=Han}\p{Co}]+(?:·[\p{Script=Han}\p{Co}]+)*$/u
const INTERPUNCTS = new Set('·•・･‧∙⋅.．')
const SPACE = /\p{Zs}/u
// Blank to some readers and not to others.
const BLANK_BESIDE_INTERPUNCT = /[·•・･‧∙⋅.．]\p{Zs}|\p{Zs}[·•・･‧∙⋅.．]/u
const PERHAPS_BLANK = /[\t\n\v\f\r\u0085\u2028\u2029\ufeff]/u

export function ruleName(text: string): FieldRuling {
  if (!text.isWellFormed()) return refused
  const units = Array.from(text.normalize('NFC'))
  const letters = units.filter((unit) => !isBlank(unit))
  if (letters.length === 0) return refused
  if (letters.every((unit) => HAN.test(unit) || INTERPUNCTS.has(unit))) return ruleHan(units)
  return ruleLatin(units)
}

function ruleHan(units: readonly string[]): FieldRuling {
  const inner = trimmed(units)
  const kept = inner.filter((unit) => !isBlank(unit))
  const name = kept.map((unit) => (INTERPUNCTS.has(unit) ? '·' : unit)).join('')
  if (!HAN_NAME.test(name) || kept.length < 2 || kept.length > 25) return refused
  // The contract takes spaces out between Han, and does not say it of those beside an interpunct.
  const doubtful =
    units.some((unit) => PERHAPS_BLANK.test(unit)) || BLANK_BESIDE_INTERPUNCT.test(inner.join(''))
  return doubtful ? { ...open, sentAs: name } : accepted(name)
}

function ruleLatin(units: readonly string[]): FieldRuling {
  const name = trimmed(units)
  const latin = name.every((unit) => /[\p{Script=Latin} ,.'-]/u.test(unit) || isBlank(unit))
  if (!latin || name.length > 50) return refused
  // Which letters are Latin, and which blanks are spaces, the contract leaves open beyond ASCII.
  const sure = units.every((unit) => /^[A-Za-z ,.'-]$/.test(unit) || SPACE.test(unit))
  const plain = name.every((unit) => unit === ' ' || !SPACE.test(unit))
  return sure && plain && /[A-Za-z]/.test(name.join('')) ? accepted(name.join('')) : open
}

const isBlank = (unit = '') => SPACE.test(unit) || PERHAPS_BLANK.test(unit)

function trimmed(units: readonly string[]): readonly string[] {
  const first = units.findIndex((unit) => !isBlank(unit))
  return units.slice(first, units.findLastIndex((unit) => !isBlank(unit)) + 1)
}

// Hyphens and spaces to some, other characters to others.
const PERHAPS_SEPARATOR = /[\p{Pd}\u2212\u00ad\u1680\t\n\v\f\r\u0085\u2028\u2029\ufeff]/gu

export function ruleCard(text: string): FieldRuling {
  const plain = text.normalize('NFKC').replaceAll(/[ \u2010-]/g, '')
  const digits = plain.replaceAll(PERHAPS_SEPARATOR, '')
  if (!sendable.cardNumber.test(digits)) return refused
  return plain === digits ? accepted(digits) : { ...open, sentAs: digits }
}

const PROVINCES =
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71'.split(
    ' ',
  )
const RESIDENCE_PERMITS = ['810000', '820000', '830000']
const DAY_MS = 86_400_000

export function ruleId(text: string): FieldRuling {
  const id = text.replace(/x$/, 'X')
  if (!sendable.idNumber.test(id) || withCheckCharacter(id.slice(0, 17)) !== id) return refused
  const knownArea =
    PROVINCES.includes(id.slice(0, 2)) ||
    RESIDENCE_PERMITS.includes(id.slice(0, 6)) ||
    (id.startsWith('9') && PROVINCES.includes(id.slice(1, 3)))
  const [year = 0, month = 0, day = 0] = [id.slice(6, 10), id.slice(10, 12), id.slice(12, 14)].map(
    Number,
  )
  if (!knownArea || year < 1900 || !isInCalendar(year, month, day)) return refused
  const born = Date.UTC(year, month - 1, day)
  if (born > Date.now() + DAY_MS) return refused
  // Whether today has begun is a matter of the minute.
  return born > Date.now() - 2 * DAY_MS ? { ...open, sentAs: id } : accepted(id)
}

function isInCalendar(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day >= 1 && day <= (days[month - 1] ?? 0)
}

/** @param numbers of the person, which no reference may spell */
export function ruleReference(text: string, numbers: readonly string[] = []): FieldRuling {
  if (!/^[A-Za-z0-9._:-]{1,64}$/.test(text)) return refused
  const bare = text.replaceAll(/[._:-]/g, '').toUpperCase()
  const hidden = numbers.some((number) => bare.includes(number))
  if (hidden || ruleCard(bare).mayAccept || hasIdNumber(bare)) return refused
  // Numbers of 15 digits, and such as lie in an issuer's range, may be taken for personal.
  return /[0-9]{15}/.test(bare) ? { ...open, sentAs: text } : accepted(text)
}

function hasIdNumber(bare: string): boolean {
  return Array.from(bare, (_, place) => bare.slice(place, place + 18)).some(
    (part) => ruleId(part).mayAccept,
  )
}
