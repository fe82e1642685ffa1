import { pepperReader } from '../../lib/config/peppers.ts'
import type { Item, Key, Write } from '../../lib/ledger/dynamo-table.ts'
import { fingerprint, keyId } from '../../lib/ledger/fingerprint.ts'
import { parseCardNumber } from '../../lib/verification/card-number.ts'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { shanghaiDay } from '../../lib/verification/shanghai-day.ts'
import { isRunning } from './call-record.ts'
import { exitCodes, wrongUse } from './command-line.ts'
import type { Command } from './command.ts'
import type { Deployment } from './deployment.ts'
import { tableText } from './report.ts'
import { costLine, scanTable } from './scan.ts'

const DAY_MS = 86_400_000
/** A day's counters are kept for 48 hours past it, and DynamoDB may delete them later. */
const COUNTED_DAYS = 5
/** Until then a call that was asked before midnight may still count for the day before. */
const LAST_CALL_MS = 60_000
const AT_ONCE = 10

const kinds = {
  person: 'questions and reusable verdicts',
  key: 'idempotency keys and their replies',
  verification: 'records of calls',
  card: 'counters of the card, of earlier days',
  id: 'counters of the ID number, of earlier days',
}
type Kind = keyof typeof kinds
type Held = {
  kind: Kind
  key: Key
  item: Item
  isRunning: boolean
  deletable: Pick<Write, 'condition' | 'values'>
}

export const deletePerson: Command = {
  usage: 'delete-person [--yes] < person.json',
  does: 'removes what is held about {"cardNumber":"…","idNumber":"…"}; only counts without --yes',
  options: { yes: { type: 'boolean' } },
  positionals: 0,
  async run({ values, open, readInput }) {
    const person = personOf(await readInput())
    const deployment = await open()
    const { held, guards, unreadable, cost } = await findHeld(deployment, person)
    const really = values['yes'] === true
    const deleted = really ? await remove(deployment, held) : []
    const left = really ? held.filter((one) => !deleted.includes(one)) : []
    const running = left.filter(({ isRunning }) => isRunning).length
    const unknown = held.filter(({ item }) => isUnknown(item)).length

    const rows = Object.entries(kinds).map(([kind, what]) => {
      const count = (some: readonly Held[]) => String(some.filter((h) => h.kind === kind).length)
      return [what, count(held), really ? count(deleted) : '-', really ? count(left) : '-']
    })
    return {
      text: tableText(['what', 'held', 'deleted', 'kept'], rows),
      data: {
        dryRun: !really,
        held: countsOf(held),
        deleted: countsOf(deleted),
        kept: countsOf(left),
        stillRunning: running,
        underOlderPeppers: unreadable,
        ofUnknownOutcome: unknown,
        guardsKept: guards,
      },
      notes: [
        `${guards} counter(s) of today stay: they keep the card from being locked, and expire.`,
        ...(unknown > 0 ? [`${unknown} of these are of unknown outcome, and may be charged.`] : []),
        ...(left.length > running
          ? ['What is kept holds no value of the person; it stops a second charge, for 24 hours.']
          : []),
        ...(running > 0 ? ['A call is under way: run this again in a minute.'] : []),
        ...(unreadable > 0
          ? [
              `${unreadable} item(s) of the table are of a pepper that is gone: whose, nobody can tell.`,
            ]
          : []),
        ...(really ? [] : ['Nothing was deleted: add --yes to delete.']),
        costLine(cost),
      ],
      exitCode: running > 0 || unreadable > 0 ? exitCodes.incomplete : 0,
    }
  },
}

type Person = { cardNumber: string; idNumber: string | undefined }

/** Nothing of what was read is ever repeated. */
function personOf(input: string | undefined): Person {
  const form = '{"cardNumber":"…","idNumber":"…"} in JSON'
  if (input === undefined) throw wrongUse(`Give the person on standard input: ${form}.`)
  let fields: Record<string, unknown>
  try {
    fields = { ...JSON.parse(input) }
  } catch {
    throw wrongUse(`Standard input must be ${form}.`)
  }
  const { cardNumber, idNumber, name: _, ...others } = fields
  if (Object.keys(others).length > 0)
    throw wrongUse(`Standard input has other members than ${form}.`)
  const card = parseCardNumber(typeof cardNumber === 'string' ? cardNumber : '')
  if ('failure' in card) throw wrongUse('cardNumber is missing or is no card number.')
  if (idNumber === undefined) return { cardNumber: card.value, idNumber }
  const id = parseIdNumber(typeof idNumber === 'string' ? idNumber : '')
  if ('failure' in id) throw wrongUse('idNumber is no ID number.')
  return { cardNumber: card.value, idNumber: id.value }
}

