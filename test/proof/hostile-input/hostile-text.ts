import { withCheckCharacter } from '../../verification/sample-id-number.ts'
import type { Draw } from './draw.ts'

/** A text for a field, and how it came about: what may be told of it in place of itself. */
export type Text = { text: string; how: string }

const DIGITS = '0123456789'
const SURNAMES = Array.from('赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许')
const GIVEN = Array.from('明华丽强敏静磊洋艳勇𠮷䶮䴖々〇')
const ODD_GIVEN = ['\u{e864}', '\u{f9e1}', '⺀', '〢', '\u{30edd}', '\u{2f800}']
const INTERPUNCTS = Array.from('·•・･‧∙⋅.．')
const LATIN = ['Mary-Ann', "O'Brien", 'Müller', 'Nguyễn', 'Zsófia', 'Å', 'de', 'Smith, Jr.', 'Ng']
const PROVINCES = ['11', '37', '44', '50', '65', '71']
const REFERENCE = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-'

const hanName = (draw: Draw) =>
  draw.one(SURNAMES) +
  Array.from({ length: draw.between(1, 3) }, () =>
    draw.one(draw.happens(0.05) ? ODD_GIVEN : GIVEN),
  ).join('')

/** Names as people have them. */
export function goodName(draw: Draw): string {
  return draw.weighted<() => string>([
    [6, () => hanName(draw)],
    [2, () => `${hanName(draw)}${draw.one(INTERPUNCTS)}${hanName(draw)}`],
    [1, () => Array.from({ length: draw.between(1, 3) }, () => draw.one(LATIN)).join(' ')],
    [1, () => hanName(draw).repeat(draw.between(1, 6))],
  ])()
}

/** 629999 belongs to no issuer. */
export function goodCard(draw: Draw): string {
  return `629999${draw.text(draw.between(6, 13), DIGITS)}`
}

/** With counties that do not exist, so that it is nobody's. */
export function goodId(draw: Draw): string {
  const area = draw.weighted<() => string>([
    [4, () => `${draw.one(PROVINCES)}0000`],
    [1, () => `8${draw.between(1, 3)}0000`],
    [1, () => `9${draw.one(PROVINCES)}${draw.text(3, DIGITS)}`],
  ])()
  const birth = `${draw.between(1900, 2025)}${twoDigits(draw.between(1, 12))}${twoDigits(draw.between(1, 28))}`
  const id = withCheckCharacter(`${area}${birth}${draw.text(3, DIGITS)}`)
  return draw.happens(0.5) ? id.toLowerCase() : id
}

export function goodReference(draw: Draw): string {
  return `pay-${draw.text(draw.between(1, 12), REFERENCE)}`
}

const twoDigits = (number: number) => String(number).padStart(2, '0')

const ODD_CHARACTERS = [
  ['\u0000', '\u0007', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u00a0', '\u00ad'],
  ['\u0301', '\u034f', '\u061c', '\u1680', '\u180e', '\u2003', '\u200b', '\u200d', '\u200f'],
  ['\u2028', '\u202e', '\u2060', '\u2066', '\u3000', '\ufe0f', '\ufeff', '\ufffd', '\uffff'],
  ['\ud800', '\udc00', '\udbff', '\ue000', '\u{f0000}', '\u{10ffff}', '\u{e0001}', '\u{1f468}'],
  ['\u0131', '\u017f', 'ß', 'ŉ', 'ﬁ', '\ufdfa', 'Ⅳ', '①', '½', '㏠', '٣', '３', '𝟛', '०', 'Ｘ'],
  ['-', '–', '−', '～', '﹣', '·', '.', '．', '/', '\\', '"', "'", '<', '%00', '%30', '${x}', ' '],
  ['X', 'x', 'é', 'Ж', 'ア', '한', '張', '0', '9', '{', '}', '[', ',', ':', '\u2e80', '\u30fb'],
].flat()
const DIGIT_STYLES = ['０', '٠', '۰', '०', '𝟎', '𝟶', '₀', '⓪', '߀']

const everyDigit = (text: string, zero: string) =>
  text.replaceAll(/[0-9]/g, (digit) =>
    String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)),
  )

