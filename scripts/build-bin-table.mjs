/** Writes lib/verification/bin-table.ts from the `bankcard` package: `npm run bin-table`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cards } from 'bankcard'

const TARGET = fileURLToPath(new URL('../lib/verification/bin-table.ts', import.meta.url))

/** One line an issuer: its name, then per card type and length `|D19` and the BINs. */
export function binTableSource() {
  const issuers = new Map()
  for (const { bankName, cardType, len, cardBin } of cards) {
    if (/[\n| ]|^$/u.test(bankName.trim())) throw new Error(`unusable issuer name: ${bankName}`)
    const groups = issuers.get(bankName.trim()) ?? new Map()
    issuers.set(bankName.trim(), groups)
    const group = `${cardType[0]}${len}`
    groups.set(group, [...(groups.get(group) ?? []), cardBin])
  }
  const lines = [...issuers].map(([issuer, groups]) => {
    const parts = [...groups].map(([group, bins]) => `|${group} ${bins.toSorted().join(' ')} `)
    return `${issuer}${parts.join('')}`
  })
  return [
    '// Made by `npm run bin-table` from the `bankcard` package (MIT); do not edit.',
    '// A line an issuer; after each `|` a card type (D, C, S, P), the card length and the BINs.',
    'export const binTable = `',
    ...lines,
    '`',
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, binTableSource())
