import type { Draw } from '../hostile-input/draw.ts'

/** What API Gateway says of the caller, in the two payload formats. */
export type Vouched = { v2: unknown; v1: { identity?: unknown; authorizer?: unknown } }

export type Principal = {
  name: string
  /** The same for whoever is the same to the service: a role in all of its sessions. */
  identity: string
  vouched: Vouched
}

const ACCOUNT = '111122223333'
const OTHER_ACCOUNT = '444455556666'

const iam = (userArn: unknown): Vouched => ({
  v2: { iam: { userArn, accountId: ACCOUNT, userId: 'AROA:one' } },
  v1: { identity: { userArn, accountId: ACCOUNT, sourceIp: '192.0.2.1' } },
})

const jwt = (sub: unknown): Vouched => ({
  v2: { jwt: { claims: { sub, iss: 'https://issuer.example', aud: 'verify' }, scopes: null } },
  v1: { identity: { sourceIp: '192.0.2.1' }, authorizer: { claims: { sub } } },
})

const role = (name: string, { session = 'one', account = ACCOUNT, partition = 'aws' } = {}) =>
  iam(`arn:${partition}:sts::${account}:assumed-role/${name}/${session}`)

const PAYOUTS = `arn:aws:iam::${ACCOUNT}:role/payouts`

/** Everybody whom the gateway may vouch for; only the sessions of one role are the same caller. */
export const principals: readonly Principal[] = [
  ...['one', 'another', 'a=b,c@d.e', 'refunds'].map((session) => ({
    name: `role payouts, session ${session}`,
    identity: 'payouts',
    vouched: role('payouts', { session }),
  })),
  ...Object.entries({
    'role refunds': role('refunds'),
    'role payouts of another account': role('payouts', { account: OTHER_ACCOUNT }),
    'role payouts in China': role('payouts', { partition: 'aws-cn' }),
    'role payouts-2': role('payouts-2'),
    'user payouts': iam(`arn:aws:iam::${ACCOUNT}:user/payouts`),
    'user payouts under a path': iam(`arn:aws:iam::${ACCOUNT}:user/role/payouts`),
    'federated user payouts': iam(`arn:aws:sts::${ACCOUNT}:federated-user/payouts`),
    'root of the account': iam(`arn:aws:iam::${ACCOUNT}:root`),
    'subject payouts': jwt('payouts'),
    'subject PAYOUTS': jwt('PAYOUTS'),
    'subject spelt as the role': jwt(PAYOUTS),
    'subject spelt as the caller that the role is': jwt(`iam:${PAYOUTS}`),
    'subject spelt as a session of the role': jwt(
      `arn:aws:sts::${ACCOUNT}:assumed-role/payouts/one`,
    ),
    'subject with a separator of keys': jwt('payouts#shared'),
    'subject of 255 characters': jwt('s'.repeat(255)),
    'subject that a prototype has': jwt('__proto__'),
  }).map(([name, vouched]) => ({ name, identity: name, vouched })),
]

export type Nobody = { name: string; vouched: Vouched }

/** Contexts in which the gateway vouches for nobody, whatever they hold. */
export const nobodies: readonly Nobody[] = [
  ...Object.entries({
    'no authorizer': undefined,
    null: null,
    'a text': PAYOUTS,
    'an empty object': {},
    'an array': [{ iam: { userArn: PAYOUTS } }],
    'iam null': { iam: null },
    'iam a text': { iam: PAYOUTS },
    'iam without an ARN': { iam: { accountId: ACCOUNT, userId: 'AROA:one', callerId: PAYOUTS } },
    'iam with access keys only': {
      iam: { accessKey: 'ASIA', cognitoIdentity: { identityId: 'x' } },
    },
    'jwt without claims': { jwt: { scopes: ['admin'] } },
    'claims without a subject': { jwt: { claims: { iss: 'issuer', client_id: 'payouts' } } },
    'a Lambda authorizer': { lambda: { userArn: PAYOUTS, sub: 'payouts' } },
    'a principal id': { principalId: 'payouts' },
    'names of other case': { IAM: { UserArn: PAYOUTS }, JWT: { Claims: { Sub: 'payouts' } } },
  }).map(([name, v2]) => ({ name, vouched: { v2, v1: { authorizer: v2 } } })),
  ...[
    '',
    ' ',
    'payouts\n',
    '\u0000',
    '张三',
    'a b',
    's'.repeat(256),
    7,
    true,
    null,
    ['payouts'],
    { sub: 'payouts' },
  ].flatMap((odd) => [
    { name: `an ARN that is ${JSON.stringify(odd).slice(0, 20)}`, vouched: iam(odd) },
    { name: `a subject that is ${JSON.stringify(odd).slice(0, 20)}`, vouched: jwt(odd) },
  ]),
]

/** Headers in which somebody claims to be another; none of them is for this service to believe. */
export const forgedHeaders: Record<string, string> = {
  authorization: `AWS4-HMAC-SHA256 Credential=AKIAFORGED/20261123/ap-southeast-1/execute-api/aws4_request`,
  'x-caller': `iam:${PAYOUTS}`,
  'x-amzn-caller': PAYOUTS,
  'x-amzn-iam-user-arn': PAYOUTS,
  'x-amzn-requestcontext': JSON.stringify({ authorizer: { iam: { userArn: PAYOUTS } } }),
  'x-amz-security-token': 'forged',
  'x-apigateway-event': JSON.stringify({ requestContext: { identity: { userArn: PAYOUTS } } }),
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-user': 'payouts',
  'x-real-ip': '::1',
  forwarded: 'for=127.0.0.1',
  cookie: 'sub=payouts',
}

const SOMEBODY = `arn:aws:iam::${ACCOUNT}:user/somebody`
const ODD_PARTS: readonly unknown[] = [
  null,
  '',
  0,
  [],
  {},
  SOMEBODY,
  { sub: 'somebody' },
  [SOMEBODY],
]

/** The context of a principal with something in it changed, so that it is his no more. */
export function spoiltContext(draw: Draw, { vouched }: Principal): Vouched {
  const { v2, v1 } = structuredClone(vouched)
  return { v2: spoiltPart(draw, v2), v1: spoiltPart(draw, v1) as Vouched['v1'] }
}

function spoiltPart(draw: Draw, part: unknown): unknown {
  if (typeof part === 'string') {
    return draw.one([part.slice(0, -1), `${part}x`, ` ${part}`, `${part}\u0000`, [part], { part }])
  }
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return draw.one(ODD_PARTS)
  // Every member, as any of them may be the one that tells who it is.
  const change = draw.one([
    (name: string, value: unknown) => [name, spoiltPart(draw, value)],
    (name: string, value: unknown) => [name.toUpperCase(), value],
    (name: string) => [name, draw.one(ODD_PARTS)],
    (name: string, value: unknown) => [name, [value]],
    (name: string, value: unknown) => [`${name} `, value],
  ])
  return Object.fromEntries(Object.entries(part).map(([name, value]) => change(name, value)))
}
