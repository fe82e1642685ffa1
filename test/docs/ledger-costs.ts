import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { AppError } from '../../lib/errors/app-error.ts'
import { findAnswer, listAnswers } from '../../lib/ledger/verification-record.ts'
import type { Key, Table } from '../../lib/ledger/dynamo-table.ts'
import { readUsage } from '../../lib/ledger/usage.ts'
import { verificationLedger } from '../../lib/ledger/verification-ledger.ts'
import { databao } from '../../lib/providers/databao/databao-client.ts'
import type { AskProvider, ProviderAnswer } from '../../lib/verification/verdict.ts'
import {
  parseThreeElementRequest,
  type ThreeElementPerson,
} from '../../lib/verification/verification-request.ts'
import { tableAt } from '../ledger/table-at.ts'
import { ID_NUMBER, NAME } from '../providers/asking.ts'
import { scenarioCard } from '../simulators/scenarios.ts'
import { startDynamoDbSimulator } from '../simulators/dynamodb-simulator.ts'

/** One path of a request: how often it waits for the table, and what it reads and writes there. */
type PathCost = {
  path: string
  /** Round trips in a row, before the provider is asked (or in all, where it is not) and after. */
  before: number
  after: number
  writes: number
  indexWrites: number
  reads: number
}
type ItemSize = { item: string; attributes: string[]; bytes: number }

// A role's name of 64 characters and a reference of 64 are the longest that IAM and we allow.
const CALLER = `iam:arn:aws:iam::111122223333:role/${'r'.repeat(64)}`
const REFERENCE = 'r'.repeat(64)
const PEPPERS = ['a'.repeat(32), 'b'.repeat(32)]

const answers = {
  match: { verdict: 'match', billable: 'yes', providerReference: '4XU29Z4D1704061618' },
  mismatch: { verdict: 'mismatch', billable: 'yes', providerReference: '4XU29Z4D1704061618' },
  unverifiable: { verdict: 'unverifiable', reason: 'abnormal', billable: 'unknown' },
} as const satisfies Record<string, ProviderAnswer>

/** Drives the ledger along every path that a request can take, and counts. */
export async function measureLedger() {
  const server = await startDynamoDbSimulator()
  const { table, count } = counting(tableAt(server.url, server.tableName))
  const limits = {
    cardCalls: 4,
    cardMismatches: 3,
    idCalls: 100,
    providerCalls: 100,
    callerCalls: 100,
  }
  const costs: PathCost[] = []
  let card = 0

  const verify = async (
    path: string,
    options: {
      card?: number
      key?: string
      peppers?: number
      anew?: boolean
      outcome?: keyof typeof answers | AppError
      name?: string
    },
  ) => {
    const { key, peppers = 1, anew = false, outcome = 'match', name = NAME } = options
    card = options.card ?? card + 1
    const parsed = parseThreeElementRequest({
      name,
      idNumber: ID_NUMBER,
      cardNumber: scenarioCard(card, 19),
      reference: REFERENCE,
    })
    if (!('request' in parsed)) throw new Error('not a request')
    const ask: AskProvider<ThreeElementPerson> = async () => {
      count.asked()
      if (outcome instanceof AppError) throw outcome
      return answers[outcome]
    }
    const verifyOnce = verificationLedger({
      table,
      peppers: async () => PEPPERS.slice(0, peppers),
      limits,
      reuseSeconds: 86_400,
      pauseSeconds: 0,
      recordDays: 180,
    })
    count.start()
    await verifyOnce(
      {
        operation: databao,
        request: parsed.request,
        caller: CALLER,
        idempotencyKey: key,
        anew,
        remainingMs: () => 20_000,
        replyOf: () => '{}',
      },
      ask,
    ).catch(() => undefined)
    costs.push({ path, ...count.end() })
  }

  try {
    await verify('match', {})
    await verify('reused verdict', { card })
    await verify('match, with a key', { key: 'k1' })
    await verify('replay', { card, key: 'k1' })
    await verify('reused verdict, with a key', { card, key: 'k2' })
    await verify('mismatch', { outcome: 'mismatch' })
    await verify('unverifiable', { outcome: 'unverifiable' })
    await verify('timeout', {
      outcome: new AppError('provider_timeout', { billable: 'unknown' }, 'unknown'),
    })
    await verify('outcome unknown', { card })
    await verify('connection never made', { outcome: new AppError('provider_unavailable') })
    await verify('card locked by the provider', {
      outcome: new AppError('card_locked', {}, 'answered'),
    })
    await verify('refused by the guard', { card, name: '李四' })
    await verify('match, with a key, in a rotation', { key: 'k3', peppers: 2 })

    const items = await server.dump()
    const record = items.find((item) => item['pk']?.S?.startsWith('verification#'))
    const id = record?.['sk']?.S ?? ''
    const day = items.find((item) => item['pk']?.S?.startsWith('usage#'))?.['sk']?.S ?? ''
    const reading = async (path: string, read: () => Promise<unknown>) => {
      count.start()
      await read()
      costs.push({ path, ...count.end() })
    }
    await reading('`GET /v1/verifications/{id}`', () => findAnswer(table, CALLER, id, Date.now()))
    await reading('`GET /v1/verifications`, 20 records', () =>
      listAnswers(
        table,
        { caller: CALLER, reference: REFERENCE, limit: 20, after: undefined },
        Date.now(),
      ),
    )
    await reading('`GET /v1/usage`, one month', () =>
      readUsage(table, day.slice(0, 10), day.slice(0, 10)),
    )
    return { costs, sizes: sizesOf(items) }
  } finally {
    await server.close()
  }
}

