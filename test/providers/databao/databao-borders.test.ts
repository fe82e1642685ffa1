import { describe, expect, it } from 'vitest'
import { recogniseDatabao } from '../../../lib/providers/databao/databao-wire.ts'
import { unreadable } from '../../../lib/providers/provider-client.ts'

type Headers = Parameters<typeof recogniseDatabao>[0]['headers']

const noRecord = { verdict: 'unverifiable', reason: 'no_record', billable: 'unknown' }
const recognise = (body: object, status = 200, headers: Headers = {}) =>
  recogniseDatabao({ status, headers, body: Buffer.from(JSON.stringify(body)) })

describe('a status at the border of the redirects', () => {
  it.each([300, 399])('%i is one, whatever its body says', (status) => {
    expect(recognise({ code: '10016' }, status)).toStrictEqual({ ...unreadable })
  })

  it.each([299, 400])('%i is none', (status) => {
    expect(recognise({ code: '10016' }, status)).toStrictEqual(noRecord)
  })
})

describe('an answer of Databao without a reference', () => {
  it('has no member for it', () => {
    expect(recognise({ code: '10016' })).not.toHaveProperty('providerReference')
  })

  it('is one without a code too, though it has a seqNo', () => {
    expect(recognise({ seqNo: '4X1' })).toStrictEqual({ ...unreadable })
  })
})

describe('a header that came twice', () => {
  it('is read as one with both values', () => {
    const headers = { 'x-ca-request-id': ['A', 'B'] } as unknown as Headers
    expect(recognise({}, 200, headers)).toMatchObject({ providerReference: 'A, B' })
  })
})

describe('the bytes of an answer', () => {
  it('is none in an encoding that was not asked for', () => {
    const headers = { 'content-encoding': 'gzip' }
    expect(recognise({ code: '10016' }, 200, headers)).toStrictEqual({ ...unreadable })
    expect(recognise({ code: '10016' }, 200, { 'content-encoding': 'identity' })).toEqual(noRecord)
  })

  it('is one in GBK', () => {
    // 成 is B3 C9 there, which is no UTF-8.
    const body = Buffer.from('{"code":"10016","message":"\u00b3\u00c9"}', 'latin1')
    expect(recogniseDatabao({ status: 200, headers: {}, body })).toStrictEqual(noRecord)
  })

  it('is none with a byte that neither UTF-8 nor GBK has', () => {
    const [before, after] = ['{"code":"10016","message":"', '"}'].map((text) => Buffer.from(text))
    const body = Buffer.concat([before ?? '', Buffer.of(0xff), after ?? ''] as Buffer[])
    expect(recogniseDatabao({ status: 200, headers: {}, body })).toStrictEqual({ ...unreadable })
  })
})
