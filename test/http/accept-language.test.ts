import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preferredLanguage } from '../../lib/http/accept-language.ts'

describe('preferredLanguage', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['*', 'en'],
    ['fr, de;q=0.9', 'en'],
    ['zh', 'zh'],
    ['ZH-cn', 'zh'],
    ['zh-Hans-CN', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['en;q=0.5, zh;q=0.6', 'zh'],
    ['zh;q=0.5 , en ; q=0.6', 'en'],
    ['zh, en', 'zh'],
    ['en, zh', 'en'],
    ['fr, zh;q=0.1', 'zh'],
    ['zh;q=0', 'en'],
    ['zh;q=0.000', 'en'],
    ['zh;q=abc', 'en'],
    ['zh;q=-1', 'en'],
    ['zh;level=1;q=0.4, en;q=0.3', 'zh'],
    ['en;q=0.1, zh;q=0.2, en-GB;q=0.3', 'en'],
    ['zha, zho', 'en'],
    [';;,,;q=1,zh', 'zh'],
  ] as const)('is for %j: %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language)
  })

  it('reads any header without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        expect(['en', 'zh']).toContain(preferredLanguage(header))
      }),
    )
  })
})
