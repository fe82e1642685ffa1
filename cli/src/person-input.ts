import { text } from 'node:stream/consumers'
import { input, password } from '@inquirer/prompts'
import { parseCardNumber } from '../../lib/verification/card-number.ts'
import type { Parsed } from '../../lib/verification/field.ts'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { parsePersonName } from '../../lib/verification/person-name.ts'
import {
  CommandFailure,
  type Elements,
  exitCodes,
  type OptionValues,
  type Terminal,
  textOption,
  wrongUse,
} from './command-line.ts'
import type { Person } from './csv-rows.ts'

export const personOptions = {
  name: { type: 'string' },
  id: { type: 'string' },
  card: { type: 'string' },
  reference: { type: 'string' },
  stdin: { type: 'boolean' },
} as const

const inShellHistory = { name: 'name', card: 'cardNumber', id: 'idNumber' } as const

/**
 * The person from standard input, from options, and from prompts for what these leave out.
 *
 * @throws CommandFailure where something is missing and nobody can be asked
 */
export async function readPerson(
  values: OptionValues,
  elements: Elements | undefined,
  terminal: Terminal,
): Promise<Person> {
  const given = values['stdin'] ? await readJson(values, terminal) : fromOptions(values, terminal)
  const complete = { ...given, ...(await askForMissing(given, elements, terminal)) }
  const { name, idNumber, cardNumber, reference } = complete
  return {
    name,
    cardNumber,
    ...(elements !== 2 && idNumber && { idNumber }),
    ...(reference !== undefined && { reference }),
  }
}

function fromOptions(values: OptionValues, { stderr }: Terminal): Partial<Person> {
  const given = Object.fromEntries(
    Object.entries({ ...inShellHistory, reference: 'reference' }).flatMap(([option, field]) => {
      const value = textOption(values, option)
      return value === undefined ? [] : [[field, value]]
    }),
  )
  const exposed = Object.keys(inShellHistory).filter((option) => values[option] !== undefined)
  if (exposed.length > 0) {
    const named = exposed.map((option) => `--${option}`).join(', ')
    stderr.write(
      `Warning: what follows ${named} is now in the shell history and the list of processes.` +
        ' Leave it out to be asked for it, or use --stdin.\n',
    )
  }
  return given
}

const personFields = ['name', 'idNumber', 'cardNumber', 'reference']

async function readJson(values: OptionValues, { stdin }: Terminal): Promise<Partial<Person>> {
  if (Object.keys(inShellHistory).some((option) => values[option] !== undefined)) {
    throw wrongUse('With --stdin, the person comes from standard input alone.')
  }
  if (stdin.isTTY) throw wrongUse('With --stdin, give the person as JSON on standard input.')
  let read: unknown
  try {
    read = JSON.parse(await text(stdin))
  } catch {
    read = undefined
  }
  const isPerson =
    typeof read === 'object' &&
    read !== null &&
    !Array.isArray(read) &&
    Object.entries(read).every(
      ([field, value]) => personFields.includes(field) && typeof value === 'string',
    )
  if (!isPerson) {
    throw new CommandFailure(
      exitCodes.badInput,
      `Standard input must be one JSON object with texts: ${personFields.join(', ')}.`,
    )
  }
  return { ...(read as Partial<Person>), ...referenceOf(values) }
}

function referenceOf(values: OptionValues) {
  const reference = textOption(values, 'reference')
  return reference === undefined ? {} : { reference }
}

async function askForMissing(
  given: Partial<Person>,
  elements: Elements | undefined,
  terminal: Terminal,
): Promise<Pick<Person, 'name' | 'cardNumber'> & Partial<Person>> {
  const { name, cardNumber, idNumber } = given
  const isIdNumberMissing = idNumber === undefined && elements === 3
  if (name !== undefined && cardNumber !== undefined && !isIdNumberMissing) {
    return { name, cardNumber }
  }
  if (!terminal.stdin.isTTY) {
    const missing = [
      ...(name === undefined ? ['--name'] : []),
      ...(cardNumber === undefined ? ['--card'] : []),
      ...(isIdNumberMissing ? ['--id'] : []),
    ]
    throw wrongUse(
      `Missing: ${missing.join(', ')}. There is no terminal to ask at; use --stdin with JSON.`,
    )
  }
  return promptFor(given, elements, terminal)
}

async function promptFor(
  given: Partial<Person>,
  elements: Elements | undefined,
  { stdin, stderr }: Terminal,
) {
  const context = { input: stdin, output: stderr, clearPromptOnDone: true }
  try {
    const name =
      given.name ??
      (await input({ message: 'Name', validate: readable(parsePersonName, NAME_RULE) }, context))
    const idNumber =
      given.idNumber ??
      (elements === 2
        ? undefined
        : await password(
            {
              message: elements === 3 ? 'ID number' : 'ID number (empty: compare two elements)',
              mask: true,
              validate: (value) =>
                (value === '' && elements !== 3) || readable(parseIdNumber, ID_RULE)(value),
            },
            context,
          ))
    const cardNumber =
      given.cardNumber ??
      (await password(
        { message: 'Card number', mask: true, validate: readable(parseCardNumber, CARD_RULE) },
        context,
      ))
    return { name, cardNumber, ...(idNumber && { idNumber }) }
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error
    throw new CommandFailure(exitCodes.interrupted, 'Nothing was sent.')
  }
}

const NAME_RULE = 'Not a name: 2 to 25 Chinese characters, or up to 50 Latin letters.'
const ID_RULE = 'Not an ID number: 18 characters, the last of which checks the others.'
const CARD_RULE = 'Not a card number: 12 to 19 digits.'

const readable =
  (parse: (text: string) => Parsed<string>, rule: string) =>
  (text: string): true | string =>
    'value' in parse(text) || rule
