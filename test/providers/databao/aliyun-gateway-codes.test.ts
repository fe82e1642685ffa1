import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type {
  gatewayCodes,
  gatewayFamilies,
  gatewayMessages,
  gatewayStatuses,
} from '../../../lib/providers/databao/aliyun-gateway-codes.ts'
import { databaoClient } from '../../../lib/providers/databao/databao-client.ts'
import type { AskProvider } from '../../../lib/verification/verdict.ts'
import type { ThreeElementPerson } from '../../../lib/verification/verification-request.ts'
import { startDatabaoSimulator } from '../../simulators/databao-simulator.ts'
import type { ProviderSimulator } from '../../simulators/provider-simulator.ts'
import { scenarios } from '../../simulators/scenarios.ts'
import { fixed, person, personOf, problem, type Row, seen } from '../asking.ts'
import { startStubProvider } from '../stub-provider.ts'
import type { StubAnswer, StubProvider } from '../stub-provider.ts'

/** How often a failure may reach the provider: twice only where it provably never ran. */
type Expected = readonly [hits: 1 | 2, ...row: Row]

const appCode = '51a7c0de51a7c0de51a7c0de51a7c0de'
let simulator: ProviderSimulator
let stub: StubProvider
let askSimulator: AskProvider<ThreeElementPerson>
let askStub: AskProvider<ThreeElementPerson>

beforeAll(async () => {
  // The shortest wait before a retry.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  simulator = await startDatabaoSimulator({ appCode })
  stub = await startStubProvider()
  const options = { credentials: fixed({ appCode }), timeoutMs: 3000 }
  askSimulator = databaoClient({ ...options, baseUrl: simulator.url })
  askStub = databaoClient({ ...options, baseUrl: stub.url })
})
afterAll(async () => {
  vi.restoreAllMocks()
  await Promise.all([simulator.close(), stub.close()])
})

async function scenario(name: string) {
  const before = simulator.hits.length
  const { outcome } = await seen(askSimulator, personOf(name))
  return { outcome, hits: simulator.hits.length - before }
}

async function answered(...answers: StubAnswer[]) {
  stub.answer(...answers)
  const { outcome } = await seen(askStub, person())
  return { outcome, hits: stub.requests.length }
}

const failure = (status: number, code?: string, message?: string): StubAnswer => ({
  status,
  headers: {
    ...(code !== undefined && { 'X-Ca-Error-Code': code }),
    ...(message !== undefined && { 'X-Ca-Error-Message': message }),
    'X-Ca-Request-Id': '0A1B2C3D-0A1B-2C3D-4E5F-0A1B2C3D4E5F',
  },
})
const success = { body: { code: '10000', message: '成功', data: { state: '1' } } }
const match = { verdict: 'match', billable: 'yes' }

