import { type Json, strictJson } from './strict-json.ts'

export type Provider = 'databao' | 'juhe'
export type Answer = { status: number; headers: Record<string, string>; body: Buffer }
export type Said = 'match' | 'mismatch' | undefined

/**
 * What these bytes plainly say by providers.md, and nothing for whatever is not plain: the judge
 * of what lib/ makes of them, with which it shares no line.
 */
export function plainReading(provider: Provider, answer: Answer): Said {
  const { status, headers } = answer
  if (status !== 200 || !['', 'identity'].includes(headers['content-encoding'] ?? ''))
    return undefined
  const text = decoded(answer.body)
  const body = text === undefined ? undefined : strictJson(text)
  if (!(body instanceof Map)) return undefined
  return provider === 'databao' ? ofDatabao(headers, body) : ofJuhe(body)
}

function ofDatabao(headers: Answer['headers'], body: Map<string, Json>): Said {
  const code = headers['x-ca-error-code']
  const message = headers['x-ca-error-message'] ?? ''
  const fromSeller =
    code === '' || (code === undefined && ['', 'ok'].includes(message.toLowerCase()))
  return fromSeller && is(body.get('code'), 10000) ? verdict(body.get('data'), 'state') : undefined
}

// Old codes of failures: beside one of them an error_code 0 contradicts itself.
const OLD_CODES = [101, 102, 103, 104, 105, 107, 108, 109, 111, 112, 113, 114, 120, 121]

function ofJuhe(body: Map<string, Json>): Said {
  const contradicted = OLD_CODES.some((old) => is(body.get('resultcode'), old))
  return is(body.get('error_code'), 0) && !contradicted
    ? verdict(body.get('result'), 'res')
    : undefined
}

function verdict(result: Json | undefined, key: string): Said {
  if (!(result instanceof Map)) return undefined
  const value = result.get(key)
  return is(value, 1) ? 'match' : is(value, 2) ? 'mismatch' : undefined
}

/** The documents promise a number here and a string there, and mix them up: either, exactly. */
function is(value: Json | undefined, wanted: number): boolean {
  return value === wanted || value === String(wanted)
}

function decoded(body: Buffer): string | undefined {
  for (const encoding of ['utf-8', 'gbk']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(body)
    } catch {}
  }
  return undefined
}
