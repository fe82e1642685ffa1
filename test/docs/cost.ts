import { parse } from 'yaml'
import { problemCatalog } from '../../lib/errors/problem-catalog.ts'
import { embeddedMetrics, type Measured } from '../../lib/telemetry/metrics.ts'
import { functionKeys } from '../template/expected-grants.ts'
import { part, read, rowsOf, table } from './documents.ts'

/** List prices in dollars, us-east-1; docs/cost.md says when and how each was looked up. */
const prices = {
  lambdaGbSecond: [0.0000133334, 'Lambda, arm64, GB-second', 'yes'],
  lambdaRequest: [0.2e-6, 'Lambda, request', 'yes'],
  apiRequest: [1e-6, 'HTTP API, request', 'yes'],
  write: [0.625e-6, 'DynamoDB on demand, write request unit', 'yes'],
  read: [0.125e-6, 'DynamoDB on demand, read request unit', 'yes'],
  tableGbMonth: [0.25, 'DynamoDB, stored GB-month', 'yes'],
  backupGbMonth: [0.2, 'DynamoDB, point-in-time recovery, GB-month', 'no'],
  logGb: [0.5, 'CloudWatch Logs, ingested GB', 'yes'],
  logGbMonth: [0.03, 'CloudWatch Logs, stored GB-month', 'yes'],
  metricMonth: [0.3, 'CloudWatch, custom metric and month', 'yes'],
  alarmMetricMonth: [0.1, 'CloudWatch, metric in an alarm and month', 'in part'],
  dashboardMonth: [3, 'CloudWatch, dashboard and month', 'yes'],
  trace: [5e-6, 'X-Ray, trace recorded', 'yes'],
  secretMonth: [0.4, 'Secrets Manager, secret and month', 'yes'],
  secretRead: [0.05 / 10_000, 'Secrets Manager, call', 'yes'],
  outGb: [0.09, 'Data out to the internet, GB', 'yes'],
  natHour: [0.045, 'NAT gateway, hour', 'yes'],
  natGb: [0.045, 'NAT gateway, GB', 'yes'],
  keyMonth: [1, 'KMS, key of yours and month', 'no'],
  provisionedGbSecond: [0.0000033334, 'Lambda, provisioned concurrency, arm64, GB-second', 'no'],
} as const satisfies Record<string, readonly [dollars: number, unit: string, confirmed: string]>
const priceOf = (name: keyof typeof prices): number => prices[name][0]

/** What nobody has measured yet. */
const assumed = {
  yuanPerDollar: 7.2,
  lambdaSeconds: 1,
  hangSeconds: 9,
  outBytes: 6000,
  lambdaPlatformLogBytes: 500,
  logEventBytes: 26,
  itemOverheadBytes: 100,
}
const CALL_YUAN = [0.25, 0.42] as const
const RATES = [1, 100, 10_000] as const
const PATH = 'match, with a key'
const MONTH_DAYS = 30
const MONTH_SECONDS = MONTH_DAYS * 86_400
const GB = 1e9
const ID = '0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f'
const CALLER = 'iam:arn:aws:iam::111122223333:role/payouts'
const ROUTE_METRICS = ['4xx', '5xx', 'Count', 'DataProcessed', 'IntegrationLatency', 'Latency']
/** Days for which an item of docs/ledger.md is held, as a verification makes it. */
const HELD_DAYS: Record<string, number> = { key: 1, person: 1, card: 3, id: 3 }

const { params, provider, resources } = parse(read('serverless.yml'), {
  logLevel: 'silent',
  merge: true,
})
const settings = { ...params.default, ...params.prod }

type PathUnits = { path: string; writes: number; indexWrites: number; reads: number }

function ledgerPaths(): PathUnits[] {
  return rowsOf(part('docs/ledger.md', 'costs')).map(
    ([path = '', , , writes, indexWrites, reads]) => ({
      path,
      writes: Number(writes),
      indexWrites: Number(indexWrites),
      reads: Number(reads),
    }),
  )
}

