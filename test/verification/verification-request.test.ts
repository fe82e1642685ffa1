import { describe, expect, it } from 'vitest'
import {
  type Fields,
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'

const two = { name: '张三', cardNumber: '6299990000000017' }
const three = { ...two, idNumber: '110101190001010014' }
const parsers = [
  { name: 'parseTwoElementRequest', parse: parseTwoElementRequest, valid: two as Fields },
  { name: 'parseThreeElementRequest', parse: parseThreeElementRequest, valid: three as Fields },
]
const binUnknown = { pointer: '/cardNumber', code: 'bin_unknown' }

describe.each(parsers)('$name', ({ parse, valid }) => {
  it('gives the person in the spelling that providers compare, and the reference', () => {
    const spelt = { ...valid, name: ' 古丽 • 阿依', cardNumber: '6299-9900 0000 0017' }
    expect(parse({ ...spelt, reference: 'payout-8841' })).toEqual({
      request: {
        person: { ...valid, name: '古丽·阿依' },
        reference: 'payout-8841',
        warnings: [binUnknown],
      },
    })
  })

  it('takes a request without a reference', () => {
    expect(parse(valid)).toEqual({
      request: { person: valid, reference: undefined, warnings: [binUnknown] },
    })
  })

  it('reports every missing field', () => {
    const required = Object.keys(valid).map((field) => ({ pointer: `/${field}`, code: 'required' }))
    expect(errorsOf(parse({}))).toEqual(expect.arrayContaining(required))
    expect(errorsOf(parse({}))).toHaveLength(required.length)
  })

  it.each([[6299990000000017], [0], [null], [true], [[]], [['张三']], [{}]])(
    'refuses %j in any field with `type`',
    (value) => {
      for (const field of [...Object.keys(valid), 'reference']) {
        expect(parse({ ...valid, [field]: value })).toEqual({
          errors: [{ pointer: `/${field}`, code: 'type' }],
        })
      }
    },
  )

  it.each([
    ['a field of its own invention', '{"phone":"1"}'],
    ['two of them', '{"phone":"1","Name":"张三"}'],
    ['a card number as the key', '{"6299990000000025":""}'],
    ['an empty key', '{"":"张三"}'],
    ['`__proto__`', '{"__proto__":{"phone":"1"}}'],
    ['`constructor`', '{"constructor":"1"}'],
    ['`toString`', '{"toString":"1"}'],
    ['`hasOwnProperty`', '{"hasOwnProperty":"1"}'],
  ])('refuses %s with one `unknown_field` that points nowhere', (_, json) => {
    const fields = JSON.parse(JSON.stringify(valid).replace(/\}$/, `,${json.slice(1)}`)) as Fields
    expect(parse(fields)).toEqual({ errors: [{ pointer: '', code: 'unknown_field' }] })
  })

  it('does not take fields out of a prototype', () => {
    const fields = JSON.parse(`{"__proto__":${JSON.stringify(valid)}}`) as Fields
    expect(errorsOf(parse(fields))).toContainEqual({ pointer: '/name', code: 'required' })
    expect(errorsOf(parse(Object.create(valid)))).toHaveLength(Object.keys(valid).length)
    const inheriting = Object.assign(Object.create({ reference: 'payout-8841' }), valid)
    expect(parse(inheriting)).toMatchObject({ request: { reference: undefined } })
  })

  it.each([
    ['6299990000000017'],
    ['payout-6299990000000017'],
    ['payout:6299-9900-0000-0017:a'],
    ['payout-a629999_0000000017'],
  ])('refuses the reference %s, which carries the card number, as personal data', (reference) => {
    expect(parse({ ...valid, reference })).toEqual({
      errors: [{ pointer: '/reference', code: 'personal_data' }],
    })
  })

  it('looks for numbers in a reference, not for the letters of a name', () => {
    expect(parse({ ...valid, name: 'LI', reference: 'CLIENT-7' })).toMatchObject({
      request: { reference: 'CLIENT-7' },
    })
  })

  it('collects the warnings of all fields', () => {
    const warned = { ...valid, name: '张\ue000', cardNumber: '6299990000000018' }
    expect(parse(warned)).toMatchObject({
      request: {
        warnings: [
          { pointer: '/name', code: 'private_use_character' },
          { pointer: '/cardNumber', code: 'luhn' },
          binUnknown,
        ],
      },
    })
  })

  it('does not warn of a BIN that the table knows', () => {
    expect(parse({ ...valid, cardNumber: '6228480000000000001' })).toMatchObject({
      request: { warnings: [{ code: 'luhn' }] },
    })
  })
})

describe('parseThreeElementRequest', () => {
  it('reports every failing field at once', () => {
    const fields = {
      name: '张',
      idNumber: '110101900101001',
      cardNumber: '0299990000000017',
      reference: 'a b',
      '6299990000000025': 'x',
    }
    expect(parseThreeElementRequest(fields)).toEqual({
      errors: [
        { pointer: '/name', code: 'length' },
        { pointer: '/idNumber', code: 'legacy_15_digit' },
        { pointer: '/cardNumber', code: 'format' },
        { pointer: '/reference', code: 'format' },
        { pointer: '', code: 'unknown_field' },
      ],
    })
  })

  it('warns of a document that the provider may not support', () => {
    expect(parseThreeElementRequest({ ...three, idNumber: '82000019900307451x' })).toMatchObject({
      request: {
        person: { idNumber: '82000019900307451X' },
        warnings: [{ pointer: '/idNumber', code: 'document_type' }, binUnknown],
      },
    })
  })

  it.each(['id-110101190001010014', 'a.11010119-00010100-14', 'p82000019900307451x'])(
    'refuses the reference %s, which carries the ID number, as personal data',
    (reference) => {
      const idNumber = reference.startsWith('p') ? '82000019900307451X' : three.idNumber
      expect(parseThreeElementRequest({ ...three, idNumber, reference })).toEqual({
        errors: [{ pointer: '/reference', code: 'personal_data' }],
      })
    },
  )
})

describe('parseTwoElementRequest', () => {
  it.each(['110101190001010014', null, ''])('refuses an ID number: %j', (idNumber) => {
    expect(parseTwoElementRequest({ ...two, idNumber })).toEqual({
      errors: [{ pointer: '', code: 'unknown_field' }],
    })
  })

  it('reports every failing field at once', () => {
    const fields = { name: '', cardNumber: '1', reference: '', idNumber: '' }
    expect(parseTwoElementRequest(fields)).toEqual({
      errors: [
        { pointer: '/name', code: 'length' },
        { pointer: '/cardNumber', code: 'length' },
        { pointer: '/reference', code: 'length' },
        { pointer: '', code: 'unknown_field' },
      ],
    })
  })
})

function errorsOf(parsed: ReturnType<typeof parseTwoElementRequest>) {
  return 'errors' in parsed ? parsed.errors : []
}
