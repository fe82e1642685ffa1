import { createCipheriv, createHash } from 'node:crypto'
import { inspect } from 'node:util'
import type { Canary } from './canaries.ts'

/** In what form a value may slip out; `undefined` where this one cannot write it. */
export type Encoding = (value: Value) => string | undefined

export type Value = {
  text: string
  /** Its bytes in GBK, where they are known. */
  gbk: Buffer | undefined
  aesKey: string
}

export function valuesOf(
  { name, nameInGbk, idNumber, cardNumber }: Canary,
  aesKey: string,
): Value[] {
  return [
    { text: name, gbk: nameInGbk, aesKey },
    { text: idNumber, gbk: undefined, aesKey },
    { text: cardNumber, gbk: undefined, aesKey },
  ]
}

const isNumber = (text: string) => /^[0-9]{11,}X?$/.test(text)
const ofText =
  (write: (text: string) => string): Encoding =>
  ({ text }) =>
    write(text)
const ofNumber =
  (write: (text: string) => string): Encoding =>
  ({ text }) =>
    isNumber(text) ? write(text) : undefined
const ofGbk =
  (write: (bytes: Buffer) => string): Encoding =>
  ({ gbk }) =>
    gbk && write(gbk)

const percent = (bytes: Buffer) =>
  Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const escapes = (text: string) =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
const base64At = (offset: number) =>
  ofText((text) => Buffer.from(`${'{"a'.slice(0, offset)}${text}"}`).toString('base64'))
const digestIn = (algorithm: string, form: 'hex' | 'base64') =>
  ofText((text) => createHash(algorithm).update(text).digest(form))

function ciphertext({ text, aesKey }: Value): Buffer {
  const cipher = createCipheriv('aes-128-ecb', aesKey, null)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

/** Every way in which a value is planted for the scan to find. */
export const encodings: Record<string, Encoding> = {
  raw: ofText((text) => text),
  'lower case': ofText((text) => text.toLowerCase()),
  'upper case': ofText((text) => text.toUpperCase()),
  NFD: ofText((text) => text.normalize('NFD')),
  'JSON in JSON': ofText((value) => JSON.stringify(JSON.stringify({ value }))),
  'URL-encoded': ofText(encodeURIComponent),
  'URL-encoded, every byte': ofText((text) => percent(Buffer.from(text))),
  'URL-encoded twice': ofText((text) => encodeURIComponent(percent(Buffer.from(text)))),
  'a form': ofText((name) => new URLSearchParams({ name }).toString()),
  'base64 at 0': base64At(0),
  'base64 at 1': base64At(1),
  'base64 at 2': base64At(2),
  base64url: ofText((text) => Buffer.from(`??${text}`).toString('base64url')),
  'base64 in lines': ofText((text) =>
    Buffer.from(text).toString('base64').replaceAll(/.{8}/g, '$&\r\n'),
  ),
  'base64 of a form': ofText((name) =>
    Buffer.from(new URLSearchParams({ name }).toString()).toString('base64'),
  ),
  'base64 of hex': ofText((text) =>
    Buffer.from(Buffer.from(text).toString('hex')).toString('base64'),
  ),
  'URL-encoded base64': ofText((text) =>
    encodeURIComponent(Buffer.from(`~~~${text}`).toString('base64')),
  ),
  hex: ofText((text) => Buffer.from(text).toString('hex')),
  'hex in upper case': ofText((text) => Buffer.from(text).toString('hex').toUpperCase()),
  'a Buffer, inspected': ofText((text) => inspect(Buffer.from(text))),
  'a Buffer, as JSON': ofText((text) => JSON.stringify(Buffer.from(text))),
  'an array of bytes, as JSON': ofText((text) => JSON.stringify(new Uint8Array(Buffer.from(text)))),
  'hex bytes in code': ofText((text) =>
    Array.from(Buffer.from(text), (byte) => `0x${byte.toString(16)}`).join(', '),
  ),
  'UTF-16 in hex': ofText((text) => Buffer.from(text, 'utf16le').toString('hex')),
  '\\u': ofText(escapes),
  '\\u in upper case': ofText((text) => escapes(text).toUpperCase().replaceAll('\\U', '\\u')),
  '\\u twice': ofText((text) => JSON.stringify(escapes(text))),
  '\\x': ofText((text) => percent(Buffer.from(text)).replaceAll('%', '\\x')),
  'HTML entities': ofText((text) =>
    Array.from(text, (character) => `&#${character.codePointAt(0)};`).join(''),
  ),
  md5: digestIn('md5', 'hex'),
  sha1: digestIn('sha1', 'hex'),
  sha256: digestIn('sha256', 'hex'),
  sha512: digestIn('sha512', 'hex'),
  'md5 in base64': digestIn('md5', 'base64'),
  'sha256 in base64': digestIn('sha256', 'base64'),
  'sha256 in upper case': ({ text }) =>
    createHash('sha256').update(text).digest('hex').toUpperCase(),
  "Juhe's ciphertext": (value) => ciphertext(value).toString('base64'),
  "Juhe's ciphertext in a form": (value) =>
    encodeURIComponent(ciphertext(value).toString('base64')),
  "Juhe's ciphertext in hex": (value) => ciphertext(value).toString('hex'),
  'GBK, URL-encoded': ofGbk(percent),
  'GBK in base64': ofGbk((bytes) => bytes.toString('base64')),
  'GBK in hex': ofGbk((bytes) => bytes.toString('hex')),
  'GBK, read as Latin-1': ofGbk((bytes) => bytes.toString('latin1')),
  'UTF-8, read as Latin-1': ofText((text) => Buffer.from(text).toString('latin1')),
  'a list of characters': ofText((text) => JSON.stringify(Array.from(text))),
  'full-width': ofText((text) =>
    text.replaceAll(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
  ),
  'groups with blanks': ofNumber((text) => text.replaceAll(/.{4}(?=.)/g, '$& ')),
  'groups with hyphens': ofNumber((text) => text.replaceAll(/.{4}(?=.)/g, '$&-')),
  'groups with dots': ofNumber((text) => text.replaceAll(/.{6}(?=.)/g, '$&.')),
  'the first ten digits': ofNumber((text) => text.slice(0, 10)),
  'ten digits of the middle': ofNumber((text) => text.slice(4, 14)),
  'the last ten digits': ofNumber((text) => text.replace('X', '').slice(-10)),
  'ten digits in groups, in base64': ofNumber((text) =>
    Buffer.from(`${text.slice(0, 6)} ${text.slice(6, 10)}`).toString('base64'),
  ),
  masked: ofNumber((text) => `${text.slice(0, 6)}******${text.slice(-4)}`),
  'masked but for the end': ofNumber((text) => `********${text.slice(-4)}`),
}