/**
 * Counts what passes through. Calls that are made at once leave and come back together, so that
 * their number in a row does not depend on which one is the faster.
 */
function counting(inner: Table) {
  const none = { before: 0, after: 0, writes: 0, indexWrites: 0, reads: 0 }
  let cost = { ...none }
  let asked = false
  let waiting: (() => Promise<() => void>)[] = []

  const roundTrip = async () => {
    const calls = waiting
    waiting = []
    cost[asked ? 'after' : 'before'] += 1
    const arrivals = await Promise.all(calls.map((call) => call()))
    for (const arrive of arrivals) arrive()
  }
  const together = <Result>(call: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void roundTrip())
      waiting.push(() =>
        call().then(
          (result) => () => resolve(result),
          (error: unknown) => () => reject(error),
        ),
      )
    })
  const written = ({ pk }: Key) => {
    cost.writes += 1
    // Every request here has a reference, so each of its records stands in the index too.
    if (pk.startsWith('verification#')) cost.indexWrites += 1
  }
  const table: Table = {
    get: (key) => {
      cost.reads += 1
      return together(() => inner.get(key))
    },
    update: (key, write) => {
      written(key)
      return together(() => inner.update(key, write))
    },
    remove: (key, write) => {
      written(key)
      return together(() => inner.remove(key, write))
    },
    query: (query) => {
      cost.reads += 1
      return together(() => inner.query(query))
    },
  }
  return {
    table,
    count: {
      start() {
        cost = { ...none }
        asked = false
      },
      asked() {
        asked = true
      },
      end: () => cost,
    },
  }
}

// Ids differ in nothing but their digits, so what is left over is room for a renamed attribute.
const ROUNDED_TO = 100

/** The largest item of each kind, with DynamoDB's own rule for sizes. */
function sizesOf(items: readonly Record<string, AttributeValue>[]): ItemSize[] {
  const kinds = Map.groupBy(items, (item) => item['pk']?.S?.split('#')[0] ?? '')
  return [...kinds]
    .map(([item, same]) => ({
      item,
      attributes: [...new Set(same.flatMap((one) => Object.keys(one)))].toSorted(),
      bytes: Math.ceil(Math.max(...same.map(sizeOf)) / ROUNDED_TO) * ROUNDED_TO,
    }))
    .toSorted((a, b) => (a.item < b.item ? -1 : 1))
}

function sizeOf(item: Record<string, AttributeValue>): number {
  return Object.entries(item).reduce(
    (sum, [name, { S, N, SS }]) =>
      sum +
      Buffer.byteLength(name) +
      (S === undefined ? 0 : Buffer.byteLength(S)) +
      // At most 21 bytes for 38 digits; half of the digits and one byte more for these.
      (N === undefined ? 0 : Math.ceil(N.length / 2) + 1) +
      (SS ?? []).reduce((total, text) => total + Buffer.byteLength(text) + 1, SS ? 3 : 0),
    0,
  )
}
