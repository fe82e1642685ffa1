import type { Draw } from './draw.ts'
import { goodCard, goodId, goodName, goodReference, perhapsSpoilt } from './hostile-text.ts'

export type Operation = 'three-element' | 'two-element'

/** The body of a request as it is meant to arrive: text, or bytes where it is no text. */
export type Body = { content: string | Buffer; how: string }

/** One member as it is written: key and value in JSON, or in what is none. */
type Member = [key: string, value: string]

const LIMIT = 8192

const ODD_VALUES = [
  ['6299990000000017', '6299990000000000012', '110101190001010014', '9007199254740993'],
  ['1e400', '-1e400', '1E+400', '1e-400', '-0', '0', '1.0', '6.299990000000017e15'],
  ['null', 'true', 'false', '[]', '{}', '""', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"'],
  ['["6299990000000017"]', '{"cardNumber":"6299990000000017"}', '{"__proto__":{"name":"x"}}'],
  ['{"toString":1}', '{"length":16}', '[[[[[[[[]]]]]]]]', '"__proto__"', '" "', '"\\n"'],
  // No JSON.
  ['NaN', 'Infinity', '-', '01', '1.', '.5', '0x10', '1e', 'undefined', "'x'", '"\t"', '"\\x41"'],
  ['"', '[', '{', '}', '', 'tru', '"\\u12"', '"\\ud8', '1n', '/**/1', '#', '`x`', '"a" "b"'],
].flat()

const ODD_KEYS = [
  ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'],
  ['', ' ', 'Name', 'NAME', 'name ', ' name', 'name\u0000', 'ｎａｍｅ', 'nаme', 'card_number'],
  ['cardnumber', 'cardNumber\u200b', 'idnumber', 'idcard', 'acct_no', 'bankcard', 'realname'],
  ['jobid', 'key', 'message', 'appCode', 'caller', '0', 'length', '\ud800', '6299990000000017'],
].flat()

type Members = Member[]
type ChangeMembers = (draw: Draw, members: Members) => Members

const swapped = (draw: Draw, members: Members, change: (member: Member) => Member | undefined) => {
  const place = draw.below(members.length)
  return members.flatMap((member, at) =>
    at === place ? [change(member)].filter((kept) => kept !== undefined) : [member],
  )
}

const memberChanges: readonly (readonly [how: string, change: ChangeMembers])[] = [
  ['a field missing', (draw, members) => swapped(draw, members, () => undefined)],
  [
    'an odd value',
    (draw, members) => swapped(draw, members, ([key]) => [key, draw.one(ODD_VALUES)]),
  ],
  [
    'text without quotes',
    (draw, members) => swapped(draw, members, ([key, value]) => [key, value.replaceAll('"', '')]),
  ],
  ['a deep value', (draw, members) => swapped(draw, members, ([key]) => [key, deep(draw)])],
  [
    'a deep value more',
    (draw, members) => [...members, [JSON.stringify(draw.one(ODD_KEYS)), deep(draw)]],
  ],
  [
    'a field more',
    (draw, members) => [
      ...members,
      [JSON.stringify(draw.one(ODD_KEYS)), draw.one(['"x"', '{}', 'null', '1'])],
    ],
  ],
  ['a field twice', (draw, members) => [...members, draw.one(members)]],
  [
    'a field twice with two values',
    (draw, members) => [
      [draw.one(members)[0], draw.one(['"x"', 'null', '"6299990000000017"'])],
      ...members,
    ],
  ],
  [
    'another key',
    (draw, members) =>
      swapped(draw, members, ([, value]) => [JSON.stringify(draw.one(ODD_KEYS)), value]),
  ],
  [
    'an escaped key',
    (draw, members) => swapped(draw, members, ([key, value]) => [escaped(JSON.parse(key)), value]),
  ],
  [
    'a key without quotes',
    (draw, members) => swapped(draw, members, ([key, value]) => [JSON.parse(key), value]),
  ],
  [
    'a field of the other operation',
    (draw, members) => [...members, ['"idNumber"', JSON.stringify(goodId(draw))]],
  ],
  [
    'many fields more',
    (draw, members) => [
      ...members,
      ...Array.from({ length: draw.between(1, 500) }, (_, place): Member => [`"k${place}"`, '1']),
    ],
  ],
]

function deep(draw: Draw): string {
  const depth = draw.one([1, 10, 100, 1000, 1300])
  const [open, close] = draw.one([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"__proto__":', '}]'],
  ])
  const unclosed = draw.happens(0.1) ? 1 : 0
  return open.repeat(depth) + '1' + close.repeat(depth - unclosed)
}

type ChangeText = (draw: Draw, text: string) => string

