import type { Branded, Parsed } from './field.ts'

/** 12 to 19 digits, not starting with 0. */
export type CardNumber = Branded<'CardNumber'>

export const SEPARATORS = /[\s\p{Dash_Punctuation}\u2212]/gu
export const SHORTEST_CARD = 12
export const LONGEST_CARD = 19

/**
 * Reads a card number as people write it: full-width digits, spaces and hyphens are accepted.
 * There is no prefix rule (22 % of Chinese BINs do not start with 62), and a failed Luhn check is
 * only a warning: UnionPay does not guarantee it.
 */
export function parseCardNumber(text: string): Parsed<CardNumber> {
  const digits = text.normalize('NFKC').replace(SEPARATORS, '')
  if (digits === '') return { failure: 'length' }
  if (!isCardNumber(digits)) return { failure: 'format' }
  if (digits.length < SHORTEST_CARD || digits.length > LONGEST_CARD) return { failure: 'length' }
  return { value: digits, warnings: passesLuhn(digits) ? [] : ['luhn'] }
}

function isCardNumber(digits: string): digits is CardNumber {
  return /^[1-9][0-9]*$/.test(digits)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    const doubled = digit * 2
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
