import { type OptionValues, textOption, wrongUse } from './command-line.ts'

/** Whole parts of a yuan, so that sums are exact. */
export type Parts = number
const PARTS_OF_A_YUAN = 10_000

/** Databao's smallest package, and so the most that its list asks for a call. */
const LIST_PRICE = '0.42'

/** What one charged call costs. */
export function priceOption(values: OptionValues): Parts {
  const text = textOption(values, 'price') ?? LIST_PRICE
  if (!/^\d{1,4}(?:\.\d{1,4})?$/.test(text)) {
    throw wrongUse('--price is what one call costs in yuan, as in --price 0.28.')
  }
  return Math.round(Number(text) * PARTS_OF_A_YUAN)
}

/** `¥1,234.50`, with as many decimals as it takes, but at least two. */
export function yuan(parts: Parts): string {
  const [whole = '0', decimals = ''] = (parts / PARTS_OF_A_YUAN).toFixed(4).split('.')
  const shown = decimals.replace(/0{1,2}$/, '')
  return `¥${Number(whole).toLocaleString('en-US')}.${shown}`
}

export function yuanNumber(parts: Parts): number {
  return parts / PARTS_OF_A_YUAN
}
