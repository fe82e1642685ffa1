import { binTable } from './bin-table.ts'
import type { CardNumber } from './card-number.ts'

/** What a BIN table says of a card: enrichment, never a reason to accept or refuse it. */
export type Issuer = { bank: string; type: 'debit' | 'credit' | 'semi_credit' | 'prepaid' }

const cardTypes = new Map<string, Issuer['type']>([
  ['D', 'debit'],
  ['C', 'credit'],
  ['S', 'semi_credit'],
  ['P', 'prepaid'],
])

const LONGEST_BIN = 10
const SHORTEST_BIN = 3

/** The issuer whose longest BIN starts this card and whose cards have this length. */
export function issuerOf(card: CardNumber): Issuer | undefined {
  for (let digits = LONGEST_BIN; digits >= SHORTEST_BIN; digits--) {
    const issuer = issuerOfBin(card.slice(0, digits), card.length)
    if (issuer) return issuer
  }
  return undefined
}

// The table is searched where it stands: parsing it into objects would be paid at every cold start.
function issuerOfBin(bin: string, cardLength: number): Issuer | undefined {
  const needle = ` ${bin} `
  for (let at = binTable.indexOf(needle); at >= 0; at = binTable.indexOf(needle, at + 1)) {
    const group = binTable.lastIndexOf('|', at) + 1
    const type = cardTypes.get(binTable.charAt(group))
    if (!type || Number(binTable.slice(group + 1, group + 3)) !== cardLength) continue
    const line = binTable.lastIndexOf('\n', at) + 1
    return { bank: binTable.slice(line, binTable.indexOf('|', line)), type }
  }
  return undefined
}
