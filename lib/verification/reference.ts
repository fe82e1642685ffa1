import { parseCardNumber } from './card-number.ts'
import type { Branded, Parsed } from './field.ts'
import { parseIdNumber } from './id-number.ts'
import { issuerOf } from './issuer.ts'

/** The caller's own reference, which is recorded and echoed: never a card or ID number. */
export type Reference = Branded<'Reference'>

export function parseReference(text: string): Parsed<Reference> {
  if (text.length < 1 || text.length > 64) return { failure: 'length' }
  if (!isReference(text)) return { failure: 'format' }
  if (passesForNumber(text)) return { failure: 'personal_data' }
  return { value: text, warnings: [] }
}

/** Also for a number that the reference spells with separators, or carries inside. */
export function carries(reference: Reference, number: string): boolean {
  return withoutSeparators(reference).toUpperCase().includes(number)
}

function isReference(text: string): text is Reference {
  return /^[A-Za-z0-9._:-]+$/.test(text)
}

function passesForNumber(text: string): boolean {
  const bare = withoutSeparators(text)
  const id = parseIdNumber(bare)
  if ('value' in parseCardNumber(bare) || 'value' in id) return true
  if (id.failure === 'legacy_15_digit') return true
  return hidesIdNumber(bare) || hidesCardNumber(bare)
}

// Check character, date and province together make a chance hit among order numbers rare.
function hidesIdNumber(bare: string): boolean {
  for (let at = 0; at + 18 <= bare.length; at++) {
    if ('value' in parseIdNumber(bare.slice(at, at + 18))) return true
  }
  return false
}

// Many order numbers pass Luhn by chance, few of them under the BIN of an issuer as well.
function hidesCardNumber(bare: string): boolean {
  return (bare.match(/(?<![0-9])[0-9]{15,19}(?![0-9])/g) ?? []).some((digits) => {
    const card = parseCardNumber(digits)
    return 'value' in card && card.warnings.length === 0 && issuerOf(card.value) !== undefined
  })
}

function withoutSeparators(text: string): string {
  return text.replace(/[._:-]/g, '')
}
