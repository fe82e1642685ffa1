import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCardNumber } from '../../lib/verification/card-number.ts'
import type { Parsed } from '../../lib/verification/field.ts'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { parsePersonName } from '../../lib/verification/person-name.ts'
import { parseReference } from '../../lib/verification/reference.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'
import { idNumberBorn, withCheckCharacter } from '../verification/sample-id-number.ts'
import { publishedDocument, validatorsOf } from './validators.ts'

const document = publishedDocument()
const validator = validatorsOf(document)
const allows = (schema: string) => validator('components', 'schemas', schema)
const patternOf = (schema: string) => {
  const { pattern = '' } = document.components.schemas[schema] as { pattern?: string }
  return new RegExp(pattern, 'u')
}

const oneOf = (characters: string) => fc.constantFrom(...Array.from(characters))
const spaces = fc.stringMatching(/^[ \t\u00a0\u3000\ufeff]{0,2}$/u)
const dots = oneOf('·•・･‧∙⋅.．\u0387')
const han = oneOf('张王欧阳明㐀䶿䴖𠮷𫠝豈〇々\ue000\u{f0000}')
const latin = oneOf("AzÀÿĀɏḀỿ'-., é\u212a\u212b")

const chineseName = fc
  .tuple(spaces, fc.array(fc.tuple(han, spaces, fc.option(dots, { nil: '' }), spaces)), spaces)
  .map(([before, characters, after]) => {
    const last = characters.length - 1
    const written = characters.map(([character, left, dot, right], place) =>
      place === last ? character : character + left + dot + right,
    )
    return before + written.join('') + after
  })
const latinName = fc
  .tuple(spaces, fc.array(latin, { maxLength: 55 }), spaces)
  .map(([before, letters, after]) => (before + letters.join('') + after).normalize('NFD'))

const written = (digit: string) =>
  fc.constantFrom(
    digit,
    digit,
    String.fromCodePoint(0xff10 + Number(digit)),
    String.fromCodePoint(0x1d7ce + Number(digit)),
  )
const separator = fc.constantFrom(
  '',
  '',
  '',
  ' ',
  '-',
  '\u2010',
  '\u2212',
  '－',
  '\u3000',
  '\ufeff',
)
const cardNumber = fc
  .array(oneOf('0123456789'), { minLength: 10, maxLength: 21 })
  .chain((digits) => fc.tuple(...digits.flatMap((digit) => [separator, written(digit)]), separator))
  .map((parts) => parts.join(''))

const idNumber = fc
  .tuple(
    fc.constantFrom('110101', '820000', '830000', '932682', '999999', '000000', '710000'),
    fc.constantFrom('19000101', '18991231', '20000229', '19990229', '19901301', '20990101'),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([region, day, number]) =>
    withCheckCharacter(region + day + String(number).padStart(3, '0')),
  )
  .chain((id) => fc.constantFrom(id, id.toLowerCase(), id.slice(0, 17), ` ${id}`))

const noise = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))

type Field = {
  schema: string
  parse: (text: string) => Parsed<string>
  texts: fc.Arbitrary<string>
  /** What the pattern lets through and the parser does not, because no pattern can say it. */
  beyond: string[]
}
const fields: Field[] = [
  {
    schema: 'PersonName',
    parse: parsePersonName,
    texts: fc.oneof(chineseName, latinName),
    beyond: ['length'],
  },
  {
    schema: 'IdNumber',
    parse: parseIdNumber,
    texts: idNumber,
    beyond: ['birth_date', 'checksum'],
  },
  { schema: 'CardNumber', parse: parseCardNumber, texts: cardNumber, beyond: [] },
  {
    schema: 'Reference',
    parse: parseReference,
    texts: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
    beyond: ['personal_data'],
  },
]

describe.each(fields)('the schema of $schema', ({ schema, parse, texts, beyond }) => {
  it('allows whatever the code accepts', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: texts }, noise), (text) => {
        if (!('value' in parse(text))) return
        accepted += 1
        expect({ text, allowed: allows(schema)(text) }).toEqual({ text, allowed: true })
      }),
      { numRuns: 1000 },
    )
    expect(accepted).toBeGreaterThan(50)
  })

  it('allows nothing else but what its description says', () => {
    const failures = new Set<string>()
    fc.assert(
      fc.property(fc.stringMatching(patternOf(schema)), (text) => {
        // A mark that NFC leaves apart: no pattern can tell which ones it joins to a letter.
        if (/\p{M}/u.test(text.normalize('NFC'))) return
        const parsed = parse(text)
        if ('failure' in parsed) failures.add(parsed.failure)
      }),
      { numRuns: 1000 },
    )
    expect([...failures].filter((failure) => !beyond.includes(failure))).toEqual([])
  })
})

describe('the body', () => {
  const person = {
    name: '张三',
    idNumber: idNumberBorn('19000101'),
    cardNumber: '6299990000000017',
  }
  const { idNumber: _, ...pair } = person

  it.each([
    ['ThreeElementRequest', parseThreeElementRequest, person],
    ['TwoElementRequest', parseTwoElementRequest, pair],
  ] as const)('%s is refused by the code where its schema refuses it', (schema, parse, valid) => {
    const member = (value: unknown) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, fc.jsonValue(), fc.constant(undefined))
    const body = fc
      .record({
        ...Object.fromEntries(Object.entries(person).map(([name, value]) => [name, member(value)])),
        reference: member('payout-8841'),
        [person.cardNumber]: fc.option(fc.string(), { nil: undefined }),
      })
      .map((members): Record<string, unknown> => JSON.parse(JSON.stringify(members)))
    const told = { allowed: 0, refused: 0 }
    fc.assert(
      fc.property(body, (members) => {
        const isAllowed = allows(schema)(members)
        told[isAllowed ? 'allowed' : 'refused'] += 1
        expect(isAllowed || 'errors' in parse(members)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expect(told.refused).toBeGreaterThan(50)
    expect(allows(schema)(valid)).toBe(true)
    expect(parse(valid)).toHaveProperty('request')
  })
})
