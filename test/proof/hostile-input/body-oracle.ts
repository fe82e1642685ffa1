import { isUtf8 } from 'node:buffer'
import { type FieldRuling, ruleCard, ruleId, ruleName, ruleReference } from './field-oracle.ts'
import type { Operation } from './hostile-json.ts'

export type Person = { name?: string; idNumber?: string; cardNumber?: string }

/** What the contract allows as an answer to a request. */
export type Ruling = {
  /** Codes of the problems that are right. */
  refusals: ReadonlySet<string>
  /** Who may be asked about, as far as the contract tells the spelling; nobody where absent. */
  asks?: Person
}

const refusedAs = (...codes: string[]): { refusals: ReadonlySet<string> } => ({
  refusals: new Set(codes),
})

const LIMIT = 8192
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/** A body as an event carries it. */
export function ruleBody(
  operation: Operation,
  carried: string | undefined,
  base64: boolean,
): Ruling {
  const { refusals, members } = ruleJson(carried, base64)
  if (!members) return { refusals }
  const ruling = ruleMembers(operation, members)
  return { ...ruling, refusals: new Set([...ruling.refusals, ...refusals]) }
}

type Json = {
  refusals: ReadonlySet<string>
  /** Absent where the body has to be refused. */
  members?: ReadonlyMap<string, unknown>
}

export function ruleJson(carried: string | undefined, base64: boolean): Json {
  if (carried === undefined) return refusedAs('malformed_json')
  if (!base64) {
    const bytes = Buffer.from(carried)
    if (carried.isWellFormed()) return ruleBytes(bytes)
    return refusedAs('malformed_json', ...(bytes.length > LIMIT ? ['payload_too_large'] : []))
  }
  const [, content = '', padding = ''] = /^([^=]*)(=*)$/.exec(carried) ?? []
  const inAlphabet = /^[A-Za-z0-9+/]+$/.test(content) || carried === ''
  const unpadded = padding === '' && content.length % 4 !== 1
  const padded = carried.length % 4 === 0 && padding.length <= 2
  // Nobody can say how large the body is that this should have been.
  if (!inAlphabet || !(padded || unpadded)) return refusedAs('malformed_json', 'payload_too_large')
  const ruling = ruleBytes(Buffer.from(content, 'base64'))
  return padded ? ruling : doubted(ruling, 'malformed_json')
}

const doubted = (ruling: Json, ...codes: string[]): Json => ({
  ...ruling,
  refusals: new Set([...ruling.refusals, ...codes]),
})

function ruleBytes(bytes: Buffer): Json {
  if (bytes.length > LIMIT) return refusedAs('payload_too_large')
  if (!isUtf8(bytes)) return refusedAs('malformed_json')
  // A parser may overlook a byte order mark (RFC 8259 §8.1).
  const isMarked = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)
  const text = bytes.subarray(isMarked ? 3 : 0).toString()
  const members = membersOf(text)
  if (!members) return refusedAs('malformed_json')
  const ruling: Json = { refusals: new Set(), members }
  // And of a key that stands twice it may take the last value, or none (§4).
  const isTwofold = countKeys(text) > members.size
  return doubted(
    ruling,
    ...(isMarked ? ['malformed_json'] : []),
    ...(isTwofold ? ['malformed_json', 'validation_failed'] : []),
  )
}

/** The members of a JSON object, the last one where a key stands twice. */
function membersOf(text: string): Map<string, unknown> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

/** Of the outermost object; the text is JSON. */
function countKeys(text: string): number {
  let depth = 0
  let keys = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (token === ':' && depth === 1) keys += 1
  }
  return keys
}

export function ruleMembers(operation: Operation, members: ReadonlyMap<string, unknown>): Ruling {
  const required =
    operation === 'three-element' ? ['name', 'idNumber', 'cardNumber'] : ['name', 'cardNumber']
  const known = new Set([...required, 'reference'])
  const isComplete = required.every((field) => members.has(field))
  const isKnown = [...members.keys()].every((field) => known.has(field))
  const texts = new Map(
    [...members].filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  if (!isComplete || !isKnown || texts.size < members.size) return refusedAs('validation_failed')

  const rulings: Record<string, FieldRuling> = {
    name: ruleName(texts.get('name') ?? ''),
    cardNumber: ruleCard(texts.get('cardNumber') ?? ''),
    ...(operation === 'three-element' ? { idNumber: ruleId(texts.get('idNumber') ?? '') } : {}),
  }
  const numbers = [rulings['cardNumber']?.sentAs, rulings['idNumber']?.sentAs].filter(
    (number) => number !== undefined,
  )
  const reference = texts.get('reference')
  const all = [
    ...Object.values(rulings),
    ...(reference === undefined ? [] : [ruleReference(reference, numbers)]),
  ]
  if (all.some(({ mayAccept }) => !mayAccept)) return refusedAs('validation_failed')
  const asks = Object.fromEntries(
    Object.entries(rulings).flatMap(([field, { sentAs }]) =>
      sentAs === undefined ? [] : [[field, sentAs]],
    ),
  )
  return {
    refusals: new Set(all.some(({ mayRefuse }) => mayRefuse) ? ['validation_failed'] : []),
    asks,
  }
}
