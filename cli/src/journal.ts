import { createHmac, randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { CommandFailure, type Elements, exitCodes, systemCode } from './command-line.ts'
import type { Person } from './csv-rows.ts'
import { AppendOnlyFile, linesOf } from './append-only-file.ts'
import { lockFile } from './lock-file.ts'
import { isOutcome, type Outcome } from './outcome.ts'

/** What a batch must not change between its runs: its keys and its charges depend on it. */
export type BatchIdentity = {
  /** Digest of the input file. */
  input: string
  encoding: string
  elements: Elements
  api: string
}

/** How a row stands that has no outcome yet. */
export type OpenRow = {
  /** Counts up only after a refusal that certainly charged nothing. */
  round: number
  /** When its key first went out, epoch ms; and the key. Absent where none did. */
  asked?: { at: number; key: string }
}

type Header = { bankcardVerifyBatch: 1; secret: string } & BatchIdentity
type Entry =
  | { line: number; asked: string; at: number }
  | { line: number; reopened: number }
  | { line: number; outcome: Outcome }

const FRESH: OpenRow = { round: 0 }
const SECRET_BYTES = 32

/**
 * What a batch has asked and been answered, row by row, so that a run that was killed goes on
 * without a second charge. Holds no value of a person; each entry is on the disk before it counts.
 */
export class Journal {
  readonly #path: string
  readonly #file: AppendOnlyFile
  readonly #secret: Buffer
  readonly #unlock: () => Promise<void>
  readonly #open = new Map<number, OpenRow>()
  /** Where each row's outcome stands in the file; 0 where it has none. */
  #outcomes: Float64Array

  private constructor(
    path: string,
    file: AppendOnlyFile,
    secret: string,
    lastLine: number,
    unlock: () => Promise<void>,
  ) {
    this.#path = path
    this.#file = file
    this.#secret = Buffer.from(secret, 'base64url')
    this.#outcomes = new Float64Array(lastLine + 1)
    this.#unlock = unlock
  }

  /**
   * @param lastLine of the input
   * @param onOutcome called for each outcome that the journal holds already
   * @throws CommandFailure where the journal belongs to another batch, is damaged or in use
   */
  static async open(
    file: string,
    identity: BatchIdentity,
    lastLine: number,
    onOutcome: (outcome: Outcome, line: number) => void,
  ): Promise<Journal> {
    const unlock = await lockFile(`${file}.lock`)
    let handle: FileHandle | undefined
    try {
      handle = await openForAppending(file)
      const entries = linesOf(handle)
      const { value: first } = await entries.next()
      const header = first ? headerOf(first.text) : undefined
      if (header) refuseOthers(header, identity)
      const secret = header?.secret ?? randomBytes(SECRET_BYTES).toString('base64url')
      const journal = new Journal(file, new AppendOnlyFile(handle), secret, lastLine, unlock)
      let end = first?.end ?? 0
      if (header) {
        for await (const line of entries) {
          journal.#replay(line.text, line.start, onOutcome)
          end = line.end
        }
      }
      await journal.#file.continueAt(end)
      if (!header) {
        const begun: Header = { bankcardVerifyBatch: 1, secret, ...identity }
        await journal.#file.append(JSON.stringify(begun))
        await syncDirectory(path.dirname(file))
      }
      return journal
    } catch (error) {
      await handle?.close()
      await unlock()
      throw error
    }
  }

  /** The row as it stands; `undefined` where it has its outcome, or is none of this batch. */
  openRow(line: number): OpenRow | undefined {
    if (this.#outcomes[line] !== 0) return undefined
    return this.#open.get(line) ?? FRESH
  }

  /** The same for the same row in every run of this batch, and for no other. */
  keyOf(line: number, round: number, { name, idNumber, cardNumber, reference }: Person): string {
    const content = [line, round, name, idNumber ?? null, cardNumber, reference ?? null]
    return createHmac('sha256', this.#secret).update(JSON.stringify(content)).digest('base64url')
  }

  /** To be awaited before the request goes out. */
  async asked(line: number, key: string): Promise<void> {
    const at = Date.now()
    this.#noteAsked(line, key, at)
    await this.#append({ line, asked: key, at })
  }

  /**
   * Certainly not charged. A refusal that the service keeps under its key takes another key; one
   * that may be repeated as it is takes the same.
   */
  async reopened(line: number, under: 'the same key' | 'another key'): Promise<void> {
    const { round: before } = this.#open.get(line) ?? FRESH
    const round = under === 'another key' ? before + 1 : before
    this.#open.set(line, { round })
    await this.#append({ line, reopened: round })
  }

  async settled(line: number, outcome: Outcome): Promise<void> {
    this.#outcomes[line] = this.#file.size
    this.#open.delete(line)
    await this.#append({ line, outcome })
  }

  async outcomeOf(line: number): Promise<Outcome | undefined> {
    const start = this.#outcomes[line]
    if (!start) return undefined
    const entry = entryOf(await this.#file.lineAt(start))
    return entry && 'outcome' in entry ? entry.outcome : undefined
  }

  /** Takes away the journal of a finished batch, and with it the secret of its keys. */
  async remove(): Promise<void> {
    await rm(this.#path)
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#unlock()
  }

  #append(entry: Entry): Promise<void> {
    return this.#file.append(JSON.stringify(entry))
  }

  #replay(text: string, start: number, onOutcome: (outcome: Outcome, line: number) => void): void {
    const entry = entryOf(text)
    if (!entry || entry.line >= this.#outcomes.length) throw damaged()
    if ('asked' in entry) this.#noteAsked(entry.line, entry.asked, entry.at)
    else if ('reopened' in entry) this.#open.set(entry.line, { round: entry.reopened })
    else {
      this.#outcomes[entry.line] = start
      this.#open.delete(entry.line)
      onOutcome(entry.outcome, entry.line)
    }
  }

  // The first time counts: the service keeps a key for a day from then on.
  #noteAsked(line: number, key: string, at: number): void {
    const { round, asked } = this.#open.get(line) ?? FRESH
    this.#open.set(line, { round, asked: asked ?? { at, key } })
  }
}

async function openForAppending(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'a+', 0o600)
  } catch (error) {
    throw new CommandFailure(
      exitCodes.cannotCreate,
      `The journal cannot be opened beside the output (${systemCode(error)}).`,
    )
  }
}

function headerOf(text: string): Header {
  const header = parsed(text) as Partial<Header> | undefined
  if (header?.bankcardVerifyBatch === 1 && typeof header.secret === 'string')
    return header as Header
  throw damaged()
}

function entryOf(text: string): Entry | undefined {
  const entry = parsed(text) as Partial<Record<string, unknown>> | undefined
  if (!Number.isSafeInteger(entry?.['line'])) return undefined
  const isEntry =
    (typeof entry?.['asked'] === 'string' && typeof entry['at'] === 'number') ||
    Number.isSafeInteger(entry?.['reopened']) ||
    isOutcome(entry?.['outcome'])
  return isEntry ? (entry as Entry) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuseOthers(header: Header, identity: BatchIdentity): void {
  const other = (Object.keys(identity) as (keyof BatchIdentity)[]).find(
    (member) => header[member] !== identity[member],
  )
  if (!other) return
  throw new CommandFailure(
    exitCodes.wrongUse,
    `The journal beside the output belongs to a batch with ${otherWords[other]}. Continue it as it` +
      ' began, or name another output: that begins a new batch, which asks about every row again.',
  )
}

const otherWords: Readonly<Record<keyof BatchIdentity, string>> = {
  input: 'other rows: the input file has changed',
  encoding: 'another --encoding',
  elements: 'other --elements',
  api: 'another API address',
}

function damaged(): CommandFailure {
  return new CommandFailure(
    exitCodes.badInput,
    'The journal beside the output is damaged, so it cannot be told what was asked: nothing is sent.',
  )
}

/** So that a new file's name outlives a loss of power too, where the system can do that. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
