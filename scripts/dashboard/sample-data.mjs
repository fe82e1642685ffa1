/** A day of invented traffic in quarter hours, the same at every run. */
export const STEPS = 96
const CAP = { databao: 2000, juhe: 2000 }

/** @type {Record<string, number>} the most in a quarter of an hour, and each provider's pace in ms */
const PEAK = { databao: 42, juhe: 26 }
/** @type {Record<string, number>} */
const PACE = { databao: 620, juhe: 410 }

/** What these data would raise at the day's end. */
export const alarming = ['SpendAlarm']

/** What the dashboard's only list of unknown length finds. */
export const problemCodes = [
  'validation_failed',
  'too_many_attempts',
  'provider_timeout',
  'provider_unavailable',
  'daily_limit_reached',
]

/** @type {Record<string, (provider: string, step: number) => number>} per provider */
const providerMetrics = {
  Matches: (provider, step) => Math.round(calls(provider, step) * 0.88),
  Mismatches: (provider, step) => Math.round(calls(provider, step) * 0.08),
  Unverifiable: (provider, step) => Math.round(calls(provider, step) * 0.04),
  BilledCalls: calls,
  MaybeBilledCalls: (provider, step) => rarely(provider, step, 0.02),
  UnknownOutcomes: (provider, step) => rarely(provider, step, 0.02),
  ProviderAttempts: (provider, step) => calls(provider, step) + rarely(provider, step, 0.2),
  Reused: (provider, step) => Math.round(calls(provider, step) * 0.16),
  Replayed: (provider, step) => Math.round(calls(provider, step) * 0.05),
  GuardRefusals: (provider, step) => guesses(provider, step),
  SecretAgeSeconds: (provider) => (provider === 'databao' ? 41 : 12) * 86_400,
  SpendShare: (provider, step) =>
    (100 * sum(step + 1, (at) => calls(provider, at))) /
    (CAP[/** @type {'juhe'} */ (provider)] ?? 1),
}

/** @type {Record<string, (step: number) => number>} requests of each route */
const requests = {
  verifyThreeElement: (step) => Math.round(calls('databao', step) * 1.25),
  verifyTwoElement: (step) => Math.round(calls('juhe', step) * 1.25),
  getVerification: (step) => Math.round(calls('databao', step) * 0.4),
  listVerifications: (step) => Math.round(calls('juhe', step) * 0.2),
  getUsage: (step) => (step % 24 === 4 ? 6 : 0),
}

/** @type {Record<string, (step: number) => number>} */
const problems = {
  validation_failed: (step) => Math.round(calls('databao', step) * 0.05),
  too_many_attempts: (step) => guesses('databao', step) + guesses('juhe', step),
  provider_timeout: (step) => rarely('databao', step, 0.05),
  provider_unavailable: (step) => (step >= 40 && step < 43 ? 5 : 0),
  daily_limit_reached: () => 0,
}

/**
 * One metric's values over the day.
 *
 * @param {string} name
 * @param {string} of the last dimension's value: a provider, a route, a code or a function
 * @param {string} stat
 * @returns {number[]}
 */
export function sampleOf(name, of, stat) {
  const valueAt = sampler(name, of, stat)
  return Array.from({ length: STEPS }, (_, step) => valueAt(step))
}

/** @param {string} name @param {string} of @param {string} stat @returns {(step: number) => number} */
function sampler(name, of, stat) {
  const tail = stat === 'p99' ? 3.1 : 1
  const pace = (/** @type {string} */ provider, /** @type {number} */ step) =>
    (PACE[provider] ?? 0) * tail * (0.9 + 0.25 * noise(provider + stat, step))
  if (name === 'ProviderMs') return (step) => pace(of, step)
  if (name === 'DurationMs') {
    return (step) => pace(of === 'verifyThreeElement' ? 'databao' : 'juhe', step) * 1.08
  }
  if (name === 'Requests') return requests[of] ?? absent(name, of)
  if (name === 'Problems') return problems[of] ?? absent(name, of)
  if (name === 'Errors') return () => 0
  if (name.endsWith('Throttles')) return (step) => (name.startsWith('G') && step === 61 ? 7 : 0)
  const perProvider = providerMetrics[name] ?? absent(name, of)
  return (step) => perProvider(of, step)
}

/** @param {string} provider @param {number} step */
function calls(provider, step) {
  const hour = step / 4
  const day =
    0.08 + Math.exp(-(((hour - 10.5) / 3) ** 2)) + 0.8 * Math.exp(-(((hour - 16) / 3) ** 2))
  return Math.round((PEAK[provider] ?? 0) * day * (0.85 + 0.3 * noise(provider, step)))
}

/** @param {string} provider @param {number} step */
function guesses(provider, step) {
  return provider === 'juhe' && step >= 84 && step < 88
    ? 14
    : rarely(`guess ${provider}`, step, 0.1)
}

/** @param {string} seed @param {number} step @param {number} share */
function rarely(seed, step, share) {
  return noise(`rare ${seed}`, step) < share ? 1 : 0
}

/** From 0 to 1. @param {string} seed @param {number} step */
function noise(seed, step) {
  let hash = 2_166_136_261
  for (const char of `${seed} ${step}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}

/** @param {number} count @param {(at: number) => number} valueAt */
function sum(count, valueAt) {
  let total = 0
  for (let at = 0; at < count; at++) total += valueAt(at)
  return total
}

/** @param {string} name @param {string} of @returns {never} */
function absent(name, of) {
  throw new Error(`No sample data for metric ${name} of ${of}`)
}
