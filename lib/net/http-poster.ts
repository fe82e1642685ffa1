import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { openConnection, openedAhead } from './connection.ts'
import { type HttpReply, readReply } from './http-reply.ts'

/** `lost` and `timed_out`: the request may have run. */
export type PostOutcome = HttpReply | 'lost' | 'timed_out'

export type HttpPoster = {
  /**
   * One POST to `/`, never sent again, on a connection of its own or one that was kept.
   *
   * @param timeoutMs for all of it, a new connection and the reply's body included
   * @throws TypeError for a header that cannot be sent; nothing has been then
   */
  post: (
    headers: Readonly<Record<string, string>>,
    body: string,
    timeoutMs: number,
  ) => Promise<PostOutcome>
  /** Closes every connection that is not in use. */
  dropIdle: () => void
  /**
   * Opens connections for the requests to come and sends nothing; it never fails. A request that takes
   * one before this is over has no more time to connect than it has.
   */
  connectAhead: (count: number) => Promise<void>
}

/** After that long without a request the process may have been frozen. */
const UNSEEN_MS = 1000
/** DynamoDB returns at most 1 MB of items, which JSON makes a few times longer. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024

/**
 * HTTP/1.1 for one origin, as little of it as the JSON services of AWS need, at a fraction of what
 * Node's own client costs: a verification writes to its table a dozen times (docs/decisions.md).
 */
export function httpPoster(origin: URL): HttpPoster {
  // The last one is used next, so that those for rare crowds become idle.
  const idle: Connection[] = []
  const open = (): Connection => new Connection(origin)
  let seenAt = Date.now()
  const takeIdle = async (): Promise<Connection | undefined> => {
    if (idle.length > 0 && Math.abs(Date.now() - seenAt) >= UNSEEN_MS) {
      // What servers have said or closed in the meantime: all of it is read when two turns are over.
      await turn()
      await turn()
    }
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (connection.isUsable()) return connection
      connection.close()
    }
    return undefined
  }

  return {
    async post(headers, body, timeoutMs) {
      let head = 'POST / HTTP/1.1\r\n'
      for (const [name, value] of Object.entries(headers)) {
        const line = `${name}: ${value}`
        // A line break would begin another header. The error does not repeat it: it may be a credential.
        if (/[^\x20-\x7e]/.test(line)) throw new TypeError('header')
        head += `${line}\r\n`
      }
      head += `content-length: ${Buffer.byteLength(body)}\r\n\r\n`
      const connection = (await takeIdle()) ?? open()
      const outcome = await connection.exchange(head + body, timeoutMs)
      if (connection.isUsable()) idle.push(connection)
      seenAt = Date.now()
      return outcome
    },
    dropIdle() {
      for (const connection of idle.splice(0)) connection.close()
    },
    async connectAhead(count) {
      const ahead = Array.from({ length: count }, open)
      idle.push(...ahead)
      await Promise.all(ahead.map((connection) => connection.stands()))
      seenAt = Date.now()
    },
  }
}

/** Carries one request at a time. */
class Connection {
  readonly #socket: Socket
  #usableUntil = Infinity
  #chunks: Buffer[] = []
  #length = 0
  #atLeast = 1
  // Fields, and no closure over both: V8 then keeps a chain of such closures from one request to the
  // next alive, and its young generation grows to a multiple.
  #settle: ((outcome: PostOutcome) => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(origin: URL) {
    const socket = openConnection(origin, (bytes) => this.#take(bytes))
    this.#socket = socket
    socket.on('end', () => this.#read(true))
    socket.on('close', () => this.#end('lost'))
  }

  isUsable(): boolean {
    return !this.#socket.destroyed && Date.now() < this.#usableUntil
  }

  stands(): Promise<void> {
    return openedAhead(this.#socket)
  }

  close(): void {
    this.#socket.destroy()
  }

  exchange(bytes: string, timeoutMs: number): Promise<PostOutcome> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#timer = setTimeout(() => this.#end('timed_out'), timeoutMs)
      this.#socket.ref()
      this.#socket.write(bytes)
    })
  }

  #take(bytes: Buffer): void {
    this.#chunks.push(bytes)
    this.#length += bytes.length
    // Unasked, it would be taken for the reply to what is sent next.
    if (!this.#settle || this.#length > MAX_REPLY_BYTES) this.#end('lost')
    else if (this.#length >= this.#atLeast) this.#read(false)
  }

  #read(isEnd: boolean): void {
    const [only] = this.#chunks
    const bytes = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks)
    const read = readReply(bytes, isEnd)
    if (read === 'malformed' || ('atLeast' in read && isEnd)) return this.#end('lost')
    if ('atLeast' in read) this.#atLeast = read.atLeast
    else this.#end(read.reply)
  }

  #end(outcome: PostOutcome): void {
    const settle = this.#settle
    this.#settle = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#chunks = []
    this.#length = 0
    this.#atLeast = 1
    const keepMs = typeof outcome === 'string' ? 0 : outcome.keepMs
    // A reply before all of the request is out leaves the rest of it on the way.
    if (keepMs > 0 && this.#socket.writableLength === 0) {
      this.#usableUntil = Date.now() + keepMs
      // What only waits for requests keeps no process alive.
      this.#socket.unref()
    } else this.#socket.destroy()
    settle?.(outcome)
  }
}
