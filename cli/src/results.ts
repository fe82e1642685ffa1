import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { CommandFailure, exitCodes, systemCode } from './command-line.ts'
import type { CsvRows, Row } from './csv-rows.ts'
import { type Journal, syncDirectory } from './journal.ts'
import type { Outcome } from './outcome.ts'

const columns = [
  'line',
  'reference',
  'verdict',
  'reason',
  'code',
  'errors',
  'billable',
  'reused',
  'id',
  'verifiedAt',
  'provider',
  'bank',
  'last4',
  'warnings',
  'requestId',
] as const
type Result = Partial<Record<(typeof columns)[number], string>>

export type ResultsOptions = {
  /** Adds the input's own columns, and with them the persons. */
  keepColumns: boolean
  /** Marks the file as UTF-8 for a spreadsheet. */
  forSpreadsheet: boolean
}

/** Writes one line for every row, in the order of the input; an older file is replaced whole. */
export async function writeResults(
  file: string,
  { header, rows }: CsvRows,
  journal: Journal,
  { keepColumns, forSpreadsheet }: ResultsOptions,
): Promise<void> {
  const draft = `${file}.part`
  try {
    await pipeline(
      async function* () {
        yield keepColumns ? [...columns, ...header] : columns
        for await (const row of rows) {
          const result = await resultOf(row, journal)
          const cells = columns.map((column) => result[column] ?? '')
          yield keepColumns ? [...cells, ...row.cells] : cells
        }
      },
      // A spreadsheet would run what looks like a formula.
      stringify({ escape_formulas: true, bom: forSpreadsheet }),
      createWriteStream(draft, { mode: 0o600, flush: true }),
    )
    await rename(draft, file)
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(
      exitCodes.cannotCreate,
      `The results cannot be written (${systemCode(error)}). Nothing is lost: run it again.`,
    )
  }
  await syncDirectory(path.dirname(file))
}

async function resultOf(row: Row, journal: Journal): Promise<Result> {
  const named = { line: String(row.line), reference: row.reference ?? '' }
  if (!row.person) {
    const errors = row.errors.join(' ')
    return { ...named, code: 'validation_failed', errors, billable: 'no' }
  }
  const { last4 } = row
  const outcome = await journal.outcomeOf(row.line)
  if (outcome) return { ...named, last4, ...resultOfOutcome(outcome) }
  const isAsked = journal.openRow(row.line)?.asked !== undefined
  return isAsked
    ? { ...named, last4, code: 'not_answered', billable: 'unknown' }
    : { ...named, last4, code: 'not_asked', billable: 'no' }
}

function resultOfOutcome(outcome: Outcome): Result {
  if ('verdict' in outcome) {
    const { reused, warnings, ...texts } = outcome
    return { ...texts, reused: String(reused), warnings: warnings.join(' ') }
  }
  const { errors = [], ...texts } = outcome
  return { ...texts, errors: errors.join(' ') }
}
