import type { Context } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import type { HttpResponse } from '../../lib/http/http-handler.ts'
import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../lib/http/record-endpoints.ts'
import { verificationEndpoint } from '../../lib/http/verification-endpoint.ts'
import type { Table } from '../../lib/ledger/dynamo-table.ts'
import type { Limits } from '../../lib/ledger/guard.ts'
import { verificationLedger } from '../../lib/ledger/verification-ledger.ts'
import { databao, databaoClient } from '../../lib/providers/databao/databao-client.ts'
import { juhe, juheClient } from '../../lib/providers/juhe/juhe-client.ts'
import type { AskProvider } from '../../lib/verification/verdict.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
  type ThreeElementPerson,
  type TwoElementPerson,
} from '../../lib/verification/verification-request.ts'
import { tableAt } from './table-at.ts'
import { httpHandler } from '../openapi/http-handler.ts'
import { fixed } from '../providers/asking.ts'
import { startDatabaoSimulator } from '../simulators/databao-simulator.ts'
import { startDynamoDbSimulator } from '../simulators/dynamodb-simulator.ts'
import { startJuheSimulator } from '../simulators/juhe-simulator.ts'
import type { ProviderSimulator } from '../simulators/provider-simulator.ts'
import { scenarioCard, scenarioNamed } from '../simulators/scenarios.ts'
import {
  databaoCredentials,
  fingerprintPepper,
  juheCredentials,
} from '../simulators/start-simulators.ts'

/** The body of a request; a person with an ID number is asked of Databao, one without of Juhe. */
export type Asked = { name: string; idNumber?: string; cardNumber: string; reference?: string }
export type Answered = {
  status: number
  headers: Record<string, string>
  text: string
  body: Record<string, unknown>
}

export type AskOptions = {
  /** Name of an IAM role. */
  caller?: string
  requestContext?: object
  key?: string
  noCache?: boolean
  headers?: Record<string, string>
  limits?: Partial<Limits>
  reuseSeconds?: number
  pauseSeconds?: number
  recordDays?: number
  requireKey?: boolean
  peppers?: readonly string[]
  table?: Table
  remainingMs?: number
  /** In place of the provider's client, which it may call. */
  ask?: (askProvider: () => ReturnType<AskProvider<object>>) => ReturnType<AskProvider<object>>
}

/** So high that nothing is refused unless a test is about that. */
const OPEN_LIMITS: Limits = {
  cardCalls: 1000,
  cardMismatches: 1000,
  idCalls: 1000,
  providerCalls: 100_000,
  callerCalls: 100_000,
}
/** Of a provider that hangs. */
const PROVIDER_TIMEOUT_MS = 700
const DAY_MS = 86_400_000

/** Both providers for a whole file, and an empty ledger for each of its tests. */
export function openLedger() {
  let databaoSimulator: ProviderSimulator
  let juheSimulator: ProviderSimulator
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDbSimulator>>
  let table: Table
  let askDatabao: AskProvider<ThreeElementPerson>
  let askJuhe: AskProvider<TwoElementPerson>

  beforeAll(async () => {
    databaoSimulator = await startDatabaoSimulator(databaoCredentials)
    juheSimulator = await startJuheSimulator(juheCredentials)
  })
  afterAll(async () => {
    await Promise.all([databaoSimulator.close(), juheSimulator.close()])
  })

  beforeEach(async () => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    databaoSimulator.hits.length = 0
    juheSimulator.hits.length = 0
    dynamoDb = await startDynamoDbSimulator()
    table = queued(tableAt(dynamoDb.url, dynamoDb.tableName))
    const timeoutMs = PROVIDER_TIMEOUT_MS
    askDatabao = databaoClient({
      baseUrl: databaoSimulator.url,
      credentials: fixed(databaoCredentials),
      timeoutMs,
    })
    askJuhe = juheClient({
      baseUrl: juheSimulator.url,
      credentials: fixed(juheCredentials),
      channel: 'encrypted',
      timeoutMs,
    })
  })
  afterEach(async () => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    await dynamoDb.close()
  })

  const handlerOf = (isThreeElement: boolean, options: AskOptions) => {
    const shared = {
      verifyOnce: verificationLedger({
        table: options.table ?? table,
        peppers: async () => options.peppers ?? [fingerprintPepper],
        limits: { ...OPEN_LIMITS, ...options.limits },
        reuseSeconds: options.reuseSeconds ?? 86_400,
        pauseSeconds: options.pauseSeconds ?? 600,
        recordDays: options.recordDays ?? 180,
      }),
      requireIdempotencyKey: options.requireKey ?? false,
    }
    const through =
      <Person>(client: AskProvider<Person>): AskProvider<Person> =>
      (person, remainingMs) => {
        const askProvider = () => client(person, remainingMs)
        return options.ask ? options.ask(askProvider) : askProvider()
      }
    return isThreeElement
      ? httpHandler(
          verificationEndpoint({
            ...shared,
            route: 'verifyThreeElement',
            operation: databao,
            parse: parseThreeElementRequest,
            ask: through(askDatabao),
          }),
        )
      : httpHandler(
          verificationEndpoint({
            ...shared,
            route: 'verifyTwoElement',
            operation: juhe,
            parse: parseTwoElementRequest,
            ask: through(askJuhe),
          }),
        )
  }

  const verify = async (asked: Asked | object, options: AskOptions = {}): Promise<Answered> => {
    const handler = handlerOf('idNumber' in asked, options)
    const event = {
      requestContext: options.requestContext ?? requestContextOf(options.caller),
      headers: {
        'content-type': 'application/json',
        ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
        ...(options.noCache ? { 'cache-control': 'no-cache' } : {}),
        ...options.headers,
      },
      body: JSON.stringify(asked),
    }
    return answered(await handler(event, contextOf(options.remainingMs)))
  }

  return {
    verify,

    /** The function dies after the provider was asked, and long enough ago for its lease to be over. */
    dieAfterSending: async (asked: Asked, options: AskOptions = {}): Promise<void> => {
      const sent = Promise.withResolvers<void>()
      const ask = async (askProvider: () => Promise<unknown>) => {
        await askProvider().catch(() => undefined)
        sent.resolve()
        return never
      }
      const dying = verify(asked, { ...options, ask, remainingMs: 1000 })
      await Promise.race([sent.promise, dying.then(unexpected)])
      travel(LEASE_OF_THE_DEAD_MS)
    },

    /** The function dies as soon as it holds its claims, and long enough ago for its lease. */
    dieReserved: async (asked: Asked, options: AskOptions = {}): Promise<void> => {
      const reserved = Promise.withResolvers<void>()
      const dying = tableWith(options.table ?? table, (key, apply) => {
        if (!key.startsWith('card#')) return apply()
        reserved.resolve()
        return never
      })
      const answer = verify(asked, { ...options, table: dying, remainingMs: 1000 })
      await Promise.race([reserved.promise, answer.then(unexpected)])
      travel(LEASE_OF_THE_DEAD_MS)
    },

    read: async (
      route: 'getVerification' | 'listVerifications' | 'getUsage',
      {
        caller,
        table: used = table,
        ...request
      }: { caller?: string; id?: string; query?: Record<string, string>; table?: Table },
    ): Promise<Answered> => {
      const endpoints = {
        getVerification: httpHandler(getVerificationEndpoint(used)),
        listVerifications: httpHandler(listVerificationsEndpoint(used)),
        getUsage: httpHandler(getUsageEndpoint(used)),
      }
      const event = {
        requestContext: requestContextOf(caller),
        headers: {},
        pathParameters: { id: request.id },
        queryStringParameters: request.query,
      }
      return answered(await endpoints[route](event, contextOf()))
    },

    /** How often any provider was reached: the only honest judge. */
    hits: () => databaoSimulator.hits.length + juheSimulator.hits.length,
    dump: () => dynamoDb.dump(),
    tableName: () => dynamoDb.tableName,
    table: () => table,
    storeUrl: () => dynamoDb.url,
  }
}

