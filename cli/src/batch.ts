import { stat } from 'node:fs/promises'
import { askRows } from './ask-rows.ts'
import { type BatchPlan, planBatch, planData, planText } from './batch-plan.ts'
import {
  CommandFailure,
  type Elements,
  elementsOption,
  exitCodes,
  type OptionValues,
  readArguments,
  type Terminal,
  textOption,
  wrongUse,
} from './command-line.ts'
import { connect, type Connection, connectionOptions } from './connection.ts'
import { openRows } from './csv-rows.ts'
import { badInput, encodingNamed, type InputFile, inspectInput } from './input-file.ts'
import { Journal } from './journal.ts'
import { type Parts, priceOption, yuan } from './money.ts'
import { startProgress } from './progress.ts'
import { counted, plural } from './report.ts'
import { writeResults } from './results.ts'
import { type Summary, summaryData, summaryText } from './summary.ts'
import { Tally } from './tally.ts'

const options = {
  output: { type: 'string', short: 'o' },
  'dry-run': { type: 'boolean' },
  elements: { type: 'string' },
  encoding: { type: 'string' },
  concurrency: { type: 'string' },
  price: { type: 'string' },
  'keep-columns': { type: 'boolean' },
  json: { type: 'boolean' },
  ...connectionOptions,
} as const

/** Few enough for any provider's rate, and for the service's own limits. */
const USUAL_CONCURRENCY = 4
const MOST_CONCURRENCY = 64
/** Longer than an attempt of a function that died holds its place (32 s). */
const PATIENCE_MS = 120_000

/**
 * `batch people.csv -o results.csv`: asks about every row of a file and writes what came of it.
 *
 * @param interrupted aborted by Ctrl-C: what is under way is still finished
 * @returns the exit code
 */
export async function batch(
  args: readonly string[],
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<number> {
  const { values, positionals } = readArguments(args, options, 1)
  const settings = settingsOf(values, positionals[0])
  const print = (text: string, data: object) =>
    terminal.stdout.write(values['json'] ? `${JSON.stringify(data)}\n` : text)
  if (values['dry-run']) {
    const { price } = settings
    const plan = await checkedPlan(settings, await settings.inspect())
    print(planText(plan, price), planData(plan, price))
    return plan.valid === plan.rows ? exitCodes.done : exitCodes.problem
  }

  const output = textOption(values, 'output')
  if (output === undefined) throw wrongUse('Name the file for the results: -o results.csv.')
  // The client repeats nothing by itself: all rows wait together, and can be seen to.
  const connection = connect(values, terminal.env, 0)
  const summary = await askAll({ ...settings, output }, connection, terminal, interrupted)
  print(summaryText(summary), summaryData(summary))
  const { tally, valid, bad } = summary
  if (tally.outcomes < valid) {
    return interrupted.aborted ? exitCodes.interrupted : exitCodes.stopped
  }
  return bad === 0 && tally.problems.size === 0 ? exitCodes.done : exitCodes.problem
}

type Settings = {
  wanted: Elements | undefined
  price: Parts
  concurrency: number
  keepColumns: boolean
  /** Reads the input as it is now. */
  inspect: () => Promise<InputFile>
}

function settingsOf(values: OptionValues, file: string | undefined): Settings {
  if (file === undefined) throw wrongUse('Name the file: bankcard-verify batch people.csv -o ….')
  const named = textOption(values, 'encoding')
  const encoding = named === undefined ? undefined : encodingNamed(named)
  return {
    wanted: elementsOption(values),
    price: priceOption(values),
    concurrency: concurrencyOf(textOption(values, 'concurrency')),
    keepColumns: values['keep-columns'] === true,
    inspect: () => inspectInput(file, encoding),
  }
}

async function checkedPlan({ wanted }: Settings, input: InputFile): Promise<BatchPlan> {
  const plan = await planBatch(input, wanted)
  if (plan.rows === 0) throw badInput('The file has a header and no rows.')
  return plan
}

/** From the file to the results, through the journal that survives whatever comes between. */
async function askAll(
  settings: Settings & { output: string },
  { api, ask }: Connection,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<Summary> {
  const { output, wanted, price, concurrency, keepColumns, inspect } = settings
  const input = await inspect()
  const { rows, valid, lastLine, elements } = await checkedPlan(settings, input)
  const journalFile = `${output}.journal`
  await refuseToOverwrite(output, journalFile)
  const tally = new Tally()
  const identity = { input: input.digest, encoding: input.encoding, elements, api }
  const journal = await Journal.open(journalFile, identity, lastLine, (outcome, line) =>
    tally.add(outcome, line),
  )
  try {
    terminal.stderr.write(beginning(tally.outcomes, valid, price))
    const startedAt = Date.now()
    const progress = startProgress(terminal, valid, tally, price)
    interrupted.addEventListener('abort', () =>
      progress.note('finishing what is under way; Ctrl-C again ends it at once'),
    )
    const stop = await askRows((await openRows(input, wanted)).rows, {
      ask,
      journal,
      concurrency,
      patienceMs: PATIENCE_MS,
      interrupted,
      onOutcome(outcome, line) {
        tally.add(outcome, line)
        progress.update()
      },
      onPause: (code, seconds) => progress.note(`${code}: waiting ${seconds} s`),
    }).finally(() => progress.stop())
    const ms = Date.now() - startedAt

    if ((await inspect()).digest !== input.digest) throw changedMeanwhile()
    const forSpreadsheet = input.fromSpreadsheet
    const csv = await openRows(input, wanted)
    await writeResults(output, csv, journal, { keepColumns, forSpreadsheet })
    if (tally.outcomes === valid) await journal.remove()
    const isInterrupted = interrupted.aborted
    return { tally, price, valid, bad: rows - valid, ms, output, isInterrupted, stop }
  } finally {
    await journal.close()
  }
}

function beginning(before: number, valid: number, price: Parts): string {
  const open = valid - before
  const most = yuan(open * price)
  return [
    ...(before > 0
      ? [`Continuing: ${plural(before, 'row')} of ${counted(valid)} have their outcome.\n`]
      : []),
    `Asking about ${plural(open, 'row')}, for at most ${most} at ${yuan(price)} each.\n`,
  ].join('')
}

function changedMeanwhile(): CommandFailure {
  return badInput('The input file was changed while it was read. Put it back and run this again.')
}

function concurrencyOf(text: string | undefined): number {
  const number = text === undefined ? USUAL_CONCURRENCY : Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= MOST_CONCURRENCY) return number
  throw wrongUse(`--concurrency is a whole number from 1 to ${MOST_CONCURRENCY}.`)
}

/** Results without a journal are those of a finished batch, or of something else. */
async function refuseToOverwrite(output: string, journalFile: string): Promise<void> {
  const [found, journal] = await Promise.all(
    [output, journalFile].map((file) => stat(file).catch(() => undefined)),
  )
  if (!found || (journal && found.isFile())) return
  throw new CommandFailure(
    exitCodes.cannotCreate,
    'The output exists already, and no batch that could be continued. Name another, or remove it:' +
      ' a new batch asks about every row again.',
  )
}
