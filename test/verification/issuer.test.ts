import { readFileSync } from 'node:fs'
import { cards } from 'bankcard'
import { describe, expect, it } from 'vitest'
import type { CardNumber } from '../../lib/verification/card-number.ts'
import { type Issuer, issuerOf } from '../../lib/verification/issuer.ts'
import { binTableSource } from '../../scripts/build-bin-table.mjs'

const types: Record<string, Issuer['type']> = {
  DC: 'debit',
  CC: 'credit',
  SCC: 'semi_credit',
  PC: 'prepaid',
}
const LENGTHS = [12, 13, 14, 15, 16, 17, 18, 19]

describe('the BIN table', () => {
  it('is what the script makes of the `bankcard` package', () => {
    const table = readFileSync(
      new URL('../../lib/verification/bin-table.ts', import.meta.url),
      'utf8',
    )
    expect(table).toBe(binTableSource())
  })
})

describe('issuerOf', () => {
  it('finds what a naive search of the package finds, for every BIN at every length', () => {
    const bins = [...new Set(cards.map(({ cardBin }) => cardBin))]
    const numbers = bins.flatMap((bin) => LENGTHS.map((length) => bin.padEnd(length, '0')))
    expect(numbers.filter(differs)).toEqual([])
  })

  it('finds nothing else for the neighbours of a BIN', () => {
    const numbers = cards.flatMap(({ cardBin, len }) =>
      [-1, 1].map((step) => String(Number(cardBin) + step).padEnd(len, '9')),
    )
    expect(numbers.filter(differs)).toEqual([])
  })

  it.each([
    ['6228480000000000000', { bank: '中国农业银行', type: 'debit' }],
    ['4033610000000000', { bank: '中国农业银行', type: 'credit' }],
    ['5359100000000000', { bank: '中国农业银行', type: 'semi_credit' }],
    // Ten digits of this bank inside another bank's six.
    ['6229756115000000', naively('6229756115000000')],
    ['4033610000000000000', undefined],
  ] as const)('says of %s: %j', (card, issuer) => {
    expect(issuerOf(card as CardNumber)).toEqual(issuer)
  })

  it.each(['6299990000000017', '6299990000000000012', '629999000000'])(
    'does not know the unassigned prefix of %s',
    (card) => {
      expect(issuerOf(card as CardNumber)).toBeUndefined()
    },
  )
})

function differs(card: string) {
  const found = issuerOf(card as CardNumber)
  const expected = naively(card)
  return found?.bank !== expected?.bank || found?.type !== expected?.type
}

function naively(card: string): Issuer | undefined {
  const [longest] = cards
    .filter(({ cardBin, len }) => len === card.length && card.startsWith(cardBin))
    .sort((one, other) => other.cardBin.length - one.cardBin.length)
  if (!longest) return undefined
  return { bank: longest.bankName.trim(), type: types[longest.cardType]! }
}
