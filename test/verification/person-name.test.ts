import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePersonName } from '../../lib/verification/person-name.ts'

const INTERPUNCTS = Array.from('·•・･‧∙⋅.．')

const han = fc.constantFrom(...Array.from('张三李雷欧阳古丽〇𠮷䶮䴖\u{2ebf0}'))
const gap = fc.constantFrom('', ' ', '\u3000', '  ')

describe('parsePersonName', () => {
  it.each([
    ['张三', '张三'],
    ['  张三\n', '张三'],
    ['张 三', '张三'],
    ['欧\u3000阳 \t 雷', '欧阳雷'],
    ['𠮷田', '𠮷田'],
    ['李䶮', '李䶮'],
    ['王䴖', '王䴖'],
    ['刘〇', '刘〇'],
    // Compatibility ideographs, which NFC unifies with the usual ones.
    ['\uf9f4\u{2f800}', '林丽'],
    ['古丽 · 阿 依', '古丽·阿依'],
    ['阿·卜·都', '阿·卜·都'],
    ["Mary-Jane O'Neil, Jr.", "Mary-Jane O'Neil, Jr."],
    [' José  Müller ', 'José  Müller'],
    ['Jose\u0301', 'José'],
    ['Nguyễn Văn', 'Nguyễn Văn'],
    ['X', 'X'],
    ['J. R. Doe', 'J. R. Doe'],
  ])('reads %j as %j', (text, value) => {
    expect(parsePersonName(text)).toEqual({ value, warnings: [] })
  })

  it.each(INTERPUNCTS)('writes the interpunct %s between Han as U+00B7', (interpunct) => {
    const expected = { value: '古丽\u00b7阿依\u00b7江', warnings: [] }
    expect(parsePersonName(`古丽${interpunct}阿依${interpunct}江`)).toEqual(expected)
    expect(parsePersonName(`古丽 ${interpunct} 阿依${interpunct} 江`)).toEqual(expected)
  })

  it.each(['\ue000', '\uf8ff', '\u{f0000}', '\u{10fffd}'])(
    'lets the private-use character %j pass with a warning',
    (character) => {
      expect(parsePersonName(`张${character}`)).toEqual({
        value: `张${character}`,
        warnings: ['private_use_character'],
      })
    },
  )

  it.each([
    ['', 'length'],
    [' \u3000\t', 'length'],
    ['张', 'length'],
    ['𠮷', 'length'],
    ['·', 'format'],
    ['·张三', 'format'],
    ['张三·', 'format'],
    ['张··三', 'format'],
    ['张•·三', 'format'],
    ['张.。三', 'format'],
    ['张三1', 'format'],
    ['张三A', 'format'],
    ['张 San', 'format'],
    ['张-三', 'format'],
    ['张三😀', 'format'],
    ['张\u200b三', 'format'],
    ['张\0三', 'format'],
    ['张\ud842', 'format'],
    ['\udfb7张', 'format'],
    ['Li·Lei', 'format'],
    ['Li_Lei', 'format'],
    ['Li\nLei', 'format'],
    ['Ｌｉ', 'format'],
    ['Иван', 'format'],
    ['ひらがな', 'format'],
    ['Doe × Roe', 'format'],
    ['6299990000000017', 'format'],
    [".,'-", 'format'],
  ])('refuses %j with `%s`', (text, failure) => {
    expect(parsePersonName(text)).toEqual({ failure })
  })

  it.each([
    ['张', 2, 25],
    ['𠮷', 2, 25],
    ['\ue000', 2, 25],
    ['a', 1, 50],
    ['é', 1, 50],
    ['e\u0301', 1, 50],
  ])('counts code points of NFC: %j from %i to %i', (character, shortest, longest) => {
    const outcomeOf = (length: number) => {
      const parsed = parsePersonName(character.repeat(length))
      return 'failure' in parsed ? parsed.failure : 'accepted'
    }
    expect([shortest - 1, shortest, longest, longest + 1].map(outcomeOf)).toEqual([
      'length',
      'accepted',
      'accepted',
      'length',
    ])
  })

  it('counts the interpunct, and the spaces that it removes not', () => {
    expect(parsePersonName(`${'张'.repeat(12)}·${'三'.repeat(12)}`)).toHaveProperty('value')
    expect(parsePersonName(`${'张'.repeat(13)}·${'三'.repeat(12)}`)).toEqual({ failure: 'length' })
    expect(parsePersonName(`${'张 '.repeat(24)}三`)).toHaveProperty('value')
  })

  it('finds the same name under any spelling', () => {
    const part = fc.array(han, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(gap),
        fc.infiniteStream(fc.constantFrom(...INTERPUNCTS)),
        (parts, gaps, interpuncts) => {
          const space = () => gaps.next().value
          const spelt = parts
            .map((characters) => characters.map((character) => character + space()).join(''))
            .reduce((left, right) => left + interpuncts.next().value + space() + right)
          expect(parsePersonName(space() + spelt)).toEqual({
            value: parts.map((characters) => characters.join('')).join('·'),
            warnings: [],
          })
        },
      ),
    )
  })
})
