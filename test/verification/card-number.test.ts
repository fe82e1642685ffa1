import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCardNumber } from '../../lib/verification/card-number.ts'

const digits = fc.stringMatching(/^[1-9][0-9]{11,18}$/)
const separators = fc.string({
  unit: fc.constantFrom(' ', '-', '\u3000', '－', '\t'),
  maxLength: 3,
})

describe('parseCardNumber', () => {
  it.each([
    ['as it is', '6299990000000017'],
    ['with spaces', '6299 9900 0000 0017'],
    ['with hyphens', '6299-9900-0000-0017'],
    ['with both, and around it', ' - 6299 - 9900\t0000\n0017 - '],
    ['in full-width digits', '６２９９９９００００００００１７'],
    ['with full-width spaces and hyphens', '６２９９　９９００－００００－００１７'],
    ['with no-break and thin spaces', '6299\u00a09900\u20090000\u202f0017'],
    ['with other dashes', '6299‐9900‑0000–0017—'],
  ])('reads a number %s', (_, text) => {
    expect(parseCardNumber(text)).toEqual({ value: '6299990000000017', warnings: [] })
  })

  it.each([
    ['', 'length'],
    [' - ', 'length'],
    ['6', 'length'],
    ['62999900017', 'length'],
    ['62999900000000000017', 'length'],
    ['0299990000000017', 'format'],
    ['０299990000000017', 'format'],
    ['000000000000', 'format'],
    ['629999000000001X', 'format'],
    ['6299.9900.0000.0017', 'format'],
    ['+6299990000000017', 'format'],
    ['6299990000000017e0', 'format'],
    ['六二九九九九〇〇〇〇〇〇〇〇一七', 'format'],
    ['٦٢٩٩٩٩٠٠٠٠٠٠٠٠١٧', 'format'],
    ['6299990000\u200b000017', 'format'],
    ['62999900000000\ud8351', 'format'],
  ])('refuses %j with `%s`', (text, failure) => {
    expect(parseCardNumber(text)).toEqual({ failure })
  })

  it.each([12, 13, 14, 15, 16, 17, 18, 19])('accepts %i digits', (length) => {
    expect(parseCardNumber('629999'.padEnd(length, '0'))).toHaveProperty('value')
  })

  it.each(['1', '2', '3', '4', '5', '6', '7', '8', '9'])('has no prefix rule: %s', (first) => {
    expect(parseCardNumber(first.padEnd(16, '0'))).toHaveProperty('value')
  })

  it.each([
    '6299990000000017',
    '6299990000000025',
    '6299990000000033',
    '6299990000000041',
    '6299990000000000012',
  ])('has no warning for %s, which passes Luhn', (text) => {
    expect(parseCardNumber(text)).toEqual({ value: text, warnings: [] })
  })

  it('warns of every change of one digit, as Luhn finds them all', () => {
    fc.assert(
      fc.property(digits, fc.nat(18), fc.integer({ min: 1, max: 9 }), (start, at, step) => {
        const card = Array.from('0123456789', (last) => start.slice(0, -1) + last).find(
          (text) => warningsOf(text).length === 0,
        )!
        const place = 1 + (at % (card.length - 1))
        const other = (Number(card[place]) + step) % 10
        expect(warningsOf(card.slice(0, place) + other + card.slice(place + 1))).toEqual(['luhn'])
      }),
    )
  })

  it('finds the same digits under any spelling, and again in its own value', () => {
    fc.assert(
      fc.property(digits, fc.infiniteStream(separators), fc.boolean(), (bare, gaps, wide) => {
        const text = Array.from(bare, (digit) => {
          const spelt = wide ? String.fromCodePoint(digit.charCodeAt(0) + 0xfee0) : digit
          return gaps.next().value + spelt
        }).join('')
        const parsed = parseCardNumber(text)
        expect(parsed).toMatchObject({ value: bare })
        expect(parseCardNumber(bare)).toEqual(parsed)
      }),
    )
  })
})

function warningsOf(text: string) {
  const parsed = parseCardNumber(text)
  return 'value' in parsed ? parsed.warnings : [parsed.failure]
}