const at = (draw: Draw, text: string, change: (before: string, after: string) => string) => {
  const place = draw.between(0, text.length)
  return change(text.slice(0, place), text.slice(place))
}

// Longer than any field; the longest still fit into a body of 8 KiB.
const REPEATS = [2, 3, 20, 200, 2000]
const MOST_UNITS = 8000

type Spoil = (draw: Draw, text: string) => string

const spoils: readonly (readonly [how: string, spoil: Spoil])[] = [
  ['an odd character', (draw, text) => at(draw, text, (a, b) => a + draw.one(ODD_CHARACTERS) + b)],
  ['an odd start', (draw, text) => draw.one(ODD_CHARACTERS) + text],
  ['an odd end', (draw, text) => text + draw.one(ODD_CHARACTERS)],
  ['one unit less', (draw, text) => at(draw, text, (a, b) => a + b.slice(1))],
  ['a unit changed', (draw, text) => at(draw, text, (a, b) => a + draw.below(10) + b.slice(1))],
  [
    'two units swapped',
    (draw, text) =>
      at(draw, text, (a, b) => a.slice(0, -1) + (b[0] ?? '') + a.slice(-1) + b.slice(1)),
  ],
  ['digits of another script', (draw, text) => everyDigit(text, draw.one(DIGIT_STYLES))],
  [
    'groups of four',
    (draw, text) =>
      text.replaceAll(/.{4}(?=.)/g, `$&${draw.one([' ', '-', '  ', '–', '\t', '\u00a0', '_'])}`),
  ],
  ['another normal form', (draw, text) => text.normalize(draw.one(['NFC', 'NFD', 'NFKC', 'NFKD']))],
  ['upper case', (_, text) => text.toUpperCase()],
  ['lower case', (_, text) => text.toLowerCase()],
  [
    'blanks around',
    (draw, text) =>
      `${' '.repeat(draw.below(4))}${text}${draw.one(['', ' ', '\n', '\u3000', '\ufeff'])}`,
  ],
  [
    'blanks between',
    (draw, text) => Array.from(text).join(draw.one([' ', '\u3000', '\u200b', '·', ' · '])),
  ],
  ['repeated', (draw, text) => text.repeat(draw.one(REPEATS)).slice(0, MOST_UNITS)],
  [
    'an odd character repeated',
    (draw, text) => text + draw.one(ODD_CHARACTERS).repeat(draw.one(REPEATS)).slice(0, MOST_UNITS),
  ],
  [
    'blanks repeated between',
    (draw, text) =>
      at(
        draw,
        text,
        (a, b) => a + draw.one([' ', '·', '.', '\u3000']).repeat(draw.one(REPEATS)) + b,
      ),
  ],
  ['cut off', (draw, text) => text.slice(0, draw.below(text.length + 1))],
  ['turned round', (_, text) => Array.from(text).toReversed().join('')],
  ['nothing', () => ''],
  [
    'noise',
    (draw) =>
      Array.from({ length: draw.between(1, 30) }, () =>
        String.fromCharCode(draw.below(65_536)),
      ).join(''),
  ],
]

/** The text as it is, or with something done to it, perhaps twice. */
export function perhapsSpoilt(draw: Draw, text: string, share = 0.7): Text {
  if (!draw.happens(share)) return { text, how: 'as it should be' }
  const [how, spoil] = draw.one(spoils)
  const spoilt = spoil(draw, text)
  if (!draw.happens(0.2)) return { text: spoilt, how }
  const [more, again] = draw.one(spoils)
  return { text: again(draw, spoilt).slice(0, MOST_UNITS), how: `${how}, ${more}` }
}
