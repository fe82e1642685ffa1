import { pipeline } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import type { CardNumber } from '../../lib/verification/card-number.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'
import type { Elements } from './command-line.ts'
import { badInput, type InputFile, textOf } from './input-file.ts'

/** What is asked about a person, each value in the one spelling that the API compares. */
export type Person = { name: string; cardNumber: string; idNumber?: string; reference?: string }

export type Row = {
  /** Line of the file; 1 is the header. Where a cell holds line breaks, the row's last line. */
  line: number
  cells: readonly string[]
  /** What a row is called by its own file, where that is fit to be repeated. */
  reference: string | undefined
} & (ValidRow | BadRow)

type ValidRow = { person: Person; last4: string; warnings: readonly string[]; errors?: never }
/** `errors` as `<field>:<code>`, the codes of `validation_failed` and two of the file's own. */
type BadRow = { errors: readonly string[]; person?: never }

export type CsvRows = {
  elements: Elements
  /** The header's cells, all of them. */
  header: readonly string[]
  rows: AsyncGenerator<Row>
}

const fields = ['name', 'idNumber', 'cardNumber', 'reference'] as const
type Field = (typeof fields)[number]

const headings: Readonly<Record<Field, readonly string[]>> = {
  name: ['name', '姓名'],
  idNumber: ['idnumber', '身份证号', '身份证号码'],
  cardNumber: ['cardnumber', '银行卡号', '卡号'],
  reference: ['reference', '参考号'],
}

// A person takes a few hundred; more is a quote that is not closed, or no list of people.
const LONGEST_ROW_CHARACTERS = 65_536

/**
 * Reads people from CSV, one at a time.
 *
 * @param wanted how many elements to ask about; by default all that the file has columns for
 * @throws CommandFailure where the file as a whole cannot be used; `rows` may throw it too
 */
export async function openRows(input: InputFile, wanted?: Elements): Promise<CsvRows> {
  const records = recordsOf(input)
  const { value: header } = await records.next()
  try {
    if (!header) throw badInput('The file is empty.')
    const columns = columnsOf(header.cells)
    const elements = wanted ?? (columns.has('idNumber') ? 3 : 2)
    requireColumns(columns, elements)
    return { elements, header: header.cells, rows: rowsOf(records, header, columns, elements) }
  } catch (error) {
    await records.return(undefined)
    throw error
  }
}

type CsvRecord = { line: number; cells: readonly string[] }

async function* recordsOf(input: InputFile): AsyncGenerator<CsvRecord, undefined> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    trim: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LONGEST_ROW_CHARACTERS,
  })
  // A failure of the text comes out of the parser, where it is awaited.
  pipeline(textOf(input), parser, () => undefined)
  try {
    for await (const { record, info } of parser) {
      const cells = (record as string[]).map((cell) => cell.trim())
      // Spreadsheets write a row of commas for one that was emptied.
      if (cells.some((cell) => cell !== '')) yield { line: info.lines, cells }
    }
  } catch (error) {
    throw csvFailure(error)
  }
}

/** Never the parser's own message: it repeats what it has read. */
function csvFailure(error: unknown): unknown {
  const { code, lines } = error as CsvError
  const sentence = csvSentences.get(code)
  return sentence === undefined ? error : badInput(`Line ${String(lines)}: ${sentence}`)
}

const brokenQuote = 'a quote (") stands where none may be, so the rows cannot be told apart.'
const csvSentences: ReadonlyMap<string, string> = new Map([
  ['INVALID_OPENING_QUOTE', brokenQuote],
  ['CSV_INVALID_CLOSING_QUOTE', brokenQuote],
  ['CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE', brokenQuote],
  ['CSV_QUOTE_NOT_CLOSED', 'a quote (") that is opened here or above is not closed.'],
  ['CSV_MAX_RECORD_SIZE', 'a row is longer than 64 KiB; perhaps a quote (") is not closed.'],
])

