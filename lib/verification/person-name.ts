import type { Branded, Parsed } from './field.ts'

/** A name in the spelling that providers compare: NFC, `·` as the only interpunct. */
export type PersonName = Branded<'PersonName'>

// Private-use code points stand for rare characters on ID chips made before Unicode had them.
export const HAN = String.raw`[\p{Script=Han}\p{Co}]`
export const INTERPUNCT = String.raw`[·•・･‧∙⋅.．]`
const HAN_NAME = new RegExp(`^${HAN}+(?:·${HAN}+)*$`, 'u')
const INTERPUNCT_BETWEEN_HAN = new RegExp(
  String.raw`(?<=${HAN})\s*${INTERPUNCT}\s*(?=${HAN})`,
  'gu',
)
const SPACE_BETWEEN_HAN = new RegExp(String.raw`(?<=${HAN})\s+(?=${HAN})`, 'gu')
export const LATIN_LETTER = String.raw`[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]`
const LATIN_NAME = new RegExp(`^(?:${LATIN_LETTER}|[ ,.'-])*$`, 'u')

const HAS_LETTER = new RegExp(LATIN_LETTER, 'u')

export const HAN_LENGTH = [2, 25] as const
export const LATIN_LENGTH = [1, 50] as const

/** A Chinese name of 2 to 25 code points, or a Latin one of up to 50. */
export function parsePersonName(text: string): Parsed<PersonName> {
  const name = text
    .normalize('NFC')
    .trim()
    .replace(INTERPUNCT_BETWEEN_HAN, '·')
    .replace(SPACE_BETWEEN_HAN, '')
  if (name === '') return { failure: 'length' }
  if (!isPersonName(name)) return { failure: 'format' }
  const [shortest, longest] = HAN_NAME.test(name) ? HAN_LENGTH : LATIN_LENGTH
  // Code points, not UTF-16 units: 𠮷 is one character of a name.
  const { length } = Array.from(name)
  if (length < shortest || length > longest) return { failure: 'length' }
  return { value: name, warnings: /\p{Co}/u.test(name) ? ['private_use_character'] : [] }
}

function isPersonName(name: string): name is PersonName {
  return HAN_NAME.test(name) || (LATIN_NAME.test(name) && HAS_LETTER.test(name))
}
