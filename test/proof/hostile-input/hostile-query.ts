import type { Draw } from './draw.ts'
import { goodReference, perhapsSpoilt } from './hostile-text.ts'

/** The parameters of a request that reads, and what the contract allows as the answer to them. */
export type HttpQuery = {
  query: Record<string, string>
  how: string
  mayPass: boolean
  mayFail: boolean
}

type Parameter = { name: string; text: string; how: string; mayPass: boolean; mayFail: boolean }

const DAY_MS = 86_400_000
const MOST_DAYS = 92
const ODD_PARAMETERS = [
  '__proto__',
  'constructor',
  'Reference',
  'reference ',
  'caller',
  '',
  'pk',
  'select',
  '\ud800',
]
const ODD_NUMBERS = [
  '0',
  '-1',
  '101',
  '1e2',
  '1.0',
  '007',
  ' 5',
  '９',
  'NaN',
  '9'.repeat(400),
  '',
  'null',
  '0x10',
  '٣',
]
const ODD_DAYS = [
  '2026-02-30',
  '2026-13-01',
  '2026-00-10',
  '0000-01-01',
  '9999-12-31',
  '2026-1-1',
  '20260101',
  '2026-01-01T00:00:00Z',
  '-002026-01-01',
  '２０２６-01-01',
  '2026-01-01\n',
  '',
  'today',
  '2026-02-29',
]

export function hostileListQuery(draw: Draw): HttpQuery {
  const reference = perhapsSpoilt(draw, goodReference(draw), 0.5)
  const isReference = /^[A-Za-z0-9._:-]{1,64}$/.test(reference.text)
  const limit = draw.happens(0.5) ? String(draw.between(1, 100)) : draw.one(ODD_NUMBERS)
  const isLimit = /^[1-9][0-9]?$|^100$/.test(limit)
  const cursor = perhapsSpoilt(draw, '019ad000-0000-7000-8000-000000000001', 0.5)
  const isCursor = cursor.how === 'as it should be'
  return queryOf(draw, [
    { name: 'reference', ...reference, mayPass: isReference, mayFail: !isReference },
    ...optional(draw, {
      name: 'limit',
      text: limit,
      how: 'limit',
      mayPass: /^[0-9]+$/.test(limit),
      mayFail: !isLimit,
    }),
    // What a cursor looks like is the service's own matter.
    ...optional(draw, { name: 'cursor', ...cursor, mayPass: true, mayFail: !isCursor }),
  ])
}

export function hostileUsageQuery(draw: Draw): HttpQuery {
  const first = Date.UTC(2026, 0, 1) + draw.below(300) * DAY_MS
  const days = draw.one([1, 2, 31, 91, MOST_DAYS, MOST_DAYS + 1, 400, 0, -5])
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  const isRange = days >= 1 && days <= MOST_DAYS
  const { query, how, mayPass, mayFail } = queryOf(draw, [
    { name: 'from', text: day(first), how: `${days} days`, mayPass: isRange, mayFail: !isRange },
    {
      name: 'to',
      text: day(first + (days - 1) * DAY_MS),
      how: '',
      mayPass: isRange,
      mayFail: !isRange,
    },
  ])
  if (draw.happens(0.6)) return { query, how, mayPass, mayFail }
  const odd = draw.one(ODD_DAYS)
  return {
    query: { ...query, [draw.one(['from', 'to'])]: odd },
    how: 'an odd day',
    mayPass: odd.startsWith('9999') || odd.startsWith('0000'),
    mayFail: true,
  }
}

const optional = (draw: Draw, parameter: Parameter) => (draw.happens(0.5) ? [parameter] : [])

function queryOf(draw: Draw, parameters: readonly Parameter[]): HttpQuery {
  const dropped = draw.happens(0.1) ? parameters[0]?.name : undefined
  const kept = parameters.filter(({ name }) => name !== dropped)
  const more = draw.happens(0.1) ? [draw.one(ODD_PARAMETERS)] : []
  return {
    query: Object.fromEntries([
      ...kept.map(({ name, text }) => [name, text] as const),
      ...more.map((name) => [name, 'x'] as const),
    ]),
    how: [
      ...kept.map(({ how }) => how),
      ...(dropped ? ['a parameter missing'] : []),
      ...(more.length > 0 ? ['a parameter more'] : []),
    ].join(', '),
    mayPass: kept.every(({ mayPass }) => mayPass) && dropped === undefined && more.length === 0,
    mayFail: kept.some(({ mayFail }) => mayFail) || dropped !== undefined || more.length > 0,
  }
}
