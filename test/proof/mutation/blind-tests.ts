import { expect, it } from 'vitest'
import { juheCipher } from '../../../lib/providers/juhe/juhe-cipher.ts'

// What a control runs in place of the cipher's tests: it sees that a text comes out, and no more.
it('gives a text', () => {
  expect(typeof juheCipher('JH00000000000000000000000000000000')('张三')).toBe('string')
})
