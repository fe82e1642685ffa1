import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvent } from '../../lib/http/api-gateway-event.ts'

describe('readEvent', () => {
  it('finds headers in any case', () => {
    const { headers } = readEvent({ headers: { 'Content-TYPE': 'a', 'X-Y': 'b' } }, 'aws-1')
    expect(Object.fromEntries(headers)).toEqual({ 'content-type': 'a', 'x-y': 'b' })
  })

  it('takes the single values of payload 1.0, where the gateway has put the last duplicate', () => {
    const event = {
      version: '1.0',
      headers: { 'Content-Type': 'application/json' },
      multiValueHeaders: { 'Content-Type': ['text/plain', 'application/json'] },
    }
    expect(readEvent(event, 'aws-1').headers.get('content-type')).toBe('application/json')
  })

  it('takes the last of each where payload 1.0 has its headers in `multiValueHeaders` alone', () => {
    const multiValueHeaders = { 'X-Y': ['1', '2', '3'], 'X-Z': 'x', 'X-W': [], 'X-V': [7] }
    for (const headers of [undefined, null, {}]) {
      const found = readEvent({ headers, multiValueHeaders }, 'aws-1').headers
      expect(Object.fromEntries(found)).toEqual({ 'x-y': '3' })
    }
  })

  it('finds no members in a text', () => {
    const event = { headers: 'ab', pathParameters: 'ab', queryStringParameters: 'ab' }
    const { headers, pathParameters, query } = readEvent(event, 'aws-1')
    expect([headers.size, pathParameters.size, query.size]).toEqual([0, 0, 0])
  })

  it('drops header values that are no text', () => {
    const headers = { a: 1, b: null, c: ['x'], d: 'y', __proto__: 'z' }
    expect([...readEvent({ headers }, 'aws-1').headers]).toEqual([['d', 'y']])
  })

  it.each([
    ['JKJaXmPLvHcESHA=', 'JKJaXmPLvHcESHA='],
    ['c6af9ac6-7b61-11e6-9a41-93e8deadbeef', 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef'],
    ['a+b/c:d.e_f', 'a+b/c:d.e_f'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), 'aws-1'],
    ['', 'aws-1'],
    ['a\r\nset-cookie: b', 'aws-1'],
    ['a b', 'aws-1'],
    ['张三', 'aws-1'],
    [7, 'aws-1'],
    [undefined, 'aws-1'],
  ])('takes the request id %j as %s', (requestId, expected) => {
    expect(readEvent({ requestContext: { requestId } }, 'aws-1').requestId).toBe(expected)
  })

  it.each([
    [
      { body: 'x', isBase64Encoded: true },
      { body: 'x', isBase64Encoded: true },
    ],
    [
      { body: 'x', isBase64Encoded: false },
      { body: 'x', isBase64Encoded: false },
    ],
    [
      { body: 'x', isBase64Encoded: 'true' },
      { body: 'x', isBase64Encoded: false },
    ],
    [{ body: null }, { body: undefined, isBase64Encoded: false }],
    [{ body: { name: '张三' } }, { body: undefined, isBase64Encoded: false }],
  ])('reads the body of %j', (event, expected) => {
    expect(readEvent(event, 'aws-1')).toMatchObject(expected)
  })

  it('reads an event of any shape', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (event) => {
        const { requestId, headers, body } = readEvent(event, 'aws-1')
        expect(requestId).toMatch(/^[\w.:=+/-]{1,128}$/)
        for (const value of headers.values()) expect(typeof value).toBe('string')
        expect(['string', 'undefined']).toContain(typeof body)
      }),
    )
  })
})
