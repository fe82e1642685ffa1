import { scenarios } from '../../simulators/scenarios.ts'
import { type Case, scenarioStep } from './case.ts'
import { type Channel, channels } from './channels.ts'
import { answer, type Expected, lost, match, mismatch, problem } from './expected.ts'
import { charged, free, turnedAway, type Truth, undocumented } from './fault-provider.ts'

/**
 * contract.md §2 and §3 and providers.md §1 and §2, written down anew: nothing here is taken from
 * lib/. Names are those of the simulators' scenarios, whose answers are stimuli only.
 */
type Rows = readonly (readonly [Expected, Truth, readonly string[]])[]

const databao = (...codes: number[]) => codes.map((code) => `databao-${code}`)
const gateway = (codes: string) => codes.split(' ').map((code) => `gateway-${code.toLowerCase()}`)
const legacy = (...texts: string[]) => texts.map((text) => `gateway-legacy-${text}`)
const juhe = (...codes: number[]) => codes.map((code) => `juhe-${code}`)
const old = (...codes: number[]) => codes.map((code) => `juhe-old-${code}`)

const databaoRows: Rows = [
  [match, charged, ['match', 'databao-ok-message', 'databao-empty-error-code', 'databao-numbers']],
  [mismatch, charged, ['mismatch']],
  [answer('unverifiable', 'unknown', 'abnormal'), undocumented, ['unverifiable']],
  [
    answer('unverifiable', 'unknown', 'no_record'),
    undocumented,
    ['no-record-or-locked', 'databao-status-450', 'databao-10016'],
  ],
  [
    lost,
    undocumented,
    [
      'databao-invalid-json',
      'databao-unknown-code',
      'databao-unknown-state',
      'databao-null-data',
      'databao-code-to-string',
      ...databao(10002, 10004, 10007, 10011, 10012, 10017, 10019),
      ...gateway('X500ER D502FC N502RE Q499ZZ'),
    ],
  ],
  [
    problem('provider_rejected_input', 'unknown'),
    undocumented,
    databao(10001, 10006, 10009, 10018),
  ],
  [problem('too_many_attempts', 'unknown'), undocumented, databao(10020)],
  [problem('provider_quota_exhausted', 'unknown'), undocumented, databao(10008)],
  [problem('provider_credentials_rejected', 'unknown'), undocumented, databao(10005)],
  [problem('provider_access_denied', 'unknown'), undocumented, databao(10010)],
  [problem('provider_unavailable', 'unknown'), undocumented, databao(10014, 10015)],
  [
    problem('provider_timeout', 'unknown', false),
    undocumented,
    [...databao(10003, 10013), ...gateway('D504TO X504TO')],
  ],
  [
    problem('provider_credentials_rejected', 'no'),
    turnedAway,
    [
      ...gateway('A400AC A401AC A400MA A400IK A403IS I403AA A403EP B403MI'),
      ...legacy(
        'invalid-appcode',
        'need-authorization-x-ca-key-or-authorization',
        'unauthorized',
        'app-authorization-expired',
        'expiry-of-authorization',
        'subscription-invalid',
      ),
    ],
  ],
  [
    problem('provider_quota_exhausted', 'no'),
    turnedAway,
    [...gateway('B403MQ B403ME'), ...legacy('quota-exhausted', 'quota-expired', 'user-arrears')],
  ],
  [
    problem('provider_throttled', 'no'),
    turnedAway,
    [
      ...gateway('T429ID'),
      ...legacy('throttled-by-user-flow-control', 'throttled-by-api-flow-control'),
    ],
  ],
  [
    problem('provider_access_denied', 'no'),
    turnedAway,
    [
      ...gateway('I403PT A403IP A403VN A403AC A403CO A403IN A403PR'),
      ...legacy('invalid-protocol-http-unsupported'),
    ],
  ],
  [
    problem('provider_unavailable', 'no'),
    turnedAway,
    [
      ...gateway('B403OD B403MO X403DG B451CO I410GG D503BB X503BZ D504CO D504CS D504RE D504IL'),
      ...legacy('service-unavailable'),
    ],
  ],
  [problem('provider_error', 'no'), turnedAway, gateway('I400HD I404NF I405UM I413RL')],
]

const juheRows: Rows = [
  [match, charged, ['match', 'juhe-string-res', 'juhe-string-error-code']],
  [mismatch, charged, ['mismatch']],
  [
    answer('unverifiable', 'no', 'declined'),
    free,
    ['unverifiable', 'juhe-absent-result', ...juhe(218806)],
  ],
  [lost, undocumented, ['juhe-null-result', 'juhe-unknown-res']],
  [problem('provider_error', 'no'), free, ['juhe-unknown-error-code', ...juhe(10014), ...old(114)]],
  [problem('provider_rejected_input', 'no'), free, juhe(218804, 218805, 218808)],
  [problem('too_many_attempts', 'no'), free, ['juhe-218804-too-frequent']],
  [problem('card_locked', 'no'), free, ['no-record-or-locked', ...juhe(218866)]],
  [problem('provider_timeout', 'no', true), free, juhe(218801)],
  [problem('provider_throttled', 'no'), free, [...juhe(10011), ...old(111)]],
  [problem('provider_quota_exhausted', 'no'), free, [...juhe(10012, 10013), ...old(112, 113)]],
  [
    problem('provider_credentials_rejected', 'no'),
    free,
    [...juhe(10001, 10002, 10003, 10004, 10005, 10009), ...old(101, 102, 103, 104, 105, 109)],
  ],
  [problem('provider_access_denied', 'no'), free, [...juhe(10007, 10008), ...old(107, 108)]],
  [problem('provider_unavailable', 'no'), free, [...juhe(10020, 10021), ...old(120, 121)]],
]

/** Every code and class of a provider, and what it says with them. */
export function codeCases(channel: Channel): Case[] {
  const { provider } = channels[channel]
  const rows = provider === 'databao' ? databaoRows : juheRows
  const cases = rows.flatMap(([expected, truth, names]) =>
    names.map((name): Case => ({ name, expected: [expected], steps: [scenarioStep(name, truth)] })),
  )
  const known = new Set(cases.map(({ name }) => name))
  const missing = scenarios.filter(
    ({ name, providers, fault }) => !fault && providers.includes(provider) && !known.has(name),
  )
  if (missing.length > 0) {
    throw new Error(`no expectation for ${missing.map(({ name }) => name).join(', ')}`)
  }
  return cases
}
