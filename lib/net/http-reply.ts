export type HttpReply = {
  status: number
  body: Buffer
  /** How long its connection may be kept for another request; 0 where it has to be closed. */
  keepMs: number
}

/** The reply; or how many bytes there must be before another look is worth it; or that it is none. */
export type ReadReply = { reply: HttpReply } | { atLeast: number } | 'malformed'

type Head = { minorVersion: string; status: number; headers: ReadonlyMap<string, string> }
type Body = { body: Buffer; end: number }

/** Before a server closes what is idle: it began to count earlier. */
const KEEP_MARGIN_MS = 1000

/**
 * Reads the reply to one POST from all that has come on its connection since.
 *
 * Source: RFC 9112, without what it lets a reader forgive: a length that is stated twice or in two
 * ways, a folded header, a bare line feed, a transfer coding other than `chunked`, a chunk with an
 * extension, trailers or bytes behind the reply make none.
 *
 * @param isEnd whether the server has ended the connection
 */
export function readReply(bytes: Buffer, isEnd: boolean): ReadReply {
  let start = 0
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start)
    if (end < 0) return { atLeast: bytes.length + 1 }
    const head = readHead(bytes.toString('latin1', start, end))
    if (!head || head.status === 101) return 'malformed'
    start = end + 4
    if (head.status < 200) {
      // It tells of the one to come: a body and an end are not its own.
      if (isLast(head) || isFramed(head)) return 'malformed'
      continue
    }

    const read = readBody(head, bytes, start, isEnd)
    if (read === 'malformed' || 'atLeast' in read) return read
    // Nobody has asked for what stands behind it.
    if (read.end < bytes.length) return 'malformed'
    return {
      reply: { status: head.status, body: read.body, keepMs: isEnd ? 0 : keepMsOf(head) },
    }
  }
}

const HEAD =
  /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?((?:\r\n[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*)*)$/
// The others are checked, and not taken apart: there are as many in each reply.
const READ_HEADER =
  /\r\n(content-length|transfer-encoding|connection|keep-alive):[\t ]*([^\r]*?) *(?=\r|$)/gi

function readHead(text: string): Head | undefined {
  const [, minorVersion, status, lines] = HEAD.exec(text) ?? []
  if (minorVersion === undefined || lines === undefined) return undefined
  const headers = new Map<string, string>()
  for (const [, name = '', value = ''] of lines.matchAll(READ_HEADER)) {
    const key = name.toLowerCase()
    const earlier = headers.get(key)
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return { minorVersion, status: Number(status), headers }
}

function readBody(
  { status, headers }: Head,
  bytes: Buffer,
  start: number,
  isEnd: boolean,
): Body | { atLeast: number } | 'malformed' {
  if (status === 204 || status === 304) return { body: bytes.subarray(0, 0), end: start }
  const length = headers.get('content-length')
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) {
    const isChunked = coding.toLowerCase() === 'chunked' && length === undefined
    return isChunked ? readChunks(bytes, start) : 'malformed'
  }
  if (length === undefined) {
    return isEnd
      ? { body: bytes.subarray(start), end: bytes.length }
      : { atLeast: bytes.length + 1 }
  }
  if (!/^\d{1,9}$/.test(length)) return 'malformed'
  const end = start + Number(length)
  return end <= bytes.length ? { body: bytes.subarray(start, end), end } : { atLeast: end }
}

function readChunks(bytes: Buffer, start: number): Body | { atLeast: number } | 'malformed' {
  const parts: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return { atLeast: bytes.length + 1 }
    const digits = bytes.toString('latin1', at, lineEnd)
    if (!/^[\da-f]{1,7}$/i.test(digits)) return 'malformed'
    const from = lineEnd + 2
    const to = from + Number.parseInt(digits, 16)
    at = to + 2
    if (bytes.length < at) return { atLeast: at }
    if (bytes.toString('latin1', to, at) !== '\r\n') return 'malformed'
    if (to === from) return { body: Buffer.concat(parts), end: at }
    parts.push(bytes.subarray(from, to))
  }
}

function isLast({ minorVersion, headers }: Head): boolean {
  return minorVersion === '0' || /(?:^|,)\s*close\s*(?:,|$)/i.test(headers.get('connection') ?? '')
}

function isFramed({ headers }: Head): boolean {
  return headers.has('content-length') || headers.has('transfer-encoding')
}

function keepMsOf(head: Head): number {
  if (isLast(head) || !isFramed(head)) return 0
  const [, seconds] =
    /(?:^|[\s,])timeout=(\d{1,6})/i.exec(head.headers.get('keep-alive') ?? '') ?? []
  return seconds === undefined ? Infinity : Number(seconds) * 1000 - KEEP_MARGIN_MS
}
