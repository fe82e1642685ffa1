import { writeFile } from 'node:fs/promises'
import { readCalls, type CallRecord } from './call-record.ts'
import { CommandFailure, textOption, wrongUse } from './command-line.ts'
import type { Command } from './command.ts'
import { csvText, tableText } from './report.ts'
import { costLine } from './scan.ts'
import {
  checkedDay,
  daysOfMonth,
  endOfDay,
  shanghaiTime,
  startOfDay,
  today,
} from './shanghai-time.ts'

const LONG_AGO = '1970-01-01'

export const unknown: Command = {
  usage: 'unknown [--from YYYY-MM-DD] [--to YYYY-MM-DD]',
  does: 'lists calls that were sent and whose outcome nobody knows, all that are held by default',
  options: { from: { type: 'string' }, to: { type: 'string' } },
  positionals: 0,
  async run({ values, open }) {
    const from = checkedDay(textOption(values, 'from') ?? LONG_AGO, 'from')
    const to = checkedDay(textOption(values, 'to') ?? today(), 'to')
    const deployment = await open()
    const { calls, cost } = await readCalls(deployment, startOfDay(from), endOfDay(to))
    const lost = calls.filter(({ isUnknown }) => isUnknown)
    const rows = lost.map((call) => [
      shanghaiTime(call.askedAt),
      call.id,
      call.provider,
      call.providerReference ?? '-',
      call.outcome,
      call.caller,
    ])
    return {
      text:
        rows.length === 0
          ? `No outcome is unknown (${deployment.name}).`
          : tableText(['time', 'id', 'provider', 'provider reference', 'outcome', 'caller'], rows),
      data: { unknown: lost.map(dataOf), scan: cost },
      notes: [`${lost.length} of ${calls.length} calls are of unknown outcome.`, costLine(cost)],
    }
  },
}

const COLUMNS = ['time', 'id', 'provider', 'provider_reference', 'caller', 'outcome', 'billable']

export const exportCalls: Command = {
  usage: 'export --day YYYY-MM-DD | --month YYYY-MM [--out FILE]',
  does: "writes the calls of a Shanghai day or month as CSV, to hold against the provider's bill",
  options: { day: { type: 'string' }, month: { type: 'string' }, out: { type: 'string' } },
  positionals: 0,
  async run({ values, open }) {
    const { from, to } = spanOf(textOption(values, 'day'), textOption(values, 'month'))
    const deployment = await open()
    const { calls, cost } = await readCalls(deployment, startOfDay(from), endOfDay(to))
    const csv = csvText(COLUMNS, calls.map(csvRow))
    const notes = [billLine(calls), costLine(cost)]
    const out = textOption(values, 'out')
    const data = { from, to, calls: calls.map(dataOf), scan: cost }
    if (out === undefined) return { text: csv, data, notes }
    await writeNew(out, csv)
    return { text: `${calls.length} calls are written.`, data, notes }
  },
}

function spanOf(day: string | undefined, month: string | undefined) {
  if ((day === undefined) === (month === undefined)) {
    throw wrongUse('Say which calls: either --day 2026-11-22 or --month 2026-11.')
  }
  if (month !== undefined) return daysOfMonth(month)
  const from = checkedDay(day ?? '', 'day')
  return { from, to: from }
}

function csvRow(call: CallRecord): string[] {
  const { id, askedAt, provider, providerReference = '', caller, outcome, billable } = call
  return [shanghaiTime(askedAt), id, provider, providerReference, caller, outcome, billable]
}

function dataOf({ askedAt, isUnknown: _isUnknown, ...call }: CallRecord) {
  return { time: shanghaiTime(askedAt), ...call }
}

function billLine(calls: readonly CallRecord[]): string {
  const count = (billable: string) => calls.filter((call) => call.billable === billable).length
  const sums = ['yes', 'no', 'unknown'].map((billable) => `${billable} ${count(billable)}`)
  return `${calls.length} calls; billable: ${sums.join(', ')}.`
}

// For its owner's eyes, and never in place of an earlier export.
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`
    throw new CommandFailure(`The file of --out ${why}.`)
  }
}
