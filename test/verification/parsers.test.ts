import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCardNumber } from '../../lib/verification/card-number.ts'
import type { Parsed } from '../../lib/verification/field.ts'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { parsePersonName } from '../../lib/verification/person-name.ts'
import { parseReference } from '../../lib/verification/reference.ts'

type Parser = { parse: (text: string) => Parsed<string>; shape: RegExp; near: string }

const parsers: Record<string, Parser> = {
  parseCardNumber: {
    parse: parseCardNumber,
    shape: /^[1-9]\d{11,18}$/,
    near: '0123456789０１９①²〇- －—−\u00a0\u3000٣',
  },
  parseIdNumber: {
    parse: parseIdNumber,
    shape: /^\d{17}[\dX]$/,
    near: '0123456789xXıſ１',
  },
  parsePersonName: {
    parse: parsePersonName,
    shape:
      /^(?=.{2,25}$)[\p{sc=Han}\p{Co}]+(·[\p{sc=Han}\p{Co}]+)*$|^(?=.{1,50}$)[\p{sc=Latin} ,.'-]+$/u,
    near: "张三𠮷〇\uf9f4\u{2f800}々 \u3000·•・･‧∙⋅.．,'-aÉe\u0301\u0327\u030a\u212b\ue000",
  },
  parseReference: {
    parse: parseReference,
    shape: /^[A-Za-z0-9._:-]{1,64}$/,
    near: 'aZ09._:-/',
  },
}

describe.each(Object.entries(parsers))('%s', (_, { parse, shape, near }) => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
    fc.string({ unit: fc.constantFrom(...Array.from(near)), maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...Array.from(near)), minLength: 15, maxLength: 19 }),
    fc.constantFrom('__proto__', 'toString', '9'.repeat(9000), '张'.repeat(3000), ' '.repeat(9000)),
  )

  it('never throws; what it accepts has the promised shape and is accepted again unchanged', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parse(text)
        if ('failure' in parsed) return
        expect(parsed.value).toMatch(shape)
        expect(parse(parsed.value)).toEqual(parsed)
      }),
      { numRuns: 2000 },
    )
  })
})