const textChanges: readonly (readonly [how: string, change: ChangeText])[] = [
  ['cut off', (draw, text) => text.slice(0, draw.below(text.length))],
  [
    'something before',
    (draw, text) =>
      draw.one(['\ufeff', '\ufeff\ufeff', ' ', '\u0000', '\ud800', ")]}',\n", '//\n', '\u00a0']) +
      text,
  ],
  [
    'something behind',
    (draw, text) =>
      text + draw.one(['\ufeff', ' ', '\u0000', '\udc00', '{}', ',', '}', ';', '\u2028', '\n\n']),
  ],
  ['a comma too many', (_, text) => text.replace(/\}$/, ',}')],
  ['a comment', (_, text) => text.replace('{', '{/* */')],
  ['single quotes', (_, text) => text.replaceAll('"', "'")],
  [
    'a raw control character',
    (draw, text) => text.replace('":"', `":"${draw.one(['\n', '\u0000', '\u001f', '\t'])}`),
  ],
  ['in an array', (_, text) => `[${text}]`],
  ['in a string', (_, text) => JSON.stringify(text)],
  ['a bomb', (draw) => draw.one(['[', '{"a":', '[{"a":']).repeat(draw.one([1000, 2000, 100_000]))],
  [
    'filled up to the limit',
    (_, text) => text + ' '.repeat(Math.max(0, LIMIT - Buffer.byteLength(text))),
  ],
  [
    'one byte over the limit',
    (_, text) => text + ' '.repeat(Math.max(0, LIMIT + 1 - Buffer.byteLength(text))),
  ],
  ['far over the limit', (draw, text) => text + ' '.repeat(draw.one([LIMIT, 100_000]))],
  [
    'nothing',
    (draw) => draw.one(['', ' ', 'null', '{}', '[]', '""', '1e400', '6299990000000000012', 'true']),
  ],
  ['a form', () => 'name=x&cardNumber=6299990000000017'],
]

type ChangeBytes = (draw: Draw, text: string) => Buffer

const byteChanges: readonly (readonly [how: string, change: ChangeBytes])[] = [
  ['UTF-16', (draw, text) => Buffer.from(draw.one(['', '\ufeff']) + text, 'utf16le')],
  ['Latin-1', (_, text) => Buffer.from(text, 'latin1')],
  [
    'bytes that are no UTF-8',
    (draw, text) =>
      spliced(
        draw,
        text,
        draw.one([
          [0x80],
          [0xc0, 0xaf],
          [0xed, 0xa0, 0x80],
          [0xe5, 0xbc],
          [0xf4, 0x90, 0x80, 0x80],
          [0xff],
          [0xd5, 0xc5],
        ]),
      ),
  ],
  ['a byte changed', (draw, text) => spliced(draw, text, [draw.below(256)], 1)],
  ['noise', (draw) => Buffer.from(Array.from({ length: draw.below(200) }, () => draw.below(256)))],
  ['compressed', () => Buffer.from('1f8b0800000000000003ab5604000c3b7ab702000000', 'hex')],
]

function spliced(draw: Draw, text: string, bytes: number[], instead = 0): Buffer {
  const whole = Buffer.from(text)
  const place = draw.below(whole.length)
  return Buffer.concat([
    whole.subarray(0, place),
    Buffer.from(bytes),
    whole.subarray(place + instead),
  ])
}

/** A body for this operation: good in about a third of all cases, else spoilt somewhere. */
export function hostileBody(draw: Draw, operation: Operation): Body {
  const share = draw.happens(0.5) ? 0 : 0.4
  const hows: string[] = []
  const field = (name: string, good: string): Member => {
    const { text, how } = perhapsSpoilt(draw, good, share)
    if (text !== good) hows.push(`${name}: ${how}`)
    return [`"${name}"`, draw.happens(0.1) ? escaped(text) : JSON.stringify(text)]
  }
  let members: Members = [
    field('name', goodName(draw)),
    ...(operation === 'three-element' ? [field('idNumber', goodId(draw))] : []),
    field('cardNumber', goodCard(draw)),
    ...(draw.happens(0.4) ? [field('reference', goodReference(draw))] : []),
  ]
  if (draw.happens(0.25)) {
    const [how, change] = draw.one(memberChanges)
    members = change(draw, members)
    hows.push(how)
  }
  const blank = draw.happens(0.1) ? draw.one([' ', '\n', '\t\r\n']) : ''
  let content: string | Buffer =
    `{${members.map(([key, value]) => `${blank}${key}:${blank}${value}`).join(`${blank},`)}}`
  if (draw.happens(0.15)) {
    const [how, change] = draw.one(textChanges)
    content = change(draw, content)
    hows.push(how)
  } else if (draw.happens(0.08)) {
    const [how, change] = draw.one(byteChanges)
    content = change(draw, content)
    hows.push(how)
  }
  return { content, how: hows.join(', ') || 'as it should be' }
}

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, place) => text.charCodeAt(place))
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
}
