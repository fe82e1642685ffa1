import { describe, expect, it } from 'vitest'
import { embeddedMetrics, type Measured } from '../../lib/telemetry/metrics.ts'

const base = { service: 'bankcard-verify-dev', route: 'verifyTwoElement', durationMs: 12 }
const fresh = { ...base, provider: 'juhe', attempts: 1, providerMs: 9 }

type Line = Record<string, unknown> & {
  _aws: {
    CloudWatchMetrics: {
      Namespace: string
      Dimensions: string[][]
      Metrics: { Name: string; Unit: string }[]
    }[]
  }
}
const lineOf = (measured: Measured): Line => JSON.parse(JSON.stringify(embeddedMetrics(measured)))

/** Metric values by dimensions, read the way CloudWatch reads the line. */
function counted(measured: Measured) {
  const line = lineOf(measured)
  return Object.fromEntries(
    line._aws.CloudWatchMetrics.map(({ Namespace, Dimensions, Metrics }) => [
      `${Namespace} ${Dimensions[0]!.map((name) => `${name}=${String(line[name])}`).join(' ')}`,
      Object.fromEntries(Metrics.map(({ Name }) => [Name, line[Name]])),
    ]),
  )
}

function unitsOf(measured: Measured): [name: string, unit: string][] {
  const { CloudWatchMetrics } = lineOf(measured)._aws
  return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name, Unit }) => [Name, Unit]))
}

const ofProvider = (measured: Measured) =>
  counted(measured)['BankcardVerify Service=bankcard-verify-dev Provider=juhe']

describe('embeddedMetrics', () => {
  it('counts every request by route, with its duration', () => {
    expect(counted(base)).toEqual({
      'BankcardVerify Service=bankcard-verify-dev Route=verifyTwoElement': {
        Requests: 1,
        DurationMs: 12,
      },
    })
  })

  it('counts a problem by its code', () => {
    expect(counted({ ...base, code: 'card_locked' })).toHaveProperty(
      ['BankcardVerify Service=bankcard-verify-dev Code=card_locked'],
      { Problems: 1 },
    )
  })

  it.each([
    [
      { verdict: 'match', billable: 'yes' },
      { Matches: 1, BilledCalls: 1 },
    ],
    [
      { verdict: 'mismatch', billable: 'yes' },
      { Mismatches: 1, BilledCalls: 1 },
    ],
    [
      { verdict: 'unverifiable', billable: 'unknown' },
      { Unverifiable: 1, MaybeBilledCalls: 1 },
    ],
    [
      { code: 'provider_timeout', billable: 'unknown', outcomeUnknown: true },
      { MaybeBilledCalls: 1, UnknownOutcomes: 1 },
    ],
  ])('counts what came of a call: %j', (measured, metrics) => {
    expect(ofProvider({ ...fresh, ...measured })).toStrictEqual({
      ...metrics,
      ProviderAttempts: 1,
      ProviderMs: 9,
    })
  })

  it.each([
    [{ verdict: 'match', billable: 'no', reused: true }, { Reused: 1 }],
    [{ verdict: 'match', billable: 'yes', reused: false, replayed: true }, { Replayed: 1 }],
    [{ code: 'too_many_attempts', billable: 'no', refused: true }, { GuardRefusals: 1 }],
    [
      { code: 'outcome_unknown', billable: 'unknown', outcomeUnknown: true },
      { UnknownOutcomes: 1 },
    ],
  ])('counts no call where none was made: %j', (measured, metrics) => {
    expect(ofProvider({ ...base, provider: 'juhe', ...measured })).toStrictEqual(metrics)
  })

  it('names the unit of each as CloudWatch knows it', () => {
    const everything = { ...fresh, code: 'card_locked', spendShare: 81, secretAgeSeconds: 60 }
    const verdicts = ['match', 'mismatch', 'unverifiable'].map((verdict) => ({ verdict }))
    const rest = [
      { reused: true },
      { replayed: true },
      { billable: 'yes' },
      { billable: 'unknown' },
    ]
    const units = [...verdicts, ...rest, { outcomeUnknown: true }, { refused: true }].flatMap(
      (it) => unitsOf({ ...everything, ...it }),
    )
    expect(Object.fromEntries(units)).toEqual({
      Requests: 'Count',
      DurationMs: 'Milliseconds',
      Problems: 'Count',
      Matches: 'Count',
      Mismatches: 'Count',
      Unverifiable: 'Count',
      Reused: 'Count',
      Replayed: 'Count',
      BilledCalls: 'Count',
      MaybeBilledCalls: 'Count',
      UnknownOutcomes: 'Count',
      GuardRefusals: 'Count',
      ProviderAttempts: 'Count',
      ProviderMs: 'Milliseconds',
      SpendShare: 'Percent',
      SecretAgeSeconds: 'Seconds',
    })
  })

  it('tells how much of the cap is spent and how old the secret is', () => {
    expect(ofProvider({ ...base, provider: 'juhe', spendShare: 81, secretAgeSeconds: 60 })).toEqual(
      {
        SpendShare: 81,
        SecretAgeSeconds: 60,
      },
    )
  })
})
