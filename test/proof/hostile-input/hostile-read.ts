import type { Draw } from './draw.ts'
import { hostileListQuery, hostileUsageQuery } from './hostile-query.ts'
import { ROLE } from './hostile-event.ts'

const ODD_IDS = [
  ['019ad000-0000-7000-8000-000000000001', '019AD000-0000-7000-8000-000000000001', '__proto__'],
  ['../..', '..%2f..', '6299990000000017', 'x'.repeat(10_000), '\ud800', 'null', '%', '\u0000'],
].flat()

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A request to a route that reads, of a table that holds nothing. */
export function hostileRead(draw: Draw, isAnonymous: boolean) {
  const route = draw.one(['getVerification', 'listVerifications', 'getUsage'] as const)
  const requestContext = isAnonymous
    ? {}
    : { requestId: 'read', authorizer: { iam: { userArn: ROLE } } }
  const base = { version: '2.0', headers: {}, requestContext }
  if (route === 'getVerification') {
    const id = draw.one(ODD_IDS)
    return {
      route,
      how: UUID.test(id) ? 'an unknown id' : 'an odd id',
      event: { ...base, pathParameters: { id } },
      mayBe: [isAnonymous ? 401 : 404],
      id,
      query: {},
    }
  }
  const { query, how, mayPass, mayFail } =
    route === 'getUsage' ? hostileUsageQuery(draw) : hostileListQuery(draw)
  return {
    route,
    how,
    event: { ...base, queryStringParameters: query },
    mayBe: isAnonymous ? [401] : [...(mayPass ? [200] : []), ...(mayFail ? [422] : [])],
    id: undefined,
    query,
  }
}