function itemBytes(): Map<string, number> {
  return new Map(
    rowsOf(part('docs/ledger.md', 'sizes')).map(([item = '', bytes = '']) => [
      item.replaceAll(/[`#…]/g, ''),
      Number.parseInt(bytes, 10) + assumed.itemOverheadBytes,
    ]),
  )
}

const facts: Measured = {
  service: 'bankcard-verify-prod',
  route: 'verifyThreeElement',
  provider: 'databao',
  verdict: 'match',
  billable: 'yes',
  durationMs: 1000,
  attempts: 1,
  providerMs: 900,
  spendShare: 12.34,
  secretAgeSeconds: 1_234_567,
}

/** One request's line, as lib/http/http-handler.ts has it written. */
function functionLogBytes(): number {
  const { service: _, ...logged } = facts
  const line = {
    level: 'info',
    event: 'request',
    time: new Date(0).toISOString(),
    requestId: ID,
    caller: CALLER,
    status: 200,
    verificationId: ID,
    providerReference: '4XU29Z4D1704061618',
    reused: false,
    ...logged,
    ...embeddedMetrics(facts),
  }
  return JSON.stringify(line).length + 1
}

function accessLogBytes(): number {
  return String(provider.logs.httpApi.format)
    .replaceAll('${self:custom.name}', facts.service)
    .replaceAll('$context.requestId', 'L2EMfgDNoAMEVwA=')
    .replaceAll('$context.requestTime', '23/Nov/2026:09:13:49 +0000')
    .replaceAll('$context.routeKey', 'POST /v1/verifications/three-element')
    .replaceAll('$context.identity.accountId', '111122223333')
    .replaceAll(/\$context\.[\w.]+/g, '1000').length
}

function logBytes(): number {
  // The function's line, three of Lambda's own, the gateway's.
  const lines = functionLogBytes() + assumed.lambdaPlatformLogBytes + accessLogBytes()
  return lines + 5 * assumed.logEventBytes
}

/** Every metric that the code can make, as name and dimensions: each is billed for itself. */
export function metricSeries(): Set<string> {
  const series = new Set<string>()
  const add = (measured: Measured) => {
    const { _aws, ...members } = embeddedMetrics(measured)
    for (const { Dimensions, Metrics } of (_aws as EmfHeader).CloudWatchMetrics) {
      for (const { Name } of Metrics) {
        const values = (Dimensions[0] ?? []).map((dimension) => String(members[dimension]))
        series.add([Name, ...values].join(' '))
      }
    }
  }
  for (const route of functionKeys) add({ service: facts.service, route, durationMs: 1 })
  for (const name of ['databao', 'juhe']) {
    const all = { ...facts, provider: name, outcomeUnknown: true, refused: true }
    for (const verdict of ['match', 'mismatch', 'unverifiable']) add({ ...all, verdict })
    add({ ...all, billable: 'unknown' })
    add({ ...all, reused: true })
    add({ ...all, replayed: true })
  }
  for (const code of Object.keys(problemCatalog)) add({ ...facts, code })
  return series
}
type EmfHeader = {
  CloudWatchMetrics: readonly { Dimensions: string[][]; Metrics: readonly { Name: string }[] }[]
}

/** The metrics of each alarm of serverless.yml, what they are computed to left out. */
export function alarmMetrics(): unknown[][] {
  const every = Object.values(resources.Resources) as { Type: string; Properties: object }[]
  return every
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) =>
      Object.values((Properties as { Metrics: object }).Metrics).filter((one) =>
        Array.isArray(one),
      ),
    )
}

function dashboards(): number {
  const every = Object.values(resources.Resources) as { Type: string }[]
  return every.filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard').length
}

function metricFilters(): number {
  const every = Object.values(resources.Resources) as { Type: string }[]
  return every.filter(({ Type }) => Type === 'AWS::Logs::MetricFilter').length
}

/** First request of each second, and 5 % of the others. */
function tracedShare(perSecond: number): number {
  return perSecond <= 1 ? 1 : (1 + 0.05 * (perSecond - 1)) / perSecond
}

const perSecond = (rate: number) => rate / 60
const environments = (rate: number, seconds: number) =>
  Math.max(1, Math.ceil(perSecond(rate) * seconds))
const monthly = (rate: number) => rate * 60 * 24 * MONTH_DAYS

/** Two secrets of each environment, once in a TTL; never more often than it is asked. */
function secretReads(rate: number): number {
  const ttls = MONTH_SECONDS / settings.secretTtlSeconds
  const each = Math.min(ttls, monthly(rate) / environments(rate, assumed.lambdaSeconds))
  return 2 * each * environments(rate, assumed.lambdaSeconds)
}

type Line = { name: string; quantity: string; dollars: (rate: number) => number }

/** What a verification costs by part, in dollars each. */
function variableLines(): Line[] {
  const used = ledgerPaths().find(({ path }) => path === PATH)
  if (!used) throw new Error(`docs/ledger.md has no path "${PATH}"`)
  const writes = used.writes + used.indexWrites
  const gbSeconds = (provider.memorySize / 1024) * assumed.lambdaSeconds
  const sizes = itemBytes()
  const record = sizes.get('verification') ?? 0
  const recordMonths = settings.recordDays / MONTH_DAYS
  const shortLived = Object.entries(HELD_DAYS).reduce(
    (sum, [item, days]) => sum + ((sizes.get(item) ?? 0) * days) / MONTH_DAYS,
    0,
  )
  const inTable = record * recordMonths + shortLived
  const logs = logBytes()
  const logMonths = settings.logRetentionDays / MONTH_DAYS
  const fixed = (dollars: number) => () => dollars
  return [
    {
      name: 'Lambda',
      quantity: `${gbSeconds} GB-s, 1 request`,
      dollars: fixed(gbSeconds * priceOf('lambdaGbSecond') + priceOf('lambdaRequest')),
    },
    { name: 'HTTP API', quantity: '1 request', dollars: fixed(priceOf('apiRequest')) },
    {
      name: 'DynamoDB, requests',
      quantity: `${writes} WRU, ${used.reads} RRU`,
      dollars: fixed(writes * priceOf('write') + used.reads * priceOf('read')),
    },
    {
      name: 'DynamoDB, storage and recovery',
      quantity: `${Math.round(inTable + record * recordMonths)} B-months, ${Math.round(inTable)} of them recoverable`,
      dollars: fixed(
        ((inTable + record * recordMonths) * priceOf('tableGbMonth') +
          inTable * priceOf('backupGbMonth')) /
          GB,
      ),
    },
    {
      name: 'CloudWatch Logs',
      quantity: `${logs} B, kept ${settings.logRetentionDays} days`,
      dollars: fixed((logs * (priceOf('logGb') + logMonths * priceOf('logGbMonth'))) / GB),
    },
    {
      name: 'X-Ray',
      quantity: `1 trace a second, 5 % of the others`,
      dollars: (rate) => tracedShare(perSecond(rate)) * priceOf('trace'),
    },
    {
      name: 'Secrets Manager, reads',
      quantity: `2 an environment in ${settings.secretTtlSeconds} s`,
      dollars: (rate) => (secretReads(rate) * priceOf('secretRead')) / monthly(rate),
    },
    {
      name: 'Data out',
      quantity: `${assumed.outBytes} B`,
      dollars: fixed((assumed.outBytes * priceOf('outGb')) / GB),
    },
  ]
}

/** What a stage costs in a month, asked or not, in dollars. */
function fixedLines() {
  const metrics = metricSeries().size + metricFilters()
  const routeMetrics = functionKeys.length * ROUTE_METRICS.length
  const alarmed = alarmMetrics().flat().length
  return [
    [`${metrics} metrics of our own, if all occur`, metrics * priceOf('metricMonth')],
    [
      `${routeMetrics} metrics of the gateway: ${functionKeys.length} routes, ${ROUTE_METRICS.length} each`,
      routeMetrics * priceOf('metricMonth'),
    ],
    [
      `${alarmMetrics().length} alarms over ${alarmed} metrics`,
      alarmed * priceOf('alarmMetricMonth'),
    ],
    [`${dashboards()} dashboard`, dashboards() * priceOf('dashboardMonth')],
    ['3 secrets', 3 * priceOf('secretMonth')],
  ] as const
}

function priceTable(): string {
  return table(
    ['what', '$', 'confirmed'],
    Object.values(prices).map(([dollars, unit, confirmed]) => [unit, decimal(dollars), confirmed]),
  )
}

function partsTable(): string {
  const lines = variableLines()
  const perMillion = lines.map(({ dollars }) => dollars(100) * 1e6)
  return table(
    ['part', 'one verification takes', '$ a million, at 100 a minute'],
    [
      ...lines.map(({ name, quantity }, at) => [name, quantity, money(perMillion[at] ?? 0)]),
      ['**sum**', '', `**${money(sum(perMillion))}**`],
    ],
  )
}

function fixedTable(): string {
  const lines = fixedLines()
  return table(
    ['what', '$ a month'],
    [
      ...lines.map(([what, dollars]) => [what, money(dollars)]),
      ['**sum**', `**${money(sum(lines.map(([, dollars]) => dollars)))}**`],
    ],
  )
}

function ratesTable(): string {
  const lines = variableLines()
  const fixed = sum(fixedLines().map(([, dollars]) => dollars))
  const bill = (rate: number) =>
    sum(lines.map(({ dollars }) => dollars(rate))) * monthly(rate) + fixed
  const yuanEach = (rate: number) => (bill(rate) / monthly(rate)) * assumed.yuanPerDollar
  const row = (name: string, cell: (rate: number) => string) => [name, ...RATES.map(cell)]
  return table(
    ['', ...RATES.map((rate) => `${whole(rate)} a minute`)],
    [
      row('verifications a month', (rate) => whole(monthly(rate))),
      ...lines.map(({ name, dollars }) =>
        row(`${name}, $`, (rate) => money(dollars(rate) * monthly(rate))),
      ),
      row('fixed, $', () => money(fixed)),
      row('**AWS, $ a month**', (rate) => `**${money(bill(rate))}**`),
      row('AWS, ¥ a verification', (rate) => yuanEach(rate).toPrecision(2)),
      ...CALL_YUAN.map((yuan) =>
        row(
          `of a call at ¥${yuan}`,
          (rate) => `${((100 * yuanEach(rate)) / yuan).toPrecision(2)} %`,
        ),
      ),
      ...CALL_YUAN.map((yuan) =>
        row(`the calls at ¥${yuan}, ¥ a month`, (rate) => whole(monthly(rate) * yuan)),
      ),
    ],
  )
}

function pathsTable(): string {
  return table(
    ['path', 'WRU', 'RRU', 'DynamoDB, $ a million'],
    ledgerPaths()
      .filter(({ path }) => !path.startsWith('`'))
      .map(({ path, writes, indexWrites, reads }) => {
        const wru = writes + indexWrites
        const dollars = wru * priceOf('write') + reads * priceOf('read')
        return [path, String(wru), String(reads), money(dollars * 1e6)]
      }),
  )
}

function optionsTable(): string {
  const gb = provider.memorySize / 1024
  const hours = MONTH_SECONDS / 3600
  return table(
    ['option', '$ a month'],
    [
      ['two NAT gateways, for a fixed way out', money(2 * hours * priceOf('natHour'))],
      [
        'and for each million verifications through them',
        money(((1e6 * assumed.outBytes) / GB) * priceOf('natGb')),
      ],
      [
        '`provisionedConcurrency=1`, both verifying functions',
        money(2 * gb * MONTH_SECONDS * priceOf('provisionedGbSecond')),
      ],
      ['`kmsKeyArn`, without its requests', money(priceOf('keyMonth'))],
    ],
  )
}

function limitsTable(): string {
  const used = ledgerPaths().find(({ path }) => path === PATH)
  const writes = used?.writes ?? 0
  const indexWrites = used?.indexWrites ?? 0
  const { throttleRate, throttleBurst, providerDailyLimit } = settings
  const rows: [string, string, number, (rate: number) => number][] = [
    [
      'requests a second: the routes',
      `\`throttleRate\`, burst ${throttleBurst}`,
      throttleRate,
      perSecond,
    ],
    ['requests a second: the account', 'API Gateway', 10_000, perSecond],
    [
      `functions at once, ${assumed.lambdaSeconds} s each`,
      'Lambda, account',
      1000,
      (rate) => environments(rate, assumed.lambdaSeconds),
    ],
    [
      `functions at once, provider hangs, ${assumed.hangSeconds} s each`,
      'Lambda, account',
      1000,
      (rate) => environments(rate, assumed.hangSeconds),
    ],
    ['table, WRU a second', 'a new table', 4000, (rate) => perSecond(rate) * writes],
    [
      'table, WRU a second',
      'quota of a table',
      40_000,
      (rate) => perSecond(rate) * (writes + indexWrites),
    ],
    ['index, WRU a second', 'a new table', 4000, (rate) => perSecond(rate) * indexWrites],
    ['item `provider-day#…`, one provider', 'a partition', 1000, perSecond],
    ['partition `usage#<month>`', 'a partition', 1000, (rate) => perSecond(rate) * 2],
    [
      'secret reads a second, all environments new',
      'Secrets Manager',
      10_000,
      (rate) => 2 * environments(rate, assumed.lambdaSeconds),
    ],
    [
      'calls a day, one provider',
      '`providerDailyLimit`, `callerDailyLimit`',
      providerDailyLimit,
      (rate) => rate * 60 * 24,
    ],
  ]
  return table(
    ['need', ...RATES.map((rate) => `${whole(rate)} a minute`), 'limit', 'of'],
    rows.map(([need, of, limit, at]) => [
      need,
      ...RATES.map((rate) => {
        const value = at(rate)
        const text = value < 10 ? String(Number(value.toPrecision(2))) : whole(Math.ceil(value))
        return value > limit ? `**${text}**` : text
      }),
      whole(limit),
      of,
    ]),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function money(dollars: number): string {
  return dollars >= 1000 ? whole(Math.round(dollars)) : dollars.toFixed(2)
}

function whole(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

function decimal(value: number): string {
  return value.toFixed(12).replace(/0+$/, '').replace(/\.$/, '')
}

/** The tables of docs/cost.md by the name of their part. */
export function costTables(): Record<string, string> {
  return {
    parts: partsTable(),
    fixed: fixedTable(),
    rates: ratesTable(),
    paths: pathsTable(),
    options: optionsTable(),
    limits: limitsTable(),
    prices: priceTable(),
  }
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(costTables())) console.log(`${name}\n\n${text}\n`)
}
