import { AppError } from '../../../lib/errors/app-error.ts'
import { preferredLanguage } from '../../../lib/http/accept-language.ts'
import { readEvent } from '../../../lib/http/api-gateway-event.ts'
import { readJsonBody } from '../../../lib/http/json-body.ts'
import { getUsageEndpoint, listVerificationsEndpoint } from '../../../lib/http/record-endpoints.ts'
import { asksAnew, idempotencyKeyOf } from '../../../lib/http/request-headers.ts'
import { parseCardNumber } from '../../../lib/verification/card-number.ts'
import type { Parsed } from '../../../lib/verification/field.ts'
import { parseIdNumber } from '../../../lib/verification/id-number.ts'
import { parsePersonName } from '../../../lib/verification/person-name.ts'
import { parseReference } from '../../../lib/verification/reference.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../../lib/verification/verification-request.ts'
import { ruleJson, ruleMembers } from './body-oracle.ts'
import type { Draw } from './draw.ts'
import {
  type FieldRuling,
  ruleCard,
  ruleId,
  ruleName,
  ruleReference,
  sendable,
} from './field-oracle.ts'
import { hostileBody } from './hostile-json.ts'
import { type HttpQuery, hostileListQuery, hostileUsageQuery } from './hostile-query.ts'
import { hostileEvent } from './hostile-event.ts'
import { hostileRequest } from './hostile-request.ts'
import { goodCard, goodId, goodName, goodReference, perhapsSpoilt } from './hostile-text.ts'
import { tableThatHoldsNothing } from './in-process.ts'

/** One call of one validator. */
export type Case = {
  what: string
  how: string
  run: () => unknown
  /** @returns whether the result is what the contract allows */
  isRight: (result: unknown) => boolean
}

/** What a validator throws on purpose, as a result. */
const codeOf = (run: () => unknown) => (): unknown => {
  try {
    return run()
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

function fieldCase<Value extends string>(
  what: keyof typeof sendable | 'reference',
  parse: (text: string) => Parsed<Value>,
  rule: (text: string) => FieldRuling,
  good: (draw: Draw) => string,
) {
  return (draw: Draw): Case => {
    const { text, how } = perhapsSpoilt(draw, good(draw), 0.85)
    const pattern = what === 'reference' ? undefined : sendable[what]
    return {
      what,
      how,
      run: () => parse(text),
      isRight(result) {
        const parsed = result as Parsed<Value>
        const { mayAccept, mayRefuse, sentAs } = rule(text)
        if ('failure' in parsed) return mayRefuse
        const { value } = parsed
        return mayAccept && (sentAs ?? value) === value && (pattern?.test(value) ?? true)
      },
    }
  }
}

function requestCase(draw: Draw): Case {
  const operation = draw.one(['three-element', 'two-element'] as const)
  const { content, how } = hostileBody(draw, operation)
  const fields = objectIn(content) ?? Object.create(null)
  const parse = operation === 'three-element' ? parseThreeElementRequest : parseTwoElementRequest
  return {
    what: `${operation} request`,
    how,
    run: () => parse(fields),
    isRight(result) {
      const parsed = result as ReturnType<typeof parse>
      const { refusals, asks } = ruleMembers(operation, new Map(Object.entries(fields)))
      if ('errors' in parsed) return parsed.errors.length > 0 && refusals.size > 0
      const { person } = parsed.request
      return (
        asks !== undefined &&
        Object.entries(asks).every(([field, sentAs]) => person[field as 'name'] === sentAs)
      )
    },
  }
}

function objectIn(content: string | Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const nowhere = { requestId: 'r', caller: undefined, pathParameters: new Map(), query: new Map() }

function bodyCase(draw: Draw): Case {
  const { headers, body, isBase64Encoded, how } = hostileRequest(draw)
  const http = {
    ...nowhere,
    headers: new Map(Object.entries({ ...headers, 'content-type': 'application/json' })),
    body,
    isBase64Encoded,
  }
  return {
    what: 'body',
    how,
    run: codeOf(() => readJsonBody(http)),
    isRight(result) {
      const { refusals, members } = ruleJson(body, isBase64Encoded)
      if (typeof result === 'string') return refusals.has(result)
      return (
        members !== undefined &&
        JSON.stringify(result) === JSON.stringify(Object.fromEntries(members))
      )
    },
  }
}

function eventCase(draw: Draw): Case {
  const { event, how, ruling } = hostileEvent(draw)
  return {
    what: 'event',
    how,
    run: () => readEvent(event, 'aws-request-id'),
    isRight(result) {
      const { requestId, caller, body } = result as ReturnType<typeof readEvent>
      const isNobody = ruling.refusals.has('unauthenticated')
      return (
        /^[!-~]{1,128}$/.test(requestId) &&
        (caller === undefined) === isNobody &&
        ['string', 'undefined'].includes(typeof body)
      )
    },
  }
}

const list = listVerificationsEndpoint(tableThatHoldsNothing)
const usage = getUsageEndpoint(tableThatHoldsNothing)

const queryCase =
  (
    what: string,
    hostileQuery: (draw: Draw) => HttpQuery,
    read: (http: Parameters<typeof list.read>[0]) => unknown,
  ) =>
  (draw: Draw): Case => {
    const { query, how, mayPass, mayFail } = hostileQuery(draw)
    const http = {
      ...nowhere,
      query: new Map(Object.entries(query)),
      headers: new Map(),
      body: undefined,
      isBase64Encoded: false,
    }
    return {
      what,
      how,
      run: codeOf(() => read(http)),
      isRight: (result) =>
        typeof result === 'string' ? result === 'validation_failed' && mayFail : mayPass,
    }
  }

function headerCase(draw: Draw): Case {
  const { headers, how, ruling } = hostileRequest(draw)
  const map = new Map(Object.entries(headers))
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  return {
    what: 'headers',
    how,
    run: () => ({
      key: codeOf(() => ({ key: idempotencyKeyOf(map, false) }))(),
      anew: asksAnew(map),
      language: preferredLanguage(headers['accept-language']),
    }),
    isRight(result) {
      const { key, anew, language } = result as { key: unknown; anew: boolean; language: string }
      const mayRefuse = ruling.refusals.has('invalid_idempotency_key')
      return (
        (typeof key === 'object' || (key === 'invalid_idempotency_key' && mayRefuse)) &&
        anew === directives.includes('no-cache') &&
        ['en', 'zh'].includes(language)
      )
    },
  }
}

const kinds: readonly (readonly [weight: number, make: (draw: Draw) => Case])[] = [
  [20, fieldCase('name', parsePersonName, ruleName, goodName)],
  [20, fieldCase('cardNumber', parseCardNumber, ruleCard, goodCard)],
  [15, fieldCase('idNumber', parseIdNumber, ruleId, goodId)],
  [
    15,
    fieldCase('reference', parseReference, ruleReference, (draw) =>
      draw.one([goodReference, goodCard, goodId])(draw),
    ),
  ],
  [10, requestCase],
  [8, bodyCase],
  [4, eventCase],
  [3, queryCase('list query', hostileListQuery, list.read)],
  [2, queryCase('usage query', hostileUsageQuery, usage.read)],
  [3, headerCase],
]

export const validatorCase = (draw: Draw): Case => draw.weighted(kinds)(draw)
