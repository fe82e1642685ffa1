/** What one request was, as far as it may be counted: nothing of the person, nothing of the values. */
export type Measured = { service: string; route: string; durationMs: number } & {
  readonly [Name in keyof Facts]?: Facts[Name] | undefined
}
type Facts = {
  provider: string
  verdict: string
  code: string
  billable: string
  reused: boolean
  replayed: boolean
  /** Nobody knows what came of a call. */
  outcomeUnknown: boolean
  /** Refused by our own guard, cap or pause. */
  refused: boolean
  attempts: number
  providerMs: number
  /** Per cent of the provider's daily cap that is used up. */
  spendShare: number
  secretAgeSeconds: number
}

type Metric = readonly [name: string, unit: string, value: number | undefined]

/** Members of a log line that CloudWatch reads: names and numbers of this file, no other text. */
export type EmbeddedMetrics = Readonly<Record<string, unknown>>

const NAMESPACE = 'BankcardVerify'

/**
 * CloudWatch's embedded metric format: members to add to a log line, out of which CloudWatch makes
 * the metrics that the alarms and the dashboard of serverless.yml name.
 */
export function embeddedMetrics(measured: Measured): EmbeddedMetrics {
  const { service, route, provider, code } = measured
  const sets = [
    metricSet({ Service: service, Route: route }, [
      ['Requests', 'Count', 1],
      ['DurationMs', 'Milliseconds', measured.durationMs],
    ]),
    provider === undefined
      ? undefined
      : metricSet({ Service: service, Provider: provider }, providerMetrics(measured)),
    code === undefined
      ? undefined
      : metricSet({ Service: service, Code: code }, [['Problems', 'Count', 1]]),
  ].filter((set) => set !== undefined)
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: sets.map(({ directive }) => directive) },
    ...Object.assign({}, ...sets.map(({ members }) => members)),
  }
}

function providerMetrics(measured: Measured): Metric[] {
  const { verdict, billable, reused, replayed, attempts } = measured
  const isFresh = !reused && !replayed
  const count = (holds: boolean | undefined) => (holds ? 1 : undefined)
  return [
    ['Matches', 'Count', count(isFresh && verdict === 'match')],
    ['Mismatches', 'Count', count(isFresh && verdict === 'mismatch')],
    ['Unverifiable', 'Count', count(isFresh && verdict === 'unverifiable')],
    ['Reused', 'Count', count(reused && !replayed)],
    ['Replayed', 'Count', count(replayed)],
    ['BilledCalls', 'Count', count(isFresh && billable === 'yes')],
    [
      'MaybeBilledCalls',
      'Count',
      count(isFresh && billable === 'unknown' && attempts !== undefined),
    ],
    ['UnknownOutcomes', 'Count', count(measured.outcomeUnknown)],
    ['GuardRefusals', 'Count', count(measured.refused)],
    ['ProviderAttempts', 'Count', attempts],
    ['ProviderMs', 'Milliseconds', measured.providerMs],
    ['SpendShare', 'Percent', measured.spendShare],
    ['SecretAgeSeconds', 'Seconds', measured.secretAgeSeconds],
  ]
}

function metricSet(dimensions: Readonly<Record<string, string>>, metrics: readonly Metric[]) {
  const given = metrics.filter(([, , value]) => value !== undefined)
  return {
    directive: {
      Namespace: NAMESPACE,
      Dimensions: [Object.keys(dimensions)],
      Metrics: given.map(([Name, Unit]) => ({ Name, Unit })),
    },
    members: {
      ...dimensions,
      ...Object.fromEntries(given.map(([name, , value]) => [name, value])),
    },
  }
}
