import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach } from 'vitest'
import { run } from '../../cli/src/run.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'

export const CLI = path.resolve(import.meta.dirname, '../../cli/bin/bankcard-verify.mjs')

export type Finished = {
  exitCode: number | null
  stdout: string
  stderr: string
}
type RunOptions = {
  env?: Record<string, string>
  input?: string | undefined
  cwd?: string
  cli?: string
  onStart?: (child: ChildProcess) => void
}

/** Runs the command in this process, which is quicker; without a terminal. */
export async function runHere(
  args: readonly string[],
  { env = {}, input = '' }: Pick<RunOptions, 'env' | 'input'> = {},
): Promise<Finished> {
  const [stdout, stderr] = [new Printed(), new Printed()]
  const stdin = Readable.from(input === '' ? [] : [input])
  const exitCode = await run(
    args,
    { stdin, stdout, stderr, env },
    () => new AbortController().signal,
  )
  return { exitCode, stdout: stdout.text, stderr: stderr.text }
}

/** Keeps what is printed; like a terminal, it is not ended by who writes to it. */
export class Printed extends Writable {
  text = ''

  override end(): this {
    return this
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** Runs the command as a process with nothing of this shell in its environment, and no terminal. */
export async function runCli(
  args: readonly string[],
  { env = {}, input = '', cwd, cli = CLI, onStart = () => undefined }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    cwd,
  })
  onStart(child)
  child.stdin.on('error', () => undefined).end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await ended, stdout, stderr }
}

/** A folder for each test of a file. */
export function temporaryFolder() {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bankcard-verify-cli-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const at = (file: string) => path.join(folder, file)
  return {
    at,
    async write(file: string, content: string | Uint8Array) {
      await writeFile(at(file), content)
      return at(file)
    },
    read: (file: string) => readFile(at(file), 'utf8'),
    /** The rows of a results file, which quotes nothing here, by the names of their columns. */
    async results(file = 'results.csv') {
      const text = (await readFile(at(file), 'utf8')).replace('\ufeff', '')
      if (text.includes('"')) throw new Error(`${file} needs a parser of CSV`)
      const [header = [], ...rows] = text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','))
      return rows.map((cells) =>
        Object.fromEntries(header.map((column, place) => [column, cells[place] ?? ''])),
      )
    },
  }
}

export const HEADER = 'name,idNumber,cardNumber,reference'

/** One line of a list for person `number`; nobody else has the same card or ID number. */
export function personLine(number: number, verdict?: 'match' | 'mismatch'): string {
  const { name, idNumber, cardNumber } = inventedPerson(number, verdict)
  return `${name},${idNumber},${cardNumber},row-${number}`
}

export function peopleCsv(count: number): string {
  const lines = Array.from({ length: count }, (_, number) =>
    personLine(number, number % 10 === 9 ? 'mismatch' : 'match'),
  )
  return `${[HEADER, ...lines].join('\n')}\n`
}
