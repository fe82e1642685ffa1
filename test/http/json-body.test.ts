import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import type { HttpRequest } from '../../lib/http/api-gateway-event.ts'
import { readJsonBody } from '../../lib/http/json-body.ts'

const LIMIT = 8 * 1024

describe('readJsonBody', () => {
  it.each([
    'application/json',
    'APPLICATION/JSON',
    ' application/json ',
    'application/json;',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json; charset = utf-8',
  ])('takes the content type %j', (contentType) => {
    expect(outcomeOf('{"a":"1"}', { contentType })).toEqual({ a: '1' })
  })

  it.each([
    undefined,
    '',
    'json',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'application/json; charset=gbk',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8x',
    'application/json; charset=xutf-8',
    'application/json; charsets=utf-8',
    'application/json; charset=gbk charset=utf-8',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'text/plain; application/json',
    'application/json, text/plain',
  ])('refuses the content type %j', (contentType) => {
    expect(outcomeOf('{}', { contentType })).toBe('unsupported_media_type')
  })

  it.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['spaces', '  '],
    ['no JSON', 'name=x'],
    ['a JSON string', '"{}"'],
    ['a JSON number', '6299990000000017'],
    ['null', 'null'],
    ['true', 'true'],
    ['an array', '[{}]'],
    ['a truncated object', '{"name":"张三"'],
    ['something after the object', '{} {}'],
    ['a comment', '{/**/}'],
    ['a comma too many', '{"a":"1",}'],
    ['single quotes', "{'a':'1'}"],
    ['a raw line break in a string', '{"a":"\n"}'],
    ['a raw lone surrogate', '{"a":"\ud842"}'],
    ['a bomb of arrays', '['.repeat(LIMIT)],
    ['an unclosed bomb of objects', '{"a":'.repeat(1600)],
  ])('refuses %s', (_, body) => {
    expect(outcomeOf(body)).toBe('malformed_json')
  })

  it('reads deep nesting within the limit', () => {
    const depth = 4000
    expect(outcomeOf(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toHaveProperty('a')
  })

  it('keeps an escaped lone surrogate for the fields to refuse', () => {
    expect(outcomeOf(String.raw`{"a":"\ud842"}`)).toEqual({ a: '\ud842' })
  })

  it('keeps `__proto__` as a member like any other', () => {
    expect(Object.keys(outcomeOf('{"__proto__":{"a":"1"}}') as object)).toEqual(['__proto__'])
  })

  it.each([
    ['padded', base64('{"a":"1"} ')],
    ['with two characters of padding left out', base64('{"a":"1"} ').replace(/=+$/, '')],
    ['with one character of padding left out', base64('{"a":"1"}  ').replace(/=+$/, '')],
    ['without need of padding', base64('{"a":"1"}')],
  ])('reads base64 %s', (_, body) => {
    expect(outcomeOf(body, { isBase64Encoded: true })).toEqual({ a: '1' })
  })

  it.each([
    ['plain JSON', '{"a":"1"}'],
    ['one character too many', `${base64('{"a":"1"}')}A`],
    ['the URL alphabet', Buffer.from('{"a":"~?~?>>"}').toString('base64url')],
    ['line breaks', `${base64('{"a":')}\n${base64('"1"}')}`],
    ['padding inside', `${base64('{"a":"1"} ')}${base64('{"a":"1"}')}`],
    ['a bad last group', `${base64('{"a":"1"}')}=`],
  ])('refuses base64 with %s', (_, body) => {
    expect(outcomeOf(body, { isBase64Encoded: true })).toBe('malformed_json')
  })

  it('does not take base64 for JSON without the flag', () => {
    expect(outcomeOf(base64('{"a":"1"}'))).toBe('malformed_json')
  })

  it.each([
    ['a stray continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa1, 0x82]],
    ['a truncated character', [0xe5, 0xbc]],
    ['GBK', [0xd5, 0xc5, 0xc8, 0xfd]],
    ['a code point too high', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses UTF-8 with %s', (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])
    expect(outcomeOf(body.toString('base64'), { isBase64Encoded: true })).toBe('malformed_json')
  })

  it('refuses UTF-16', () => {
    const body = Buffer.from('\ufeff{"a":"1"}', 'utf16le').toString('base64')
    expect(outcomeOf(body, { isBase64Encoded: true })).toBe('malformed_json')
  })

  it('overlooks one byte order mark', () => {
    expect(outcomeOf('\ufeff{"a":"1"}')).toEqual({ a: '1' })
    expect(outcomeOf('\ufeff\ufeff{"a":"1"}')).toBe('malformed_json')
  })

  it.each([
    ['ASCII', 'x'],
    ['three-byte characters', '张'],
    ['four-byte characters', '𠮷'],
  ])('counts bytes, not characters: 8 KiB of %s and one byte more', (_, character) => {
    const room = LIMIT - Buffer.byteLength('{"a":""}')
    const size = Buffer.byteLength(character)
    const fill = character.repeat(room / size) + 'x'.repeat(room % size)
    const whole = `{"a":"${fill}"}`
    expect(Buffer.byteLength(whole)).toBe(LIMIT)
    expect(outcomeOf(whole)).toEqual({ a: fill })
    expect(outcomeOf(base64(whole), { isBase64Encoded: true })).toEqual({ a: fill })
    expect(outcomeOf(`${whole} `)).toBe('payload_too_large')
    expect(outcomeOf(base64(`${whole} `), { isBase64Encoded: true })).toBe('payload_too_large')
  })

  // Lambda takes an event of 6 MB.
  it.each([10_925, 100_000, 6_000_000])('refuses %i characters of base64', (length) => {
    expect(outcomeOf('A'.repeat(length), { isBase64Encoded: true })).toBe('payload_too_large')
  })
})

/** The members, or the code of the failure. */
function outcomeOf(
  body: string | undefined,
  options: { contentType?: string | undefined; isBase64Encoded?: boolean } = {},
): unknown {
  const { contentType, isBase64Encoded = false } = { contentType: 'application/json', ...options }
  const request: HttpRequest = {
    requestId: 'r-1',
    caller: undefined,
    pathParameters: new Map(),
    query: new Map(),
    headers: new Map(contentType === undefined ? [] : [['content-type', contentType]]),
    body,
    isBase64Encoded,
  }
  try {
    return readJsonBody(request)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
