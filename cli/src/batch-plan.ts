import { createHmac, randomBytes } from 'node:crypto'
import type { Elements } from './command-line.ts'
import { openRows, type Person } from './csv-rows.ts'
import type { InputFile } from './input-file.ts'
import { type Parts, yuan, yuanNumber } from './money.ts'
import { block, counted, countUp, linesOf, plural } from './report.ts'

/** What a batch would do, found out without asking anybody. */
export type BatchPlan = {
  elements: Elements
  rows: number
  valid: number
  lastLine: number
  /** How often each `<field>:<code>` is the reason, or a reason, why a row is bad. */
  errors: Map<string, number>
  warnings: Map<string, number>
  /** Rows that ask what an earlier row asks: the first of them by line, and how many. */
  repeats: { line: number; of: number }[]
  repeated: number
}

const MOST_REPEATS_SHOWN = 20

export async function planBatch(input: InputFile, wanted?: Elements): Promise<BatchPlan> {
  const { elements, rows } = await openRows(input, wanted)
  const plan: BatchPlan = {
    elements,
    rows: 0,
    valid: 0,
    lastLine: 0,
    errors: new Map(),
    warnings: new Map(),
    repeats: [],
    repeated: 0,
  }
  const firstLineOf = new Map<string, number>()
  const printOf = personPrints()
  for await (const row of rows) {
    plan.rows++
    plan.lastLine = row.line
    if (!row.person) {
      for (const error of new Set(row.errors)) countUp(plan.errors, error)
      continue
    }
    plan.valid++
    for (const warning of row.warnings) countUp(plan.warnings, warning)
    const print = printOf(row.person)
    const of = firstLineOf.get(print)
    if (of === undefined) firstLineOf.set(print, row.line)
    else {
      plan.repeated++
      if (plan.repeats.length < MOST_REPEATS_SHOWN) plan.repeats.push({ line: row.line, of })
    }
  }
  return plan
}

/** Short and unlike each other for different persons; of no use outside this process. */
function personPrints(): (person: Person) => string {
  const secret = randomBytes(32)
  return ({ name, idNumber, cardNumber }) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([name, idNumber ?? null, cardNumber]))
      .digest('base64url')
      .slice(0, 16)
}

export function planText(plan: BatchPlan, price: Parts): string {
  const { rows, valid, elements, errors, warnings, repeats, repeated } = plan
  return [
    `${plural(rows, 'row')}, ${elements} elements each. Nothing was sent.`,
    block([
      ['valid', counted(valid)],
      ['bad', counted(rows - valid)],
      ...[...errors].map(([error, count]) => [`  ${error}`, counted(count)] as const),
      ...[...warnings].map(([warning, count]) => [`warning ${warning}`, counted(count)] as const),
    ]),
    ...(repeated > 0
      ? [
          `${plural(repeated, 'row')} asked before in this file: lines ${linesOf(
            repeats.map(({ line, of }) => `${line} (as ${of})`),
            repeated,
          )}. A repeated question is free within 24 hours of a match or mismatch, else charged again.`,
        ]
      : []),
    `It costs at most ${yuan(valid * price)}, at ${yuan(price)} a call.`,
    '',
  ].join('\n')
}

export function planData(plan: BatchPlan, price: Parts) {
  const { rows, valid, elements, errors, warnings, repeated, repeats } = plan
  return {
    rows,
    valid,
    bad: rows - valid,
    elements,
    errors: Object.fromEntries(errors),
    warnings: Object.fromEntries(warnings),
    repeated,
    repeats,
    price: yuanNumber(price),
    yuanAtMost: yuanNumber(valid * price),
  }
}