const codes = {
  A400AC: [1, 'provider_credentials_rejected', 502, false, 'no', 'A400AC'],
  A401AC: [1, 'provider_credentials_rejected', 502, false, 'no', 'A401AC'],
  A400MA: [1, 'provider_credentials_rejected', 502, false, 'no', 'A400MA'],
  A400IK: [1, 'provider_credentials_rejected', 502, false, 'no', 'A400IK'],
  A403IS: [1, 'provider_credentials_rejected', 502, false, 'no', 'A403IS'],
  A403EP: [1, 'provider_credentials_rejected', 502, false, 'no', 'A403EP'],
  A403IP: [1, 'provider_access_denied', 502, false, 'no', 'A403IP'],
  A403VN: [1, 'provider_access_denied', 502, false, 'no', 'A403VN'],
  A403AC: [1, 'provider_access_denied', 502, false, 'no', 'A403AC'],
  A403CO: [1, 'provider_access_denied', 502, false, 'no', 'A403CO'],
  A403IN: [1, 'provider_access_denied', 502, false, 'no', 'A403IN'],
  A403PR: [1, 'provider_access_denied', 502, false, 'no', 'A403PR'],
  B403MI: [1, 'provider_credentials_rejected', 502, false, 'no', 'B403MI'],
  B403MQ: [1, 'provider_quota_exhausted', 503, false, 'no', 'B403MQ'],
  B403ME: [1, 'provider_quota_exhausted', 503, false, 'no', 'B403ME'],
  B403OD: [1, 'provider_unavailable', 503, true, 'no', 'B403OD'],
  B403MO: [1, 'provider_unavailable', 503, true, 'no', 'B403MO'],
  D504CO: [2, 'provider_unavailable', 503, true, 'no', 'D504CO'],
  D504CS: [2, 'provider_unavailable', 503, true, 'no', 'D504CS'],
  D504RE: [2, 'provider_unavailable', 503, true, 'no', 'D504RE'],
  D504IL: [2, 'provider_unavailable', 503, true, 'no', 'D504IL'],
  D504TO: [1, 'provider_timeout', 504, false, 'unknown', 'D504TO'],
  I403AA: [1, 'provider_credentials_rejected', 502, false, 'no', 'I403AA'],
  I403PT: [1, 'provider_access_denied', 502, false, 'no', 'I403PT'],
  I410GG: [1, 'provider_unavailable', 503, true, 'no', 'I410GG'],
  X403DG: [1, 'provider_unavailable', 503, true, 'no', 'X403DG'],
  X503BZ: [2, 'provider_unavailable', 503, true, 'no', 'X503BZ'],
  X504TO: [1, 'provider_timeout', 504, false, 'unknown', 'X504TO'],
} satisfies Record<keyof typeof gatewayCodes, Expected>

describe('a code of the gateway', () => {
  it.each(Object.entries(codes))('%s is its class', async (code, [hits, ...row]) => {
    expect(await scenario(`gateway-${code.toLowerCase()}`)).toEqual({
      outcome: problem('databao', row),
      hits,
    })
  })

  it.each(Object.entries(codes))(
    '%s is its class whatever its message and status say',
    async (code, [hits, ...row]) => {
      const message = code === 'B403MQ' ? 'Service Unavailable' : 'Quota Exhausted'
      expect(await answered(failure(400, code, message))).toEqual({
        outcome: problem('databao', row),
        hits,
      })
    },
  )
})

describe('a code that only its family knows', () => {
  const families = {
    A4: { A499ZZ: [1, 'provider_credentials_rejected', 502, false, 'no', 'A499ZZ'] },
    B403: { B403ZZ: [1, 'provider_quota_exhausted', 503, false, 'no', 'B403ZZ'] },
    B451: { B451ZZ: [1, 'provider_unavailable', 503, true, 'no', 'B451ZZ'] },
    D503: { D503ZZ: [2, 'provider_unavailable', 503, true, 'no', 'D503ZZ'] },
    D5: {
      D502FC: [1, 'provider_error', 502, false, 'unknown', 'D502FC'],
      D500ZZ: [1, 'provider_error', 502, false, 'unknown', 'D500ZZ'],
      D504ZZ: [1, 'provider_error', 502, false, 'unknown', 'D504ZZ'],
    },
    I4: {
      I400ZZ: [1, 'provider_error', 502, false, 'no', 'I400ZZ'],
      I404NF: [1, 'provider_error', 502, false, 'no', 'I404NF'],
      I405UM: [1, 'provider_error', 502, false, 'no', 'I405UM'],
      I413ZZ: [1, 'provider_error', 502, false, 'no', 'I413ZZ'],
    },
    N5: {
      N502RE: [1, 'provider_error', 502, false, 'unknown', 'N502RE'],
      N599ZZ: [1, 'provider_error', 502, false, 'unknown', 'N599ZZ'],
    },
    T429: {
      T429ID: [2, 'provider_throttled', 503, true, 'no', 'T429ID'],
      T429ZZ: [2, 'provider_throttled', 503, true, 'no', 'T429ZZ'],
    },
    X5: {
      X500ER: [1, 'provider_error', 502, false, 'unknown', 'X500ER'],
      X503ZZ: [1, 'provider_error', 502, false, 'unknown', 'X503ZZ'],
      X504ZZ: [1, 'provider_error', 502, false, 'unknown', 'X504ZZ'],
    },
  } satisfies Record<(typeof gatewayFamilies)[number][0], Record<string, Expected>>

  it.each(Object.values(families).flatMap((family) => Object.entries<Expected>(family)))(
    '%s is the class of that family',
    async (code, [hits, ...row]) => {
      const status = Number(code.slice(1, 4))
      expect(await answered(failure(status, code, 'Anything'))).toEqual({
        outcome: problem('databao', row),
        hits,
      })
    },
  )

  it.each([
    ['Q499ZZ', ['provider_error', 502, false, 'unknown', 'Q499ZZ']],
    ['Z503ZZ', ['provider_error', 502, false, 'unknown', 'Z503ZZ']],
    ['toString', ['provider_error', 502, false, 'unknown']],
    ['__proto__', ['provider_error', 502, false, 'unknown']],
    ['constructor', ['provider_error', 502, false, 'unknown']],
    ['T429', ['provider_error', 502, false, 'unknown']],
    ['T429ID, D504TO', ['provider_error', 502, false, 'unknown']],
    ['T4290000000000', ['provider_error', 502, false, 'unknown']],
    ['t429id', ['provider_error', 502, false, 'unknown']],
  ] as const)('%s belongs to none: the outcome is unknown', async (code, row) => {
    expect(await answered(failure(500, code))).toEqual({
      outcome: problem('databao', row),
      hits: 1,
    })
  })

  it('of no known family is read by its message', async () => {
    expect(await answered(failure(403, 'Q499ZZ', 'Quota Exhausted'))).toEqual({
      outcome: problem('databao', ['provider_quota_exhausted', 503, false, 'no', 'Q499ZZ']),
      hits: 1,
    })
  })
})

