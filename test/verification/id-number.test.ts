import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { idNumberBorn, withCheckCharacter } from './sample-id-number.ts'

// GB/T 2260; providers.md §4.
const PROVINCES = (
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 ' +
  '50 51 52 53 54 61 62 63 64 65 71'
).split(' ')
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))

const validIdNumber = fc
  .record({
    address: fc.constantFrom(
      ...PROVINCES.map((province) => `${province}0101`),
      '810000',
      '820000',
      '830000',
      '931156',
      '965826',
    ),
    born: fc.date({
      min: new Date('1900-01-01'),
      max: new Date('2026-01-01'),
      noInvalidDate: true,
    }),
    sequence: fc.stringMatching(/^[0-9]{3}$/),
  })
  .map(({ address, born, sequence }) => {
    const birthDate = born.toISOString().slice(0, 10).replaceAll('-', '')
    return withCheckCharacter(address + birthDate + sequence)
  })

describe('parseIdNumber', () => {
  it.each([
    ['110101190001010014', []],
    ['110101190001010022', []],
    ['810000199003074518', ['document_type']],
    ['82000019900307451X', ['document_type']],
    ['82000019900307451x', ['document_type']],
    ['830000199003074511', ['document_type']],
    ['932682198501010017', ['document_type']],
  ])('accepts %s with warnings %j', (text, warnings) => {
    expect(parseIdNumber(text)).toEqual({ value: text.toUpperCase(), warnings })
  })

  it.each([
    ['', 'length'],
    ['1', 'length'],
    ['11010119000101001', 'length'],
    ['1101011900010100144', 'length'],
    [' 110101190001010014', 'length'],
    ['11010119000101', 'length'],
    ['1101011900010X', 'length'],
    ['11010190010100X', 'length'],
    ['110101900101001', 'legacy_15_digit'],
    ['000000000000000', 'legacy_15_digit'],
    ['11010119000101001 ', 'format'],
    ['1101011900010100X4', 'format'],
    ['11010119000101001Y', 'format'],
    ['１１０１０１１９０００１０１００１４', 'format'],
    ['-10101190001010014', 'format'],
    ['ﬀ0101190001010014X', 'format'],
    ['𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷', 'format'],
    ['110101190001010015', 'checksum'],
    ['11010119000101001X', 'checksum'],
    ['000000000000000000', 'checksum'],
  ])('refuses %j with `%s`', (text, failure) => {
    expect(parseIdNumber(text)).toEqual({ failure })
  })

  it('knows the provinces and no others', () => {
    const accepted = TWO_DIGITS.filter((code) => {
      const parsed = parseIdNumber(withCheckCharacter(`${code}010119900307001`))
      return 'value' in parsed && parsed.warnings.length === 0
    })
    expect(accepted).toEqual(PROVINCES)
    expect(parseIdNumber(withCheckCharacter('16010119900307001'))).toEqual({ failure: 'region' })
  })

  it.each(['110000', '119999', '330283', '659001'])(
    'has no list of counties: %s is accepted',
    (address) => {
      expect(parseIdNumber(withCheckCharacter(`${address}19900307001`))).toMatchObject({
        warnings: [],
      })
    },
  )

  it('knows the three residence permits by their whole address code', () => {
    const known = TWO_DIGITS.map((code) => `${code}0000`)
      .filter((address) => address > '72' && address < '9')
      .filter((address) => 'value' in parseIdNumber(withCheckCharacter(`${address}19900307451`)))
    expect(known).toEqual(['810000', '820000', '830000'])
    const region = { failure: 'region' }
    const outcomes = ['810001', '820100', '831000'].map((address) =>
      parseIdNumber(withCheckCharacter(`${address}19900307451`)),
    )
    expect(outcomes).toEqual([region, region, region])
  })

  it('takes a foreign resident card of every province, and of no others', () => {
    const accepted = TWO_DIGITS.filter((code) => {
      const parsed = parseIdNumber(withCheckCharacter(`9${code}82619850101001`))
      return 'value' in parsed && parsed.warnings.includes('document_type')
    })
    expect(accepted).toEqual(PROVINCES)
  })

  it.each(['19000101', '20000229', '19960229', '20240229', '19991231', '20250430'])(
    'accepts the birth date %s',
    (birthDate) => {
      expect(parseIdNumber(idNumberBorn(birthDate))).toHaveProperty('value')
    },
  )

  it.each([
    '18991231',
    '00010101',
    '19000229',
    '20010229',
    '20230229',
    '20230230',
    '20230431',
    '20230631',
    '20231301',
    '20230001',
    '20230100',
    '20230132',
    '20239999',
    '99991231',
  ])('refuses the birth date %s', (birthDate) => {
    expect(parseIdNumber(idNumberBorn(birthDate))).toEqual({ failure: 'birth_date' })
  })

  it.each(['810000', '932682'])('looks at the birth date behind %s too', (address) => {
    const text = withCheckCharacter(`${address}20230230001`)
    expect(parseIdNumber(text)).toEqual({ failure: 'birth_date' })
  })

  it.each([
    ['2026-11-22T15:59:59.999Z', '20261122', true],
    ['2026-11-22T15:59:59.999Z', '20261123', false],
    ['2026-11-22T16:00:00.000Z', '20261123', true],
    ['2026-11-22T16:00:00.000Z', '20261124', false],
    ['2023-12-31T16:00:00.000Z', '20240101', true],
  ])('counts days as Shanghai does: at %s one born on %s is born: %s', (now, birthDate, born) => {
    const parsed = parseIdNumber(idNumberBorn(birthDate), new Date(now))
    expect(parsed).toEqual(
      born ? { value: idNumberBorn(birthDate), warnings: [] } : { failure: 'birth_date' },
    )
  })

  it('accepts every valid number, in lower case too, and its own value again', () => {
    fc.assert(
      fc.property(validIdNumber, (id) => {
        const parsed = parseIdNumber(id.toLowerCase())
        expect(parsed).toMatchObject({ value: id })
        expect(parseIdNumber(id)).toEqual(parsed)
      }),
    )
  })

  it('rejects every change of one digit, and every other check character', () => {
    fc.assert(
      fc.property(validIdNumber, (id) => {
        for (let place = 0; place < 18; place++) {
          for (const other of place < 17 ? '0123456789' : '0123456789X') {
            if (other === id[place]) continue
            const changed = id.slice(0, place) + other + id.slice(place + 1)
            expect([changed, parseIdNumber(changed)]).toEqual([changed, { failure: 'checksum' }])
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('rejects every swap of two neighbours that differ', () => {
    fc.assert(
      fc.property(validIdNumber, fc.nat(15), (id, place) => {
        fc.pre(id[place] !== id[place + 1])
        const swapped = `${id.slice(0, place)}${id[place + 1]}${id[place]}${id.slice(place + 2)}`
        expect(parseIdNumber(swapped)).toEqual({ failure: 'checksum' })
      }),
    )
  })
})
