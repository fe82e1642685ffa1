import type { FileHandle } from 'node:fs/promises'
import { CommandFailure, exitCodes, systemCode } from './command-line.ts'

const NEWLINE = 0x0a
const READ_BYTES = 65_536
/** An entry of a journal is shorter. */
const LONGEST_LINE_BYTES = 8192

type Line = { text: string; start: number; end: number }

/** Lines that end as they should; what a killed process has left behind them is no line. */
export async function* linesOf(handle: FileHandle): AsyncGenerator<Line, undefined> {
  const buffer = Buffer.alloc(READ_BYTES)
  let pending = Buffer.alloc(0)
  let start = 0
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    pending = Buffer.concat([pending, buffer.subarray(0, bytesRead)])
    let from = 0
    for (let at = pending.indexOf(NEWLINE); at >= 0; at = pending.indexOf(NEWLINE, from)) {
      const end = start + at - from + 1
      yield { text: pending.toString('utf8', from, at), start, end }
      start = end
      from = at + 1
    }
    pending = pending.subarray(from)
  }
}

/** Appends lines and tells when each is on the disk; those that wait are written together. */
export class AppendOnlyFile {
  readonly #handle: FileHandle
  #size = 0
  #waiting = ''
  #written: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** In bytes, what is still to be written included: where the next line will start. */
  get size(): number {
    return this.#size
  }

  /** Cuts off all that follows. */
  async continueAt(size: number): Promise<void> {
    await this.#handle.truncate(size)
    this.#size = size
  }

  /** @throws CommandFailure where it cannot be written; then nothing more can */
  append(line: string): Promise<void> {
    this.#waiting += `${line}\n`
    this.#size += Buffer.byteLength(line) + 1
    if (!this.#next) {
      this.#next = this.#written.then(() => this.#write())
      this.#written = this.#next
      // Whoever has appended is told; the chain of writes itself is nobody's.
      this.#next.catch(() => undefined)
    }
    return this.#next
  }

  /** The line that starts there, without its end. */
  async lineAt(start: number): Promise<string> {
    await this.#written
    const buffer = Buffer.alloc(LONGEST_LINE_BYTES)
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, start)
    return buffer.toString('utf8', 0, buffer.subarray(0, bytesRead).indexOf(NEWLINE))
  }

  async close(): Promise<void> {
    await this.#written.catch(() => undefined)
    await this.#handle.close()
  }

  async #write(): Promise<void> {
    const lines = this.#waiting
    this.#waiting = ''
    this.#next = undefined
    try {
      await this.#handle.appendFile(lines)
      await this.#handle.datasync()
    } catch (error) {
      throw new CommandFailure(
        exitCodes.cannotCreate,
        `The journal cannot be written (${systemCode(error)}): nothing more is sent.`,
      )
    }
  }
}