describe('a gateway without codes', () => {
  const messages = {
    'Invalid AppCode': [1, 'provider_credentials_rejected', 502, false, 'no'],
    'Need authorization': [1, 'provider_credentials_rejected', 502, false, 'no'],
    Unauthorized: [1, 'provider_credentials_rejected', 502, false, 'no'],
    'App authorization expired': [1, 'provider_credentials_rejected', 502, false, 'no'],
    'Expiry of Authorization': [1, 'provider_credentials_rejected', 502, false, 'no'],
    'Subscription invalid': [1, 'provider_credentials_rejected', 502, false, 'no'],
    'Quota Exhausted': [1, 'provider_quota_exhausted', 503, false, 'no'],
    'Quota Expired': [1, 'provider_quota_exhausted', 503, false, 'no'],
    'User Arrears': [1, 'provider_quota_exhausted', 503, false, 'no'],
    'Throttled by': [2, 'provider_throttled', 503, true, 'no'],
    'Invalid protocol': [1, 'provider_access_denied', 502, false, 'no'],
    'Service Unavailable': [2, 'provider_unavailable', 503, true, 'no'],
  } satisfies Record<(typeof gatewayMessages)[number][0], Expected>

  it.each(Object.entries(messages))('tells by "%s"', async (message, [hits, ...row]) => {
    const outcome = problem('databao', row)
    expect(await answered(failure(400, undefined, `${message} x`))).toEqual({ outcome, hits })
    expect(await answered(failure(400, undefined, message.toUpperCase()))).toEqual({
      outcome,
      hits,
    })
  })

  it.each([
    ['gateway-legacy-quota-exhausted', 1, 'provider_quota_exhausted'],
    ['gateway-legacy-quota-expired', 1, 'provider_quota_exhausted'],
    ['gateway-legacy-user-arrears', 1, 'provider_quota_exhausted'],
    ['gateway-legacy-throttled-by-user-flow-control', 2, 'provider_throttled'],
    ['gateway-legacy-throttled-by-api-flow-control', 2, 'provider_throttled'],
    ['gateway-legacy-service-unavailable', 2, 'provider_unavailable'],
    ['gateway-legacy-invalid-appcode', 1, 'provider_credentials_rejected'],
    ['gateway-legacy-unauthorized', 1, 'provider_credentials_rejected'],
    ['gateway-legacy-app-authorization-expired', 1, 'provider_credentials_rejected'],
    ['gateway-legacy-expiry-of-authorization', 1, 'provider_credentials_rejected'],
    ['gateway-legacy-subscription-invalid', 1, 'provider_credentials_rejected'],
    ['gateway-legacy-invalid-protocol-http-unsupported', 1, 'provider_access_denied'],
  ] as const)('of the simulator, %s, is understood', async (name, hits, code) => {
    expect(await scenario(name)).toMatchObject({ outcome: { code, billable: 'no' }, hits })
  })

  const statuses = {
    401: [1, 'provider_credentials_rejected', 502, false, 'no'],
    403: [1, 'provider_access_denied', 502, false, 'no'],
    429: [1, 'provider_throttled', 503, true, 'no'],
    504: [1, 'provider_timeout', 504, false, 'unknown'],
  } satisfies Record<(typeof gatewayStatuses)[number][0], Expected>

  it.each(Object.entries(statuses))(
    'and with a message of no table tells by HTTP %s',
    async (status, [hits, ...row]) => {
      expect(await answered(failure(Number(status), undefined, 'Anything else'))).toEqual({
        outcome: problem('databao', row),
        hits,
      })
    },
  )

  it.each([400, 404, 450, 500, 502, 503])(
    'and with a message of no table tells nothing by HTTP %i',
    async (status) => {
      expect(await answered(failure(status, undefined, 'Anything else'))).toEqual({
        outcome: problem('databao', ['provider_error', 502, false, 'unknown']),
        hits: 1,
      })
    },
  )

  it.each([400, 403, 429, 500, 502, 503, 504])(
    'and without a word is unreadable at HTTP %i',
    async (status) => {
      expect(await answered(failure(status))).toEqual({
        outcome: problem('databao', ['provider_error', 502, false, 'unknown']),
        hits: 1,
      })
    },
  )
})

