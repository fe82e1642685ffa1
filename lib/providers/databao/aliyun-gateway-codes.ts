import type { ProviderFailure } from '../provider-client.ts'
import { isIn } from '../read-answer.ts'

type Classes<Key> = readonly (readonly [Key, ProviderFailure])[]

/**
 * The Aliyun API gateway in front of Databao: its failures have an empty body and a code of six
 * characters in `X-Ca-Error-Code`, or on older gateways only a text in `X-Ca-Error-Message`.
 */
const credentials = { problem: 'provider_credentials_rejected', fate: 'refused' } as const
const quota = { problem: 'provider_quota_exhausted', fate: 'refused' } as const
const access = { problem: 'provider_access_denied', fate: 'refused' } as const
const throttled = { problem: 'provider_throttled', fate: 'refused', safeToRetry: true } as const
const unavailable = { problem: 'provider_unavailable', fate: 'refused' } as const
const busy = { problem: 'provider_unavailable', fate: 'refused', safeToRetry: true } as const
const ourFault = { problem: 'provider_error', fate: 'refused' } as const
const failed = { problem: 'provider_error', fate: 'unknown', billable: 'unknown' } as const
const timedOut = { problem: 'provider_timeout', fate: 'unknown', billable: 'unknown' } as const

/** By exact code, where it is not its family's class. */
export const gatewayCodes = {
  A400AC: credentials,
  A401AC: credentials,
  A400MA: credentials,
  A400IK: credentials,
  A403IS: credentials,
  A403EP: credentials,
  A403IP: access,
  A403VN: access,
  A403AC: access,
  A403CO: access,
  A403IN: access,
  A403PR: access,
  B403MI: credentials,
  B403MQ: quota,
  B403ME: quota,
  B403OD: unavailable,
  B403MO: unavailable,
  D504CO: busy,
  D504CS: busy,
  D504RE: busy,
  D504IL: busy,
  D504TO: timedOut,
  I403AA: credentials,
  I403PT: access,
  I410GG: unavailable,
  X403DG: unavailable,
  X503BZ: busy,
  X504TO: timedOut,
} as const satisfies Record<string, ProviderFailure>

/** By prefix, for a code that the table above does not name; the narrower one comes first. */
export const gatewayFamilies = [
  ['A4', credentials],
  ['B403', quota],
  ['B451', unavailable],
  ['D503', busy],
  ['D5', failed],
  ['I4', ourFault],
  ['N5', failed],
  ['T429', throttled],
  ['X5', failed],
] as const satisfies Classes<string>

/** By a part of the text that gateways without codes send. */
export const gatewayMessages = [
  ['Invalid AppCode', credentials],
  ['Need authorization', credentials],
  ['Unauthorized', credentials],
  ['App authorization expired', credentials],
  ['Expiry of Authorization', credentials],
  ['Subscription invalid', credentials],
  ['Quota Exhausted', quota],
  ['Quota Expired', quota],
  ['User Arrears', quota],
  ['Throttled by', throttled],
  ['Invalid protocol', access],
  ['Service Unavailable', busy],
] as const satisfies Classes<string>

/** By HTTP status, when nothing else is known: never safe to retry, for nothing proves that. */
export const gatewayStatuses = [
  [401, credentials],
  [403, access],
  [429, { problem: 'provider_throttled', fate: 'refused' }],
  [504, timedOut],
] as const satisfies Classes<number>

const CODE = /^[A-Z][0-9]{3}[A-Z]{2}$/

/** What the gateway says of itself, or `undefined` where the seller's backend has answered. */
export function gatewayFailure(
  status: number,
  code: string | undefined,
  message: string | undefined,
): ProviderFailure | undefined {
  const backendAnswered = code === '' || (code === undefined && /^(ok)?$/i.test(message ?? ''))
  if (backendAnswered) return undefined
  const failure = byCode(code) ?? byMessage(message) ?? byStatus(status) ?? failed
  return code !== undefined && CODE.test(code) ? { ...failure, providerCode: code } : failure
}

function byCode(code: string | undefined): ProviderFailure | undefined {
  if (code === undefined || !CODE.test(code)) return undefined
  if (isIn(gatewayCodes, code)) return gatewayCodes[code]
  return gatewayFamilies.find(([prefix]) => code.startsWith(prefix))?.[1]
}

function byMessage(message = ''): ProviderFailure | undefined {
  const text = message.toLowerCase()
  return gatewayMessages.find(([part]) => text.includes(part.toLowerCase()))?.[1]
}

function byStatus(status: number): ProviderFailure | undefined {
  return gatewayStatuses.find(([known]) => known === status)?.[1]
}
