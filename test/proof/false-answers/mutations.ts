import { gzipSync } from 'node:zlib'
import { between, pick, type Random } from '../random.ts'
import type { Answer } from './plain-reading.ts'

/** Spoils an answer; `other` is a second one to spoil it with. */
type Mutation = (answer: Answer, random: Random, other: Answer) => Answer

const ofBytes =
  (change: (body: Buffer, random: Random, other: Buffer) => Buffer): Mutation =>
  (answer, random, other) => ({ ...answer, body: change(answer.body, random, other.body) })

const ofText = (change: (text: string, random: Random, other: string) => string): Mutation =>
  ofBytes((body, random, other) => Buffer.from(change(body.toString(), random, other.toString())))

/** One of a kind that is one of these. */
const pickOne = (random: Random, kinds: readonly (readonly string[])[]) =>
  pick(random, pick(random, kinds))

const placeIn = ({ length }: { length: number }, random: Random) => between(random, 0, length)

function bitsFlipped(body: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(body)
  for (let left = between(random, 1, 4); left > 0 && body.length > 0; left--) {
    const at = between(random, 0, body.length - 1)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << between(random, 0, 7))
  }
  return flipped
}

/** Replaces, removes or inserts a few bytes. */
function bytesChanged(body: Buffer, random: Random): Buffer {
  const at = placeIn(body, random)
  const removed = between(random, 0, 4)
  const inserted = Buffer.from(
    Array.from({ length: between(random, 0, 4) }, () =>
      random() < 0.5 ? between(random, 0, 255) : pick(random, TELLING_BYTES),
    ),
  )
  return Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + removed)])
}
const TELLING_BYTES = [...Buffer.from('"{}[]:,0123\\ \n\u0000')]

function spliced(body: Buffer, random: Random, other: Buffer): Buffer {
  return Buffer.concat([
    body.subarray(0, placeIn(body, random)),
    other.subarray(placeIn(other, random)),
  ])
}

function repeatedPart(body: Buffer, random: Random): Buffer {
  const [from, to, at] = [placeIn(body, random), placeIn(body, random), placeIn(body, random)]
  return Buffer.concat([body.subarray(0, at), body.subarray(from, to), body.subarray(at)])
}

