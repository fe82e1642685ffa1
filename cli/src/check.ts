import { randomUUID } from 'node:crypto'
import { type Failure, failureOf, type Verification } from './asking.ts'
import {
  elementsOption,
  exitCodes,
  readArguments,
  type Terminal,
  textOption,
} from './command-line.ts'
import { connect, connectionOptions } from './connection.ts'
import { personOptions, readPerson } from './person-input.ts'

const options = {
  ...personOptions,
  elements: { type: 'string' },
  'idempotency-key': { type: 'string' },
  json: { type: 'boolean' },
  ...connectionOptions,
} as const

const exitCodeOf = {
  match: exitCodes.done,
  mismatch: exitCodes.mismatch,
  unverifiable: exitCodes.unverifiable,
} as const satisfies Record<Verification['verdict'], number>

/** `check`: asks about one person. @returns the exit code */
export async function check(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = readArguments(args, options, 0)
  const connection = connect(values, terminal.env)
  const person = await readPerson(values, elementsOption(values), terminal)
  const idempotencyKey = textOption(values, 'idempotency-key') ?? randomUUID()
  try {
    const verification = await connection.ask(person, idempotencyKey)
    const { verdict } = verification
    terminal.stdout.write(
      values['json'] ? `${JSON.stringify(verification)}\n` : verdictText(verification),
    )
    return exitCodeOf[verdict]
  } catch (error) {
    const failure = failureOf(error)
    if (values['json']) {
      const { isFromService: _, isPaidCall: __, ...told } = failure
      terminal.stdout.write(`${JSON.stringify(told)}\n`)
    } else terminal.stderr.write(failureText(failure))
    return exitCodes.problem
  }
}

const elementNames = { name: 'name', idNumber: 'ID number', cardNumber: 'card number' } as const

const verdictSentences = {
  match: 'belong together',
  mismatch: 'do not belong together',
  unverifiable: 'could not be compared',
} as const satisfies Record<Verification['verdict'], string>

const reasonSentences: Readonly<Record<string, string>> = {
  abnormal: 'the provider reports an abnormal state of the card or the ID',
  no_record: 'the provider has no record',
  declined: 'the provider declined to decide',
}

const billableSentences = {
  yes: 'yes',
  no: 'no',
  unknown: 'perhaps',
} as const satisfies Record<Verification['billable'], string>

function verdictText(verification: Verification): string {
  const { verdict, reason, elements, billable, reused, card, warnings, id } = verification
  const names = elements.map((element) => elementNames[element])
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  const why = reason === undefined ? '' : `: ${reasonSentences[reason] ?? reason}`
  const facts: [string, string | undefined][] = [
    ['charged', reused ? 'no, an earlier answer was used' : billableSentences[billable]],
    ['bank', [card.bank, card.type?.replace('_', ' ')].filter(Boolean).join(', ')],
    ['warnings', warnings.map(({ pointer, code }) => `${pointer.slice(1)} ${code}`).join(', ')],
    ['reference', verification.reference],
    ['id', id],
  ]
  return `${verdict}: ${listed} ${verdictSentences[verdict]}${why}\n${listOf(facts)}`
}

function failureText(failure: Failure): string {
  const { code, title, detail, errors, billable, outcomeUnknown, retryable } = failure
  const facts: [string, string | undefined][] = [
    ['fields', errors.join(', ')],
    ['charged', billableSentences[billable]],
    ['again', againSentence(failure)],
    ['key', outcomeUnknown || retryable ? failure.idempotencyKey : undefined],
    ['request', failure.requestId],
  ]
  const told = [title, detail].filter((text) => text !== undefined).join('. ')
  return `problem: ${code}${told && `: ${told}`}\n${listOf(facts)}`
}

function againSentence({ retryable, outcomeUnknown, retryAfterSeconds }: Failure) {
  const wait = retryAfterSeconds === undefined ? '' : `, after ${retryAfterSeconds} s`
  if (outcomeUnknown) return `with --idempotency-key below it is not charged twice${wait}`
  return retryable ? `yes, with --idempotency-key below${wait}` : undefined
}

function listOf(facts: readonly [label: string, fact: string | undefined][]): string {
  return facts.map(([label, fact]) => (fact ? `  ${label.padEnd(LABEL)}  ${fact}\n` : '')).join('')
}

const LABEL = 'reference'.length
