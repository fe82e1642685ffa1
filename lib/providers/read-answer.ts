import type { FormAnswer } from './post-form.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** The JSON object of an answer; `undefined` for anything that is not exactly one. */
export function readJsonObject({ headers, body }: FormAnswer): JsonObject | undefined {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return undefined
  const text = decode(body, 'utf-8') ?? decode(body, 'gbk')
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) && countMembers(value) === countColons(text) ? value : undefined
  } catch {
    return undefined
  }
}

// The bytes alone decide. Read as GBK, what is UTF-8 and no JSON can become JSON that says something
// else, because a lead byte swallows the backslash behind it.
function decode(body: Buffer, encoding: 'utf-8' | 'gbk'): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A code as the tables spell it: the documents promise strings or integers and mix them up. */
export function codeText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Number.isSafeInteger(value) ? String(value) : undefined
}

/** Whether a table of ours names this key; `toString` and the like are in none. */
export function isIn<Table extends object>(table: Table, key: string): key is keyof Table & string {
  return Object.hasOwn(table, key)
}

// A key that stands twice would let the second value overrule a verdict: `JSON.parse` keeps the
// last one and says nothing. Outside strings JSON has one colon a member, so the counts tell.
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const nested = Object.values(value).reduce<number>((sum, item) => sum + countMembers(item), 0)
  return nested + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

function countColons(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1
}
