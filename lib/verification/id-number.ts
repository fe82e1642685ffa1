import type { Branded, Parsed } from './field.ts'
import { isCalendarDay } from './shanghai-day.ts'

/** 18 characters of a Chinese ID document (GB 11643-1999), the check character in upper case. */
export type IdNumber = Branded<'IdNumber'>

// ISO 7064 MOD 11-2, as GB 11643-1999 writes it out.
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECK_CHARACTERS = '10X98765432'

// No county list: county codes are abolished and merged, and old ones stay in people's documents.
export const PROVINCE = '(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71)'
const PROVINCES = new RegExp(`^${PROVINCE}`)
export const RESIDENCE_PERMIT = /^8[123]0000/
const FOREIGN_RESIDENT_CARD = new RegExp(`^9${PROVINCE}`)

/** @param today a date after which nobody is born yet; the Shanghai calendar decides */
export function parseIdNumber(text: string, today = new Date()): Parsed<IdNumber> {
  if (/^[0-9]{15}$/.test(text)) return { failure: 'legacy_15_digit' }
  if (text.length !== 18) return { failure: 'length' }
  const id = text.toUpperCase()
  if (!hasIdNumberFormat(id)) return { failure: 'format' }
  if (checkCharacter(id) !== id[17]) return { failure: 'checksum' }
  const special = RESIDENCE_PERMIT.test(id) || FOREIGN_RESIDENT_CARD.test(id)
  if (!special && !PROVINCES.test(id)) return { failure: 'region' }
  if (!isBirthDate(id.slice(6, 14), today)) return { failure: 'birth_date' }
  return { value: id, warnings: special ? ['document_type'] : [] }
}

function hasIdNumberFormat(id: string): id is IdNumber {
  return /^[0-9]{17}[0-9X]$/.test(id)
}

function checkCharacter(id: string): string | undefined {
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(id[place]), 0)
  return CHECK_CHARACTERS[sum % 11]
}

function isBirthDate(digits: string, today: Date): boolean {
  const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const midnightInShanghai = new Date(`${iso}T00:00:00+08:00`)
  if (Number.isNaN(midnightInShanghai.getTime()) || midnightInShanghai > today) return false
  return iso >= '1900-01-01' && isCalendarDay(iso)
}
