import type { Readable, Writable } from 'node:stream'
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** docs/cli.md has the list; from 64 on they are those of BSD's sysexits.h. */
export const exitCodes = {
  done: 0,
  mismatch: 1,
  unverifiable: 2,
  problem: 3,
  wrongUse: 64,
  badInput: 65,
  noInput: 66,
  unexpected: 70,
  cannotCreate: 73,
  stopped: 75,
  interrupted: 130,
} as const

/** What a command sees of the process. */
export type Terminal = {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
  env: Readonly<Record<string, string | undefined>>
}

/** A failure that its message explains to whoever runs the command: never a value of a person. */
export class CommandFailure extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

export function wrongUse(message: string): CommandFailure {
  return new CommandFailure(exitCodes.wrongUse, message)
}

/** The code of a failed system call, such as `ENOENT`; its message would repeat a path. */
export function systemCode(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : 'an unknown failure'
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

/**
 * Reads a command's arguments. One that is not expected is never repeated: it may be a card number
 * that was typed in the wrong place.
 */
export function readArguments(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  mostPositionals: number,
): { values: OptionValues; positionals: string[] } {
  try {
    const read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    if (read.positionals.length > mostPositionals) throw new Error()
    return read as { values: OptionValues; positionals: string[] }
  } catch {
    const known = Object.keys(options).map((name) => `--${name}`)
    throw wrongUse(
      `An argument is not one that this command takes (${known.join(', ')}), or misses its value.`,
    )
  }
}

export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** @returns the elements that `--elements` asks for; `undefined` where it is left out */
export function elementsOption(values: OptionValues): Elements | undefined {
  const text = textOption(values, 'elements')
  if (text === undefined) return undefined
  if (text === '2' || text === '3') return Number(text) as Elements
  throw wrongUse('--elements is 2 (name and card number) or 3 (the ID number too).')
}

/** How many elements of a person are compared: 3 with the ID number, 2 without. */
export type Elements = 2 | 3