describe('the backend behind the gateway', () => {
  it.each([
    ['no code and the message OK', { 'X-Ca-Error-Message': 'OK' }],
    ['no code and an empty message', { 'X-Ca-Error-Message': '' }],
    ['an empty code', { 'X-Ca-Error-Code': '' }],
    [
      'an empty code and any message',
      { 'X-Ca-Error-Code': '', 'X-Ca-Error-Message': 'Throttled by' },
    ],
  ])('has answered where there is %s', async (_what, headers) => {
    expect(await answered({ ...success, headers })).toEqual({ outcome: match, hits: 1 })
  })

  it.each(['T429ID', 'D503BB', 'X503BZ', 'D504CO'])(
    'may have run where its verdict stands beside the code %s: no second call',
    async (code) => {
      const headers = { 'X-Ca-Error-Code': code }
      const said = await answered({ ...success, headers }, success)
      expect(said).toMatchObject({ outcome: { billable: 'unknown' }, hits: 1 })
      const refused = await answered({ ...success, status: 503, headers }, success)
      expect(refused).toMatchObject({ outcome: { billable: 'unknown' }, hits: 1 })
    },
  )

  it('may have run where HTTP 200 without a body has a code of flow control', async () => {
    const said = await answered(failure(200, 'T429ID'), success)
    expect(said).toMatchObject({ outcome: { billable: 'unknown' }, hits: 1 })
  })
})

describe('a gateway that lets the second call through', () => {
  const safe = scenarios.filter(({ name }) =>
    /^gateway-(t429|d503|x503bz|d504(co|cs|re|il)|legacy-(throttled|service))/.test(name),
  )

  it.each(safe.map(({ name, answers }) => [name, answers.databao] as const))(
    'after %s is asked exactly twice',
    async (_name, first) => {
      const { status, headers } = first!
      expect(await answered({ status, headers }, success)).toEqual({ outcome: match, hits: 2 })
    },
  )

  it('is covered for every class that is safe to retry', () => {
    expect(safe).toHaveLength(10)
  })
})
