import { randomUUID } from 'node:crypto'
import type { Ruling } from './body-oracle.ts'
import type { Draw } from './draw.ts'
import type { Operation } from './hostile-json.ts'
import { hostileRequest, mergedRuling, type Sent } from './hostile-request.ts'

export const ROLE = 'arn:aws:sts::111122223333:assumed-role/proof/one'

/** An event and what may be answered to it. */
export type HostileEvent = { event: unknown; how: string; ruling: Ruling; operation: Operation }

const nobody = (): Ruling => ({ refusals: new Set(['unauthenticated']) })

type Wrap = (draw: Draw, sent: Sent) => { event: unknown; ruling?: Ruling }

const v2 = ({ headers, body, isBase64Encoded }: Sent, changed: object = {}) => ({
  version: '2.0',
  routeKey: '$default',
  headers,
  requestContext: {
    requestId: randomUUID(),
    authorizer: { iam: { userArn: ROLE } },
    http: { method: 'POST' },
  },
  ...(body === undefined ? {} : { body }),
  isBase64Encoded,
  ...changed,
})

const titleCase = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
      value,
    ]),
  )

const v1 = ({ headers, body, isBase64Encoded }: Sent, changed: object = {}) => ({
  version: '1.0',
  httpMethod: 'POST',
  headers: titleCase(headers),
  multiValueHeaders: Object.fromEntries(
    Object.entries(titleCase(headers)).map(([name, value]) => [name, [value]]),
  ),
  requestContext: { requestId: randomUUID(), identity: { userArn: ROLE } },
  body: body ?? null,
  isBase64Encoded,
  ...changed,
})

const NO_EVENTS = [null, undefined, 0, Infinity, '', 'event', true, [], [{}], {}, [[[]]]]
const NO_CONTEXTS = [
  undefined,
  null,
  0,
  '',
  'arn:aws:iam::111122223333:role/proof',
  [],
  {},
  { authorizer: null },
  { authorizer: ROLE },
  { authorizer: [{ iam: { userArn: ROLE } }] },
  { authorizer: { iam: [ROLE] } },
  { authorizer: { iam: { userArn: [ROLE] } } },
  { authorizer: { iam: { userArn: '' } } },
  { authorizer: { lambda: { userArn: ROLE } } },
  { identity: { user: ROLE, caller: ROLE } },
  { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:x' } },
]
const NO_BODIES = [null, 0, Infinity, true, [], {}, { name: 'x' }, ['{}'], [123, 125]]

const wraps: readonly (readonly [weight: number, how: string, wrap: Wrap])[] = [
  [60, '', (_, sent) => ({ event: v2(sent) })],
  [12, 'a REST event', (_, sent) => ({ event: v1(sent) })],
  [3, 'a REST event without single headers', (_, sent) => ({ event: v1(sent, { headers: null }) })],
  [3, 'nothing of an event', (draw) => ({ event: draw.one(NO_EVENTS), ruling: nobody() })],
  [
    3,
    'no caller',
    (draw, sent) => ({
      event: v2(sent, { requestContext: draw.one(NO_CONTEXTS) }),
      ruling: mergedRuling(sent.ruling, ['unauthenticated']),
    }),
  ],
  [
    2,
    'a load balancer',
    (_, sent) => ({
      event: { ...v1(sent), requestContext: { elb: {} } },
      ruling: mergedRuling(sent.ruling, ['unauthenticated']),
    }),
  ],
  [
    2,
    'a queue',
    (_, sent) => ({
      event: { Records: [{ body: sent.body, eventSource: 'aws:sqs' }] },
      ruling: nobody(),
    }),
  ],
  [
    2,
    'a body that is no text',
    (draw, sent) => ({
      event: v2(sent, { body: draw.one(NO_BODIES) }),
      ruling: mergedRuling(sent.ruling, ['malformed_json']),
    }),
  ],
  [
    2,
    'no headers',
    (draw, sent) => ({
      event: v2(sent, {
        headers: draw.one([
          null,
          undefined,
          [],
          'content-type',
          7,
          { 'content-type': null },
          { 'content-type': ['application/json'] },
        ]),
      }),
      ruling: mergedRuling(sent.ruling, ['unsupported_media_type']),
    }),
  ],
  [
    2,
    'odd ids',
    (draw, sent) => ({
      event: v2(sent, {
        requestContext: {
          requestId: draw.one([undefined, null, 7, '', 'x'.repeat(10_000), '\r\nx: y', { a: 1 }]),
          authorizer: { iam: { userArn: ROLE } },
        },
      }),
    }),
  ],
  [
    2,
    'odd members',
    (draw, sent) => ({
      event: v2(sent, {
        pathParameters: draw.one([null, [], 'x', { id: 7 }]),
        queryStringParameters: draw.one([null, [], 7, { __proto__: null, a: 1 }]),
        cookies: 7,
        stageVariables: [],
      }),
    }),
  ],
  [1, 'an event in itself', (_, sent) => ({ event: cyclic(v2(sent)) })],
]

function cyclic(event: Record<string, unknown>): unknown {
  return Object.assign(event, {
    self: event,
    queryStringParameters: event,
    stageVariables: [event],
  })
}

const weightedWraps = wraps.map(([weight, how, wrap]) => [weight, { how, wrap }] as const)

export function hostileEvent(draw: Draw): HostileEvent {
  const sent = hostileRequest(draw)
  const { how, wrap } = draw.weighted(weightedWraps)
  const { event, ruling = sent.ruling } = wrap(draw, sent)
  return { event, ruling, operation: sent.operation, how: how ? `${how}: ${sent.how}` : sent.how }
}