const SCALAR = /("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null)/g

type Member = { whole: string; key: string; colon: string; value: string; at: number }

/** One member with a simple value, and a text for it. */
function memberReplaced(text: string, random: Random, by: (member: Member) => string): string {
  const members = [...text.matchAll(SCALAR)]
  if (members.length === 0) return text
  const { 0: whole, 1: key = '', 2: colon = '', 3: value = '', index: at } = pick(random, members)
  return text.slice(0, at) + by({ whole, key, colon, value, at }) + text.slice(at + whole.length)
}

const typeSwapped = (text: string, random: Random) =>
  memberReplaced(text, random, ({ key, colon, value }) => {
    const bare = value.replaceAll('"', '')
    const swapped = pickOne(random, [
      ['null', 'true', 'false', '""', '[]', '{}', '"null"', '"toString"', '"__proto__"'],
      ['"1"', '1', '"2"', '2', '0', '"0"', '3', '10000', '"match"', '"一致"', '"１"', '"①"'],
      [`"${bare}"`, `"${bare} "`, `" ${bare}"`, `"${bare}\\u0000"`, `"${bare}\\n"`, `"0${bare}"`],
      [`[${value}]`, `[[${value}]]`, `{"0":${value}}`, `{"value":${value}}`, `[${value},1]`],
      [bare, `${bare}1`, `"${bare}1"`, `"${bare},1"`, `"\\"${bare}\\""`],
    ])
    return key + colon + swapped
  })

const numberForms = (text: string, random: Random) =>
  memberReplaced(text, random, ({ key, colon, value }) => {
    const number = /^"?[0-9]+"?$/.test(value) ? value.replaceAll('"', '') : pick(random, ['1', '2'])
    const form = pickOne(random, [
      [`${number}.0`, `${number}e0`, `${number}E+0`, `${number}0e-1`, `0.${number}e1`],
      [`0${number}`, `+${number}`, `-${number}`, `${number}n`, `0x${number}`, `0b1`, `1_0`],
      [`${number}.5`, `${number}.`, `.${number}`, `${number}e`, '1e400', '-0', '0.0', '1e-400'],
      ['9007199254740993', '18446744073709551617', '4294967297', 'NaN', 'Infinity', '٢', '१'],
    ])
    return key + colon + (random() < 0.3 ? `"${form}"` : form)
  })

const doubledKey = (text: string, random: Random) =>
  memberReplaced(text, random, ({ whole, key, colon }) => {
    const value = pick(random, ['1', '2', '"1"', '"2"', '"10000"', '0', '"0"', 'null', '[]'])
    const again = pick(random, [
      key,
      key,
      escapedAt(key, random),
      key.toUpperCase(),
      key.replace(/"$/, ' "'),
      key.replace(/"$/, '\\u0000"'),
    ])
    const second = again + colon + value
    return random() < 0.5 ? `${whole},${second}` : `${second},${whole}`
  })

const doubledResult = (text: string, random: Random) => {
  const second = pickOne(random, [
    ['"data":{"state":"1"}', '"data":{"state":"2"}', '"data":null', '"code":"10000"'],
    ['"result":{"res":1}', '"result":{"res":"2"}', '"result":null', '"error_code":0'],
    ['"\\u0064ata":{"state":"1"}', '"r\\u0065sult":{"res":1}', '"__proto__":{"error_code":0}'],
  ])
  return random() < 0.5
    ? text.replace(/^\s*\{/, (brace) => `${brace}${second},`)
    : text.replace(/\}\s*$/, (brace) => `,${second}${brace}`)
}

/** One character of a quoted text as `\u…`. */
function escapedAt(quoted: string, random: Random): string {
  const at = between(random, 1, Math.max(1, quoted.length - 2))
  const code = (quoted.charCodeAt(at) || 0).toString(16).padStart(4, '0')
  return `${quoted.slice(0, at)}\\u${code}${quoted.slice(at + 1)}`
}

const escaped = (text: string, random: Random) =>
  text.replaceAll(/"(?:[^"\\]|\\.)+"/g, (quoted) =>
    random() < 0.3 && !quoted.includes('\\') ? escapedAt(quoted, random) : quoted,
  )

const DEEPEST = 500

const nested = (text: string, random: Random, other: string) => {
  const depth = between(random, 1, DEEPEST)
  const inside = (open: string, close: string) => open.repeat(depth) + text + close.repeat(depth)
  return pickOne(random, [
    [`[${text}]`, `{"data":${text}}`, `{"result":${text}}`, JSON.stringify(text)],
    [`{"code":"10000","data":${text}}`, `{"error_code":0,"result":${text}}`],
    [inside('[', ']'), inside('{"data":', '}'), inside('{"result":', '}'), `[${text},${other}]`],
    [text + text, text + other, `${text},${other}`, `callback(${text})`, `)]}'\n${text}`],
    [text.replace(/\{"(state|res)"/, (found) => `{"inner":${found}`).replace(/\}\s*$/, '}}')],
  ])
}

const tokensShuffled = (text: string, random: Random) => {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[^"\s{}[\],:]+|[{}[\],:]/g) ?? []
  const [from, to] = [placeIn(tokens, random), placeIn(tokens, random)]
  const [moved = ''] = tokens.splice(from, 1)
  tokens.splice(to, random() < 0.3 ? 1 : 0, moved)
  return tokens.join('')
}

const encoded: Mutation = (answer, random) => {
  const text = answer.body.toString()
  const utf16 = Buffer.from(text, 'utf16le')
  const body = pick(random, [
    () => utf16,
    () => Buffer.from(utf16).swap16(),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), answer.body]),
    () => Buffer.from(text, 'latin1'),
    () => Buffer.from(answer.body.toString('base64')),
    () => Buffer.from(encodeURIComponent(text)),
    () => Buffer.from(text.replaceAll('"', '&quot;')),
    () => Buffer.from(text.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + +digit))),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => overlong(answer.body, random),
    () => gzipSync(answer.body),
  ])()
  return { ...answer, body }
}

/** An ASCII character as two bytes, which strict UTF-8 forbids. */
function overlong(body: Buffer, random: Random): Buffer {
  const at = between(random, 0, Math.max(0, body.length - 1))
  const byte = body[at] ?? 0x20
  const two = Buffer.from([0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)])
  return Buffer.concat([body.subarray(0, at), two, body.subarray(at + 1)])
}

const aroundIt: Mutation = (answer, random) => {
  const headers = pick(random, [
    ...['B403MQ', 'T429ID', 'D504TO', 'X500ER', 'OK', ' ', '0'].map((code) => ({
      'x-ca-error-code': code,
    })),
    ...['Quota Exhausted', 'Service Unavailable', 'ok', 'OKAY', 'success'].map((message) => ({
      'x-ca-error-message': message,
    })),
    ...['gzip', 'br', 'identity', 'x', 'gzip, identity', ''].map((encoding) => ({
      'content-encoding': encoding,
    })),
    { 'content-type': 'text/html; charset=gbk' },
    {},
  ])
  const status = pick(
    random,
    [200, 200, 201, 202, 204, 206, 226, 301, 304, 400, 450, 500, 502, 504],
  )
  return { ...answer, status, headers: { ...answer.headers, ...headers } }
}

export const mutations: Record<string, Mutation> = {
  'bits flipped': ofBytes(bitsFlipped),
  'bytes changed': ofBytes(bytesChanged),
  'cut short': ofBytes((body, random) => body.subarray(0, placeIn(body, random))),
  'its beginning lost': ofBytes((body, random) => body.subarray(placeIn(body, random))),
  'spliced with another': ofBytes(spliced),
  'a part repeated': ofBytes(repeatedPart),
  'types swapped': ofText(typeSwapped),
  'number forms': ofText(numberForms),
  'a key doubled': ofText(doubledKey),
  'a result doubled': ofText(doubledResult),
  'characters escaped': ofText(escaped),
  nested: ofText(nested),
  'tokens moved': ofText(tokensShuffled),
  'encoded otherwise': encoded,
  'status and headers': aroundIt,
}
