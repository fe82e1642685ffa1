import { describe, expect, it } from 'vitest'
import { parseReference } from '../../lib/verification/reference.ts'

describe('parseReference', () => {
  it.each([
    'payout-8841',
    'a',
    'A.b_c:d-9',
    'x'.repeat(64),
    '019ab3c4-7d00-7000-8000-00000000000a',
    '12345678901',
    '02611220000017',
    '12345678901234567890',
    '110101190001010015X',
    // A time and a count, which pass Luhn under no issuer's BIN.
    'order-202611220335000014',
    'u6299990000000017',
  ])('accepts %s', (text) => {
    expect(parseReference(text)).toEqual({ value: text, warnings: [] })
  })

  it.each([
    ['', 'length'],
    ['x'.repeat(65), 'length'],
    ['a b', 'format'],
    ['a\n', 'format'],
    ['a/b', 'format'],
    ['付款', 'format'],
    ['６299990000000017', 'format'],
    ['6299990000000017', 'personal_data'],
    ['6299990000000018', 'personal_data'],
    ['6299-9900.0000_00:17', 'personal_data'],
    ['629999000000', 'personal_data'],
    ['6299990000000000012', 'personal_data'],
    ['11010119000101001-4', 'personal_data'],
    ['82000019900307451x', 'personal_data'],
    ['82000019900307451X', 'personal_data'],
    ['110101900101001', 'personal_data'],
    ['010101900101001', 'personal_data'],
    ['u110101190001010014', 'personal_data'],
    ['110101190001010022.a', 'personal_data'],
    ['payout:8200001990.0307451x:2', 'personal_data'],
    // An issuer's BIN with nothing but noughts behind it.
    ['card.6222020000000000000', 'personal_data'],
  ])('refuses %j with `%s`', (text, failure) => {
    expect(parseReference(text)).toEqual({ failure })
  })
})
