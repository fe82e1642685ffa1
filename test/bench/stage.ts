import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readEvent } from '../../lib/http/api-gateway-event.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { BUILD_DIR, type Built, ROOT } from './build-variants.ts'
import { type Report, runFunction } from './function-process.ts'
import { type Counts, type Mock, startMock } from './servers/mock-protocol.ts'
import { type Kind, variantOf, type VariantName } from './variants.ts'

const appCode = '51a7c0de51a7c0de51a7c0de51a7c0de'
const juhe = {
  key: '51a7beef51a7beef51a7beef51a7beef',
  openId: 'JH51a7f00d51a7f00d51a7f00d51a7f00d',
}
const secrets = {
  'bench/databao': JSON.stringify({ appCode }),
  'bench/juhe': JSON.stringify(juhe),
  'bench/fingerprint': JSON.stringify({ pepper: 'invented-pepper-that-keys-nothing-but-tests' }),
}
const RECORD_ID = '019ad000-0000-7000-8000-000000000001'
const FAR_AWAY = 4_000_000_000
/** Of a whole round trip to the provider, where the run is about distance. */
export const ROUND_TRIP_MS = 100

export type Conditions = {
  /** Warm requests after the first. */
  warm?: number
  /** Between the end of init and the first request. */
  pauseMs?: number
  cgroup?: string | undefined
  /** Each round trip to the provider takes 100 ms. */
  far?: boolean
  /** Every answer of the store takes so long: parallel ones then overlap for certain. */
  storeDelayMs?: number
  nodeOptions?: readonly string[]
}

/** One process from start to end, and what reached the mocks. */
export type Run = Report & {
  startedAt: number
  counts: { provider: Counts; secrets: Counts; store: Counts }
  line: { connections: number; flights: number }
}