async function findHeld(deployment: Deployment, { cardNumber, idNumber }: Person) {
  // However long ago the pepper was rotated: a record outlives the time of a rotation.
  const peppers = (await pepperReader(deployment.fingerprintSecretId, 0, Infinity).current()).value
  const subjects = peppers.map(
    (pepper, place) => [`:subject${place}`, fingerprint(pepper, 'subject', cardNumber)] as const,
  )
  const keyIds = peppers.map((pepper, place) => [`:keyId${place}`, keyId(pepper)] as const)
  const names = (values: readonly (readonly [string, string])[]) =>
    values.map(([name]) => name).join(', ')
  const { items, cost } = await scanTable(deployment, {
    filter: `subject IN (${names(subjects)}) OR (attribute_exists(subject) AND NOT keyId IN (${names(keyIds)}))`,
    values: Object.fromEntries([...subjects, ...keyIds]),
  })
  const now = Date.now()
  const known = new Set(subjects.map(([, subject]) => subject))
  const bySubject = items
    .filter(({ subject }) => known.has(String(subject)))
    .map((item) => heldOf(item, now))
  const unreadable = items.length - bySubject.length

  const days = Array.from({ length: COUNTED_DAYS }, (_, ago) => shanghaiDay(now - ago * DAY_MS))
  const keys = days.flatMap((day) =>
    peppers.flatMap((pepper) => [
      { day, pk: `card#${fingerprint(pepper, 'card-day', cardNumber, day)}` },
      ...(idNumber === undefined
        ? []
        : [{ day, pk: `id#${fingerprint(pepper, 'id-day', idNumber, day)}` }]),
    ]),
  )
  const counters = await Promise.all(
    keys.map(async ({ day, pk }) => ({ day, item: await deployment.table.get({ pk, sk: '-' }) })),
  )
  const earlier: Held[] = []
  let guards = 0
  for (const { day, item } of counters) {
    if (item && day < shanghaiDay(now - LAST_CALL_MS)) earlier.push(heldOf(item, now))
    else if (item) guards += 1
  }
  return { held: [...bySubject, ...earlier], guards, unreadable, cost }
}

function heldOf(item: Item, now: number): Held {
  const key = { pk: String(item['pk']), sk: String(item['sk']) }
  const kind = key.pk.slice(0, key.pk.indexOf('#')) as Kind
  const holding = item['phase'] === 'reserved' || item['phase'] === 'sent'
  return {
    kind,
    key,
    item,
    isRunning:
      (kind === 'verification' && isRunning(item, now)) ||
      (holding && Number(item['leaseUntil']) >= now),
    deletable: deletable(kind, item, now),
  }
}

/**
 * What a running call holds is left to it, and so is an idempotency key or an unknown outcome of the
 * last 24 hours: without them the same question would be paid again.
 */
function deletable(kind: Kind, item: Item, now: number): Held['deletable'] {
  if (kind === 'card' || kind === 'id') return {}
  if (kind === 'verification') {
    return isRunning(item, now)
      ? { condition: 'attribute_exists(answer) OR attribute_exists(problem)' }
      : {}
  }
  if (kind === 'key') {
    return { condition: 'expiresAt < :now', values: { ':now': Math.floor(now / 1000) } }
  }
  return {
    condition:
      '(attribute_not_exists(phase) OR leaseUntil < :now)' +
      ' AND (attribute_not_exists(unsettled) OR sentAt < :dayAgo)',
    values: { ':now': now, ':dayAgo': now - DAY_MS },
  }
}

function isUnknown({ pk, answer, problem }: Item): boolean {
  return String(pk).startsWith('verification#') && answer === undefined && problem === undefined
}

async function remove({ table }: Deployment, held: readonly Held[]): Promise<Held[]> {
  const deleted: Held[] = []
  const queue = held.values()
  const lane = async () => {
    for (const one of queue) if (await table.remove(one.key, one.deletable)) deleted.push(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return deleted
}

function countsOf(held: readonly Held[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(kinds).map((kind) => [kind, held.filter((one) => one.kind === kind).length]),
  )
}
