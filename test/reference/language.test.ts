import { describe, expect, it } from 'vitest'
import { addressIn, chosenLanguage } from '../../scripts/reference/page/language.ts'

describe('the language of the page', () => {
  it.each([
    ['', ['en-US'], 'en'],
    ['', ['zh-CN', 'en'], 'zh'],
    ['', ['ZH-Hant-TW'], 'zh'],
    ['', ['fr', 'zh', 'en'], 'zh'],
    ['', ['de-DE', 'fr'], 'en'],
    ['', ['zhx'], 'en'],
    ['', [], 'en'],
    ['?lang=zh', ['en'], 'zh'],
    ['?lang=en', ['zh-CN'], 'en'],
    ['?lang=xx', ['zh-CN'], 'zh'],
  ])('for %j and a browser that prefers %j is %s', (search, preferred, language) => {
    expect(chosenLanguage(search, preferred)).toBe(language)
  })

  it('changes at the place that is open', () => {
    const open = 'http://localhost:3000/docs/?lang=en&x=1#tag/verifications/verifyTwoElement'
    expect(addressIn('zh', open)).toBe(open.replace('lang=en', 'lang=zh'))
    expect(addressIn('zh', 'file:///a/index.html')).toBe('file:///a/index.html?lang=zh')
  })
})
