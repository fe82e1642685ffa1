import { parseCardNumber } from './card-number.ts'
import type { Branded, Parsed } from './field.ts'
import { parseIdNumber } from './id-number.ts'

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
  return 'value' in parseCardNumber(bare) || 'value' in id || id.failure === 'legacy_15_digit'
}

function withoutSeparators(text: string): string {
  return text.replace(/[._:-]/g, '')
}
