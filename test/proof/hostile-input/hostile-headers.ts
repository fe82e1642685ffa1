import type { Draw } from './draw.ts'

/** The headers of a request, and the codes with which they must or may be refused. */
export type Headers = {
  headers: Record<string, string>
  refusals: Set<string>
  either: Set<string>
  hows: string[]
}

/** May the header pass, and may it be refused? */
type HeaderRuling = 'passes' | 'refused' | 'either'

const contentTypes: readonly (readonly [text: string | undefined, ruling: HeaderRuling])[] = [
  ['application/json', 'passes'],
  ['application/json; charset=utf-8', 'passes'],
  ['Application/JSON;charset="UTF-8"', 'passes'],
  ['application/json; version=1', 'either'],
  ['application/json; charset=utf8', 'either'],
  ['application/json; charset=utf-8; charset=utf-8', 'either'],
  ['application/json;;', 'either'],
  ['application/json; charset=utf-16', 'refused'],
  ['application/json; charset=gbk', 'refused'],
  ['application/json;charset=utf-8;charset=gbk', 'refused'],
  ['application/jsonp', 'refused'],
  ['application/json-seq', 'refused'],
  ['application/problem+json', 'refused'],
  ['application/x-www-form-urlencoded', 'refused'],
  ['multipart/form-data; boundary=x', 'refused'],
  ['text/json', 'refused'],
  ['text/plain; application/json', 'refused'],
  ['application/json, text/html', 'refused'],
  ['*/*', 'refused'],
  ['\u0000', 'refused'],
  ['', 'refused'],
  [undefined, 'refused'],
  [`application/json;${' '.repeat(9000)}`, 'either'],
  [`application/json${';a=b'.repeat(2000)}`, 'either'],
  [`application/json; charset=${'utf-8'.repeat(1500)}`, 'refused'],
]

const idempotencyKeys: readonly (readonly [text: string, ruling: HeaderRuling])[] = [
  ['payout-8841', 'passes'],
  ['6299990000000017', 'passes'],
  ['~'.repeat(200), 'passes'],
  ['{"$ne":1}', 'passes'],
  ["' OR 1=1 --", 'passes'],
  ['__proto__', 'passes'],
  [' payout-8841', 'either'],
  ['\tpayout-8841', 'either'],
  ['~'.repeat(256), 'refused'],
  ['~'.repeat(9000), 'refused'],
  ['', 'refused'],
  ['   ', 'refused'],
  ['张三', 'refused'],
  ['a\u0000b', 'refused'],
  ['a\nb', 'refused'],
  ['a\u007fb', 'refused'],
  ['caf\u00e9', 'refused'],
  ['\ud800', 'refused'],
]

const otherHeaders: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    'accept-language',
    [
      'zh',
      'zh;q=1e400',
      'zh;q=-1,en;q=NaN',
      ','.repeat(9000),
      'zh-'.repeat(3000),
      'en;q=0.1,'.repeat(1000),
      '\u0000',
      '*',
    ],
  ],
  [
    'cache-control',
    ['no-cache', 'no-store,no-cache', ','.repeat(9000), 'No-Cache ', 'no-'.repeat(3000)],
  ],
  ['accept', ['*/*', 'text/html', 'application/xml;q=1e999']],
  ['x-forwarded-for', ['127.0.0.1', "'; DROP TABLE ledger; --", '::1']],
  ['x-caller', ['iam:arn:aws:iam::111122223333:role/root']],
  ['authorization', ['Bearer x', 'APPCODE x', 'AWS4-HMAC-SHA256 Credential=x']],
  ['content-length', ['0', '-1', '99999999999999999999']],
  ['content-encoding', ['gzip', 'br', 'identity']],
  ['transfer-encoding', ['chunked']],
  ['expect', ['100-continue']],
  ['x-http-method-override', ['DELETE']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['cookie', ['a=b; '.repeat(1500)]],
  ['x-long', ['x'.repeat(10_000)]],
  ['x-request-id', ['\r\nx: y', 'r'.repeat(5000)]],
]

/** @param forHttp only such as an HTTP client can send */
export function hostileHeaders(draw: Draw, forHttp: boolean): Headers {
  const headers = new Map<string, string>()
  const found: Omit<Headers, 'headers'> = { refusals: new Set(), either: new Set(), hows: [] }
  const note = (code: string, ruling: HeaderRuling, how: string) => {
    if (ruling === 'passes') return
    found[ruling === 'refused' ? 'refusals' : 'either'].add(code)
    found.hows.push(how)
  }
  const able = <Entry extends readonly [string | undefined, HeaderRuling]>(
    entries: readonly Entry[],
  ) => (forHttp ? entries.filter(([text]) => isHeaderText(text)) : entries)

  const [type, typeRuling] = draw.happens(0.85) ? contentTypes[0]! : draw.one(able(contentTypes))
  if (type !== undefined) headers.set('content-type', type)
  note('unsupported_media_type', typeRuling, 'content type')
  if (draw.happens(0.2)) {
    const [key, ruling] = draw.one(able(idempotencyKeys))
    // A key that came before with another request is another matter.
    headers.set('idempotency-key', ruling === 'refused' ? key : key + draw.text(16, 'abcdef'))
    note('invalid_idempotency_key', ruling, 'idempotency key')
  }
  for (let more = draw.happens(0.3) ? draw.between(1, 3) : 0; more > 0; more--) {
    const [name, values] = draw.one(otherHeaders)
    const value = draw.one(values)
    if (!forHttp || (isHeaderText(value) && !HOP_BY_HOP.has(name))) headers.set(name, value)
  }
  return { ...found, headers: Object.fromEntries(headers) }
}

const HOP_BY_HOP = new Set([
  'content-length',
  'transfer-encoding',
  'expect',
  'cookie',
  'connection',
])

// The gateway itself answers what is longer: 10,240 bytes of all headers on AWS.
const isHeaderText = (text = '') => /^[\t\x20-\x7e\x80-\xff]{0,2500}$/.test(text)