const LEASE_OF_THE_DEAD_MS = 3500
export const never = new Promise<never>(() => {})

function unexpected({ text }: Answered): never {
  throw new Error(`a function that was to die has answered ${text}`)
}

function requestContextOf(caller = 'payouts'): object {
  const userArn = `arn:aws:sts::111122223333:assumed-role/${caller}/session-7`
  return { requestId: `request-${(serial += 1)}`, authorizer: { iam: { userArn } } }
}
let serial = 0

function contextOf(remainingMs = 20_000): Context {
  return { awsRequestId: 'aws-1', getRemainingTimeInMillis: () => remainingMs } as Context
}

function answered({ statusCode, headers, body }: HttpResponse): Answered {
  return { status: statusCode, headers, text: body, body: JSON.parse(body) }
}

/** Stops the clock at a moment; timers go on. Nothing that waits by the clock comes to its end. */
export function travelTo(time: string | number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(time) })
}

/** Sets the clock, which goes on from there. */
export function travel(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true })
}

/** A table each of whose operations goes through `step`, which may apply it. */
export function tableWith(
  table: Table,
  step: (key: string, apply: () => Promise<unknown>, expression: string) => Promise<unknown>,
): Table {
  const through = <Result>(key: string, apply: () => Promise<Result>, expression = '') =>
    step(key, apply, expression) as Promise<Result>
  return {
    get: (key) => through(key.pk, () => table.get(key)),
    update: (key, write) => through(key.pk, () => table.update(key, write), write.update),
    remove: (key, write) => through(key.pk, () => table.remove(key, write)),
    query: (query) => through(query.partition[1], () => table.query(query)),
  }
}

/** Ten at a time: one process with its own store is slower than the time-outs of its client. */
function queued(table: Table): Table {
  let free = 10
  const waiting: (() => void)[] = []
  return tableWith(table, async (_key, apply) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await apply()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  })
}

/** A matching person of whom nobody else has the card or the ID number. */
export function person(number: number) {
  return {
    name: '张三',
    idNumber: idNumberOf(number),
    cardNumber: scenarioCard(100_000_000 + number),
  }
}

/** A person whose card or ID number is another's. */
export function mismatching(number: number) {
  return { ...person(number), cardNumber: scenarioCard(200_000_000 + number) }
}

/** A person of whom the providers answer what the scenario says. */
export function personOf(scenario: string, number = 0) {
  const { number: card } = scenarioNamed(scenario)
  return { ...person(number), cardNumber: scenarioCard(card, card > 99_999_999 ? 19 : 16) }
}

/** The same person as Juhe is asked about it. */
export function twoElements({ name, cardNumber }: Asked): Asked {
  return { name, cardNumber }
}

/** Distinct names of two characters. */
export function nameOf(number: number): string {
  return `王${String.fromCodePoint(0x4e00 + number)}`
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** Synthetic: Beijing, born in the first days of 1900. */
export function idNumberOf(number: number): string {
  const birth = new Date(Date.UTC(1900, 0, 1) + Math.floor(number / 1000) * DAY_MS)
  const day = birth.toISOString().slice(0, 10).replaceAll('-', '')
  const digits = `110101${day}${String(number % 1000).padStart(3, '0')}`
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(digits[place]), 0)
  return digits + '10X98765432'[sum % 11]
}
