/**
 * The parameters of serverless.yml and what each may be. A rule returns what is wrong, or nothing;
 * sentences name the parameter and never its value.
 *
 * @typedef {Record<string, unknown>} Values
 * @typedef {(value: string, context: { region: string }) => string | undefined} Rule
 */

const MOST_CALLS = 1_000_000_000
const DAY_SECONDS = 86_400
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** @type {Record<string, Rule>} */
export const parameterRules = {
  juheChannel: oneOf('encrypted', 'plain'),
  databaoBaseUrl: httpsUrl,
  juheBaseUrl: httpsUrl,
  // Longer than its connection's 3 s; the function's 20 s leave 5 for secrets and the ledger.
  providerTimeoutMs: wholeNumber(
    3001,
    15_000,
    ': timeouts nest, connection 3 s < provider < function 20 s with 5 s to spare < gateway 30 s',
  ),
  secretTtlSeconds: wholeNumber(0, DAY_SECONDS),
  reuseSeconds: wholeNumber(0, 31 * DAY_SECONDS),
  cardDailyCalls: wholeNumber(1, MOST_CALLS),
  cardDailyMismatches: wholeNumber(1, MOST_CALLS),
  idDailyCalls: wholeNumber(1, MOST_CALLS),
  providerDailyLimit: wholeNumber(1, MOST_CALLS),
  callerDailyLimit: wholeNumber(1, MOST_CALLS),
  pauseSeconds: wholeNumber(0, DAY_SECONDS),
  requireIdempotencyKey: oneOf('true', 'false'),
  recordDays: wholeNumber(1, 3650),
  authorizer: oneOf('iam', 'jwt'),
  jwtIssuer: optional(httpsUrl),
  jwtAudience: optional(list(/^[^\s,]+$/, 'audiences')),
  throttleRate: wholeNumber(1, 10_000),
  throttleBurst: wholeNumber(1, 5000),
  reservedConcurrency: optional(wholeNumber(1, 10_000)),
  provisionedConcurrency: optional(wholeNumber(1, 10_000)),
  architecture: oneOf('arm64', 'x86_64'),
  subnetIds: optional(list(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'subnet ids')),
  securityGroupIds: optional(list(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'security group ids')),
  domainName: optional(pattern(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a domain name')),
  certificateArn: optional(arnOf('acm', 'certificate/')),
  kmsKeyArn: optional(arnOf('kms', 'key/')),
  logRetentionDays: (value) =>
    RETENTION_DAYS.includes(Number(value))
      ? undefined
      : `must be one of ${RETENTION_DAYS.join(' ')}`,
  alarmEmail: optional(pattern(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address')),
  alarmTopicArn: optional(arnOf('sns', '')),
  runbookUrl: pattern(/^[^\s#]+$/, 'an address without spaces and #'),
  spendAlarmPercent: wholeNumber(1, 100),
  mismatchAlarmPercent: wholeNumber(1, 100),
  p99AlarmMs: wholeNumber(1, 20_000),
}

/** @type {[string, string][]} */
const TOGETHER = [
  ['jwtIssuer', 'jwtAudience'],
  ['subnetIds', 'securityGroupIds'],
  ['domainName', 'certificateArn'],
]

/**
 * @param {Values} values every parameter as this run has it
 * @param {{ region: string }} context
 * @returns {string | undefined} one sentence about the first thing that is wrong
 */
export function findParameterFault(values, context) {
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(parameterRules, name)) {
      return `There is no parameter "${name}"; serverless.yml lists all of them under params.default.`
    }
  }
  for (const [name, rule] of Object.entries(parameterRules)) {
    const fault = rule(textOf(values[name]), context)
    if (fault) return `Parameter "${name}" ${fault}.`
  }
  const isGiven = (/** @type {string} */ name) => textOf(values[name]) !== ''
  if (values.authorizer === 'iam' && (isGiven('jwtIssuer') || isGiven('jwtAudience'))) {
    return 'Parameter "authorizer" is iam, but "jwtIssuer" or "jwtAudience" is given: choose one.'
  }
  if (values.authorizer === 'jwt' && !isGiven('jwtIssuer')) {
    return 'Parameter "jwtIssuer" is missing: "authorizer" is jwt.'
  }
  for (const [one, other] of TOGETHER) {
    if (isGiven(one) !== isGiven(other)) {
      const [given, missing] = isGiven(one) ? [one, other] : [other, one]
      return `Parameter "${missing}" is missing: "${given}" is given.`
    }
  }
  if (isGiven('alarmEmail') && isGiven('alarmTopicArn')) {
    return 'Parameters "alarmEmail" and "alarmTopicArn" are both given: choose one.'
  }
  return undefined
}

/**
 * What `${param:…}` reads, in osls's own order.
 *
 * @param {Record<string, Values | null> | undefined} params
 * @param {string} stage
 * @param {string[]} options as `--param="name=value"`
 * @returns {Values}
 */
export function parametersOf(params = {}, stage, options = []) {
  const given = options.map((option) => {
    const at = option.indexOf('=')
    return [option.slice(0, at), option.slice(at + 1)]
  })
  return { ...params.default, ...params[stage], ...Object.fromEntries(given) }
}

/** @param {unknown} value */
function textOf(value) {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
  return isPlain ? `${/** @type {string} */ (value)}` : ''
}

/** @param {Rule} rule @returns {Rule} */
function optional(rule) {
  return (value, context) => (value === '' ? undefined : rule(value, context))
}

/** @param {string[]} choices @returns {Rule} */
function oneOf(...choices) {
  return (value) => {
    if (value === '') return 'is missing'
    return choices.includes(value) ? undefined : `must be ${choices.join(' or ')}`
  }
}

/** @param {number} min @param {number} max @param {string} [reason] @returns {Rule} */
function wholeNumber(min, max, reason = '') {
  return (value) => {
    if (value === '') return 'is missing'
    const fits = /^[0-9]+$/.test(value) && Number(value) >= min && Number(value) <= max
    return fits ? undefined : `must be a whole number from ${min} to ${max}${reason}`
  }
}

/** @param {RegExp} wanted @param {string} what @returns {Rule} */
function pattern(wanted, what) {
  return (value) => {
    if (value === '') return 'is missing'
    return wanted.test(value) ? undefined : `must be ${what}`
  }
}

/** @param {RegExp} wanted @param {string} what @returns {Rule} */
function list(wanted, what) {
  return (value) =>
    value.split(',').every((item) => wanted.test(item))
      ? undefined
      : `must be ${what}, separated by commas without spaces`
}

/** @type {Rule} */
function httpsUrl(value) {
  if (value === '') return 'is missing'
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url) return 'must be a URL'
  if (url.protocol !== 'https:') return 'must be https: plain http would show people to the network'
  return url.username || url.password || url.search || url.hash
    ? 'must be a URL without credentials, query or fragment'
    : undefined
}

/** @param {string} service @param {string} kind @returns {Rule} */
function arnOf(service, kind) {
  return (value, { region }) => {
    const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws[a-z-]*'
    return new RegExp(`^arn:${partition}:${service}:${region}:[0-9]{12}:${kind}\\S+$`).test(value)
      ? undefined
      : `must be an ARN of ${service} in ${region}`
  }
}