/** The mocks, each in its own process behind TLS, and the functions that are run against them. */
export async function openStage(built: Record<VariantName, Built>) {
  await mkdir(BUILD_DIR, { recursive: true })
  const tls = loopbackCertificate()
  const certificate = path.join(BUILD_DIR, 'loopback.pem')
  await writeFile(certificate, tls.cert)
  const [provider, secretsManager, store] = await Promise.all([
    startMock(new URL('servers/provider-mock.ts', import.meta.url), {
      tls,
      appCode,
      key: juhe.key,
    }),
    startMock(new URL('servers/secrets-mock.ts', import.meta.url), { tls, secrets }),
    startMock(new URL('servers/store-mock.ts', import.meta.url), { tls }),
  ])
  const line = await startMock(new URL('servers/far-line.ts', import.meta.url), {
    target: Number(new URL(provider.url).port),
    oneWayMs: ROUND_TRIP_MS / 2,
  })
  const mocks = { provider, secrets: secretsManager, store }
  const takeCounts = async () => ({
    provider: await provider.ask<Counts>('counts'),
    secrets: await secretsManager.ask<Counts>('counts'),
    store: await store.ask<Counts>('counts'),
  })
  let tables = 0

  return {
    async run(name: VariantName, conditions: Conditions = {}): Promise<Run> {
      const { warm = 0, pauseMs = 0, cgroup, far = false, storeDelayMs = 0 } = conditions
      const { kind } = variantOf(name)
      const table = `bench-${++tables}`
      const event = await eventOf(kind)
      await store.ask('createTable', table)
      if (kind === 'record') await putRecord(store, table, event)
      await store.ask('delay', storeDelayMs)
      await Promise.all([takeCounts(), line.ask('counts')])
      const report = await runFunction(
        {
          file: built[name].file,
          event,
          expected: kind === 'none' ? '' : '"match"',
          pauseMs,
          cgroup,
          bodies: warm > 0 ? await bodiesFile(kind, warm) : undefined,
        },
        environmentOf({ table, certificate, mocks, providerUrl: (far ? line : provider).url }),
        conditions.nodeOptions,
      )
      const counts = await takeCounts()
      const run = { ...report, counts, line: await line.ask<Run['line']>('counts') }
      await store.ask('deleteTable', table)
      assertNothingSkipped(name, run, 1 + warm)
      return run
    },
    close() {
      for (const mock of [...Object.values(mocks), line]) mock.stop()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

/** What a deployment sets, pointed at the mocks; the same for every variant. */
function environmentOf(stage: {
  table: string
  certificate: string
  mocks: { secrets: Mock; store: Mock }
  providerUrl: string
}): Record<string, string> {
  const unlimited = Object.fromEntries(
    ['CARD_DAILY_CALLS', 'ID_DAILY_CALLS', 'PROVIDER_DAILY_LIMIT', 'CALLER_DAILY_LIMIT'].map(
      (name) => [name, '1000000'],
    ),
  )
  return {
    ...unlimited,
    NODE_EXTRA_CA_CERTS: stage.certificate,
    AWS_REGION: 'ap-southeast-1',
    AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
    AWS_SECRET_ACCESS_KEY: 'invented/51a7c0de51a7c0de+secret/access/key',
    AWS_SESSION_TOKEN: 'invented-session-token',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: stage.mocks.secrets.url,
    AWS_ENDPOINT_URL_DYNAMODB: stage.mocks.store.url,
    LEDGER_TABLE: stage.table,
    DATABAO_BASE_URL: stage.providerUrl,
    JUHE_BASE_URL: stage.providerUrl,
    DATABAO_SECRET_ID: 'bench/databao',
    JUHE_SECRET_ID: 'bench/juhe',
    FINGERPRINT_SECRET_ID: 'bench/fingerprint',
    BARE_APP_CODE: appCode,
  }
}

type Event = { pathParameters?: { id: string }; body?: string }

const eventFiles: Record<Kind, string> = {
  none: 'verify-three-element.match.json',
  databao: 'verify-three-element.match.json',
  juhe: 'verify-two-element.match.json',
  record: 'get-verification.not-found.json',
}

async function eventOf(kind: Kind): Promise<Event> {
  const event: Event = JSON.parse(
    await readFile(path.join(ROOT, 'events', eventFiles[kind]), 'utf8'),
  )
  if (kind === 'record') event.pathParameters = { id: RECORD_ID }
  const body = bodyOf(kind, 0)
  return body === null ? event : { ...event, body }
}

/** A different person for each request: no answer is one that an earlier request got. */
function bodyOf(kind: Kind, person: number): string | null {
  if (kind === 'none' || kind === 'record') return null
  const { name, idNumber, cardNumber } = inventedPerson(person)
  return JSON.stringify(kind === 'databao' ? { name, idNumber, cardNumber } : { name, cardNumber })
}

async function bodiesFile(kind: Kind, count: number): Promise<string> {
  const file = path.join(BUILD_DIR, `bodies-${kind}-${count}.json`)
  const bodies = Array.from({ length: count }, (_, place) => bodyOf(kind, place + 1))
  await writeFile(file, JSON.stringify(bodies))
  return file
}

async function putRecord(store: Mock, table: string, event: Event): Promise<void> {
  const answer = JSON.stringify({ id: RECORD_ID, verdict: 'match', provider: 'databao' })
  await store.ask('update', {
    TableName: table,
    Key: { pk: { S: `verification#${RECORD_ID}` }, sk: { S: RECORD_ID } },
    UpdateExpression: 'SET caller = :caller, answer = :answer, expiresAt = :expires',
    ExpressionAttributeValues: {
      ':caller': { S: readEvent(event, '').caller },
      ':answer': { S: answer },
      ':expires': { N: String(FAR_AWAY) },
    },
  })
}

/** @throws Error where a variant asked somebody less often than its work takes, or wrongly */
function assertNothingSkipped(name: VariantName, { counts }: Run, requests: number): void {
  const { calls } = variantOf(name)
  const { provider, secrets, store } = counts
  // Of the store, a condition that does not hold: none of these people is known to it.
  const refused = provider.refused + secrets.refused + store.refused
  const rightly =
    provider.requests === calls.provider * requests &&
    secrets.requests === calls.secrets &&
    (calls.store === 0 ? store.requests === 0 : store.requests >= calls.store * requests) &&
    refused === 0
  if (rightly) return
  throw new Error(
    `${name}, ${requests} requests: asked the provider ${provider.requests} times, ` +
      `Secrets Manager ${secrets.requests} times and the store ${store.requests} times, ` +
      `${refused} of them wrongly; ` +
      `due are ${calls.provider} and ${calls.store} a request, and ${calls.secrets} secrets`,
  )
}
