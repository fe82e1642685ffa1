import { bankNames, binTables } from './bin-table.ts'
import type { CardNumber } from './card-number.ts'

const CARD_TYPES = ['debit', 'credit', 'semi_credit', 'prepaid'] as const

/** What a BIN table says of a card: enrichment, never a reason to accept or refuse it. */
export type Issuer = { bank: string; type: (typeof CARD_TYPES)[number] }

const LONGEST_BIN = 10
const SHORTEST_BIN = 3
const ISSUER_WIDTH = 3

/** The issuer whose longest BIN starts this card and whose cards have this length. */
export function issuerOf(card: CardNumber): Issuer | undefined {
  const tables = binTables[card.length] ?? {}
  for (let digits = LONGEST_BIN; digits >= SHORTEST_BIN; digits--) {
    const issuer = issuerOfBin(card.slice(0, digits), tables[digits] ?? '')
    if (issuer) return issuer
  }
  return undefined
}

// The table is searched where it stands: parsing it into objects would be paid at every cold start.
function issuerOfBin(bin: string, entries: string): Issuer | undefined {
  const sought = Number(bin)
  const binWidth = (10 ** bin.length - 1).toString(36).length
  const width = binWidth + ISSUER_WIDTH
  let low = 0
  let high = entries.length / width
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const at = middle * width
    const found = parseInt(entries.slice(at, at + binWidth), 36)
    if (found === sought) return issuerAt(parseInt(entries.slice(at + binWidth, at + width), 36))
    if (found < sought) low = middle + 1
    else high = middle
  }
  return undefined
}

function issuerAt(code: number): Issuer | undefined {
  const place = Math.floor(code / CARD_TYPES.length)
  const type = CARD_TYPES[code % CARD_TYPES.length]
  return type && { bank: bankNames.slice(place, bankNames.indexOf('\n', place)), type }
}
