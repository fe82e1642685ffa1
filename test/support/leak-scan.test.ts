import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { findLeaks } from './leak-scan.ts'

const card = '6299990000000017'
const id = '11010119000101002X'
const name = '欧阳𠮷明'
const secret = 'JH51a7f00d51a7f00d51a7f00d51a7f00d'
const secrets = { card, id, name, secret }

const jsonEscaped = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
    .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
    .join('')
const percent = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const base64At = (offset: number) => (text: string) =>
  Buffer.from(`${'{"a'.slice(0, offset)}${text}"}`).toString('base64')
const digest = (algorithm: string) => (text: string) =>
  createHash(algorithm).update(text).digest('hex')

const everyValue: Record<string, (value: string) => string> = {
  raw: (value) => value,
  'lower case': (value) => value.toLowerCase(),
  NFD: (value) => value.normalize('NFD'),
  'JSON in JSON': (value) => JSON.stringify(JSON.stringify({ value })),
  'URL-encoded': encodeURIComponent,
  'URL-encoded in lower case': (value) => encodeURIComponent(value).toLowerCase(),
  'URL-encoded, every byte': percent,
  'URL-encoded twice': (value) => encodeURIComponent(percent(value)),
  'base64 at 0': base64At(0),
  'base64 at 1': base64At(1),
  'base64 at 2': base64At(2),
  base64url: (value) => Buffer.from(`??${value}`).toString('base64url'),
  'hex in lower case': (value) => Buffer.from(value).toString('hex'),
  'hex in upper case': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'a Buffer, inspected': (value) => inspect(Buffer.from(value)),
  'a Buffer, as JSON': (value) => JSON.stringify(Buffer.from(value)),
  'a Buffer, as indented JSON': (value) => JSON.stringify(Buffer.from(value), undefined, 2),
  '\\u-escaped': jsonEscaped,
  '\\u-escaped in upper case': (value) => jsonEscaped(value).toUpperCase().replaceAll('\\U', '\\u'),
  '\\u-escaped twice': (value) => jsonEscaped(value).replaceAll('\\', '\\\\'),
  '\\x-escaped': (value) => percent(value).replaceAll('%', '\\x'),
  md5: digest('md5'),
  sha1: digest('sha1'),
  sha256: digest('sha256'),
  sha512: digest('sha512'),
  'sha256 in upper case': (value) => digest('sha256')(value).toUpperCase(),
  'md5 in base64': (value) => createHash('md5').update(value).digest('base64'),
  'sha256 in base64url': (value) => createHash('sha256').update(value).digest('base64url'),
}

const everyNumber: Record<string, (value: string) => string> = {
  'full-width digits': (value) =>
    value.replaceAll(/[\dX]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
  'groups with blanks': (value) => value.replaceAll(/.{4}(?=.)/g, '$& '),
  'groups with hyphens': (value) => value.replaceAll(/.{4}(?=.)/g, '$&-'),
  'groups with dots': (value) => value.replaceAll(/.{6}(?=.)/g, '$&.'),
  'the first ten digits': (value) => value.slice(0, 10),
  'ten digits of the middle': (value) => value.slice(4, 14),
  'all but the last two': (value) => value.slice(0, -2),
  'ten digits in groups': (value) => `${value.slice(0, 6)} ${value.slice(6, 10)}`,
  masked: (value) => `${value.slice(0, 6)}******${value.slice(-4)}`,
  "masked as Juhe's echo": (value) => `${value.slice(0, 6)}*****`,
  'masked but for the end': (value) => `********${value.slice(-4)}`,
}

const planted = (forms: typeof everyValue, among: Partial<typeof secrets>) =>
  Object.entries(forms).flatMap(([form, write]) =>
    Object.entries(among).map(([label, value]) => [form, label, write(value)] as const),
  )

const labelsIn = (text: string) => new Set(findLeaks(text, secrets).map(({ secret }) => secret))

describe('the leak scan', () => {
  it.each([...planted(everyValue, secrets), ...planted(everyNumber, { card, id })])(
    'finds, %s, the %s',
    (_form, label, leak) => {
      expect(labelsIn(`{"event":"request","said":"${leak}","status":200}\n`)).toEqual(
        new Set([label]),
      )
    },
  )

  it('names what it found and in which form', () => {
    expect(findLeaks(`log: ${name}`, secrets)).toContainEqual({ secret: 'name', form: 'raw' })
    expect(findLeaks(`log: ${digest('md5')(card)}`, secrets)).toEqual([
      { secret: 'card', form: 'md5' },
    ])
  })

  it.each([
    '{"card":{"last4":"0017","bank":"…","type":"debit"},"verifiedAt":"2026-11-22T03:35:00.000Z"}',
    '{"pk":"card#47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","keyId":"oNQ1WLzE","used":17}',
    '{"userArn":"arn:aws:sts::000000000000:assumed-role/local/developer","pid":629999}',
    '{"id":"019a0017-6299-7990-8000-001700170017","providerReference":"4XU29Z4D1704061618"}',
    '{"type":"urn:problem-type:bankcard-verify:validation_failed","title":"校验未通过"}',
  ])('lets pass %s', (text) => {
    expect(findLeaks(text, secrets)).toEqual([])
  })
})