/** Where each field stands. The header is not repeated in a failure: it may be a person. */
function columnsOf(header: readonly string[]): ReadonlyMap<Field, number> {
  const bare = header.map((cell) => cell.toLowerCase().replaceAll(/[\s_-]/g, ''))
  const columns = new Map<Field, number>()
  for (const field of fields) {
    const places = bare.flatMap((cell, place) => (headings[field].includes(cell) ? place : []))
    if (places.length > 1) throw badInput(`The header names the column ${field} more than once.`)
    if (places[0] !== undefined) columns.set(field, places[0])
  }
  return columns
}

function requireColumns(columns: ReadonlyMap<Field, number>, elements: Elements): void {
  const needed: Field[] =
    elements === 3 ? ['name', 'idNumber', 'cardNumber'] : ['name', 'cardNumber']
  const missing = needed.filter((field) => !columns.has(field))
  if (missing.length === 0) return
  const named = missing.map((field) => [field, ...headings[field].slice(1)].join(' / '))
  throw badInput(
    missing.length === needed.length
      ? 'The first line is no header: it must name the columns, name,idNumber,cardNumber.'
      : `The header has no column ${named.join(', ')}.`,
  )
}

async function* rowsOf(
  records: AsyncGenerator<CsvRecord>,
  header: CsvRecord,
  columns: ReadonlyMap<Field, number>,
  elements: Elements,
): AsyncGenerator<Row> {
  for await (const { line, cells } of records) {
    const values = valuesOf(cells, columns)
    if (Object.values(values).some((value) => /[\r\n]/.test(value))) {
      throw badInput(`The row that ends on line ${line} runs over lines: is a quote (") missing?`)
    }
    const tooMany = cells.slice(header.cells.length).some((cell) => cell !== '')
    const row = checkedRow(values, elements, tooMany)
    yield { line, cells, ...row }
  }
}

function valuesOf(cells: readonly string[], columns: ReadonlyMap<Field, number>) {
  return Object.fromEntries(
    [...columns].flatMap(([field, place]) => (cells[place] ? [[field, cells[place]]] : [])),
  ) as Partial<Record<Field, string>>
}

/** By the API's own rules, and two for what happens to numbers on their way through a file. */
function checkedRow(
  { idNumber, ...values }: Partial<Record<Field, string>>,
  elements: Elements,
  tooManyCells: boolean,
) {
  const asked = elements === 3 && idNumber !== undefined ? { ...values, idNumber } : values
  const parsed = elements === 3 ? parseThreeElementRequest(asked) : parseTwoElementRequest(asked)
  const refused = 'errors' in parsed ? parsed.errors : []
  const errors = refused.map(({ pointer, code }) => {
    const field = pointer.slice(1) as Field
    const isRounded = isNumber(field) && SCIENTIFIC.test({ idNumber, ...values }[field] ?? '')
    return `${field}:${isRounded ? 'scientific_notation' : code}`
  })
  if (tooManyCells) errors.push('row:column_count')
  const isReferenceFit = !refused.some(({ pointer }) => pointer === '/reference')
  const reference = isReferenceFit ? values.reference : undefined
  if ('errors' in parsed || tooManyCells) return { reference, errors }

  const { person, warnings } = parsed.request
  return {
    reference,
    person: { ...person, ...(reference !== undefined && { reference }) },
    last4: lastFour(person.cardNumber),
    warnings: warnings.map(({ pointer, code }) => `${pointer.slice(1)}:${code}`),
  }
}

const isNumber = (field: Field) => field === 'idNumber' || field === 'cardNumber'

/** How a spreadsheet writes a number whose digits it has rounded away: 6.23E+15. */
const SCIENTIFIC = /^[+-]?\d+(?:\.\d*)?e[+-]?\d+$/i

const lastFour = (cardNumber: CardNumber): string => cardNumber.slice(-4)
