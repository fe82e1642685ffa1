import { describe, expect, it } from 'vitest'
import { readJsonObject } from '../../lib/providers/read-answer.ts'

const read = (body: Buffer) => readJsonObject({ status: 200, headers: {}, body })

describe('the bytes of an answer', () => {
  it('are UTF-8 or GBK', () => {
    expect(read(Buffer.from('{"message":"成功"}'))).toEqual({ message: '成功' })
    // 成功 in GBK.
    const gbk = [Buffer.from('{"message":"'), Buffer.from('b3c9b9a6', 'hex'), Buffer.from('"}')]
    expect(read(Buffer.concat(gbk))).toEqual({ message: '成功' })
  })

  it('are read once: as UTF-8 where they are that, even if they then are no JSON', () => {
    // As GBK the bytes of U+FFFD take the backslash with them, and this would be a match.
    const damaged = '{"code":"10000","da\uFFFD\\:a":{"state":"2"},"\\u0064ata":{"state":"1"}}'
    expect(read(Buffer.from(damaged))).toBeUndefined()
  })

  it('that are neither are not read', () => {
    expect(read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined()
  })
})
