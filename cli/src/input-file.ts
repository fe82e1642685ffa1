import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { CommandFailure, exitCodes, systemCode, wrongUse } from './command-line.ts'

const encodings = ['utf-8', 'gb18030'] as const
type Encoding = (typeof encodings)[number]

export type InputFile = {
  path: string
  /** SHA-256 of its bytes, base64url. */
  digest: string
  encoding: Encoding
  /** Whether a spreadsheet wrote it, as far as its encoding tells. */
  fromSpreadsheet: boolean
}

const names: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  // A superset of the other two.
  gb18030: 'gb18030',
}

export function encodingNamed(name: string): Encoding {
  const lower = name.toLowerCase()
  const found = Object.hasOwn(names, lower) ? names[lower] : undefined
  if (found) return found
  throw wrongUse('--encoding is utf-8 or gbk.')
}

/**
 * Reads a file once to its end, keeping nothing of it.
 *
 * @param wanted its encoding; found out where it is left out: valid UTF-8 is UTF-8, else GBK
 * @throws CommandFailure where it cannot be read, or is not text
 */
export async function inspectInput(path: string, wanted?: Encoding): Promise<InputFile> {
  const hash = createHash('sha256')
  const possible = new Map(
    encodings
      .filter((encoding) => wanted === undefined || encoding === wanted)
      .map((encoding) => [encoding, new TextDecoder(encoding, { fatal: true })]),
  )
  let start: Buffer | undefined
  for await (const bytes of bytesOf(path)) {
    start ??= bytes.subarray(0, SIGNATURE_BYTES)
    refuseOtherFormats(start, bytes)
    hash.update(bytes)
    strikeOut(possible, bytes)
  }
  if (start === undefined) throw badInput('The file is empty.')
  strikeOut(possible)
  const [encoding] = possible.keys()
  if (!encoding) throw badInput(`The file is not text in ${wanted ?? 'UTF-8 or GBK'}.`)
  const fromSpreadsheet = encoding === 'gb18030' || start.indexOf(UTF8_MARK) === 0
  return { path, digest: hash.digest('base64url'), encoding, fromSpreadsheet }
}

/** The text in pieces, a byte order mark left out. */
export async function* textOf({ path, encoding }: InputFile): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const bytes of bytesOf(path)) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

export function badInput(message: string): CommandFailure {
  return new CommandFailure(exitCodes.badInput, message)
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path)
  } catch (error) {
    const why = systemCode(error)
    throw new CommandFailure(exitCodes.noInput, `The input file cannot be read (${why}).`)
  }
}

function strikeOut(possible: Map<Encoding, TextDecoder>, bytes?: Buffer): void {
  for (const [encoding, decoder] of possible) {
    try {
      decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      possible.delete(encoding)
    }
  }
}

const SIGNATURE_BYTES = 4
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const ZIP = Buffer.from('PK\u0003\u0004')
const OLD_EXCEL = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])
const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])]

function refuseOtherFormats(start: Buffer, bytes: Buffer): void {
  const is = (signature: Buffer) => start.indexOf(signature) === 0
  if (is(ZIP) || is(OLD_EXCEL)) {
    throw badInput('The file is a workbook: save it as "CSV UTF-8" and give that.')
  }
  if (UTF16_MARKS.some(is)) throw badInput('The file is UTF-16 text: save it as "CSV UTF-8".')
  if (bytes.includes(0)) throw badInput('The file is not text: it holds zero bytes.')
}
