/** Writes lib/verification/bin-table.ts from the `bankcard` package: `npm run bin-table`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cards } from 'bankcard'

const TARGET = fileURLToPath(new URL('../lib/verification/bin-table.ts', import.meta.url))
const CARD_TYPES = ['DC', 'CC', 'SCC', 'PC']

/** A string of entries for each length of card and BIN, and a line for each bank. */
export function binTableSource() {
  const names = [...new Set(cards.map(({ bankName }) => lineOf(bankName)))].join('')
  const tables = groupedInOrder(cards, ({ len }) => len).map(([cardLength, ofLength]) => {
    const strings = groupedInOrder(ofLength, ({ cardBin }) => cardBin.length).map(
      ([binLength, ofBoth]) => {
        const entries = ofBoth.map((card) => entryOf(card, names)).toSorted()
        return `    ${binLength}: '${entries.join('')}',\n`
      },
    )
    return `  ${cardLength}: {\n${strings.join('')}  },\n`
  })
  return [
    '// Made by `npm run bin-table` from the `bankcard` package (MIT); do not edit.',
    '',
    '/** Lines: the names of the banks. */',
    `export const bankNames = \`${names}\``,
    '',
    '/**',
    " * By the card's length and the BIN's: sorted entries, each the BIN and, in three digits, four times",
    ' * the place in `bankNames` plus the card type; all in base 36.',
    ' */',
    'export const binTables: Readonly<Record<number, Readonly<Record<number, string>>>> = {',
    `${tables.join('')}}`,
    '',
  ].join('\n')
}

/** @param {string} bankName */
function lineOf(bankName) {
  const name = bankName.trim()
  if (name === '' || /[\n`\\$]/.test(name)) throw new Error(`unusable name of a bank: ${bankName}`)
  return `${name}\n`
}

/**
 * @param {(typeof cards)[number]} card
 * @param {string} names
 */
function entryOf({ cardBin, cardType, bankName }, names) {
  const place = `\n${names}`.indexOf(`\n${lineOf(bankName)}`)
  const issuer = place * CARD_TYPES.length + CARD_TYPES.indexOf(cardType)
  const width = (10 ** cardBin.length - 1).toString(36).length
  const bin = Number(cardBin).toString(36).padStart(width, '0')
  return bin + issuer.toString(36).padStart(3, '0')
}

/**
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => number} keyOf
 */
function groupedInOrder(items, keyOf) {
  return [...Map.groupBy(items, keyOf)].toSorted(([one], [other]) => one - other)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, binTableSource())
