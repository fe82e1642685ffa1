import { createHmac } from 'node:crypto'

/**
 * Keys of the fingerprints: the current pepper, and during a rotation the one before it too. All
 * that is held and counted is then held and counted under both, so that functions which know only
 * one of them still meet.
 */
export type Peppers = readonly string[]

/** What a fingerprint stands for; a value under one label never equals one under another. */
type Label = 'key-id' | 'idempotency-key' | 'request' | 'person' | 'subject' | 'card-day' | 'id-day'

/**
 * HMAC-SHA-256 in base64url over the label and the fields, each behind its length in bytes, so that
 * no two lists of fields run together into the same text.
 */
export function fingerprint(pepper: string, label: Label, ...fields: readonly string[]): string {
  const hmac = createHmac('sha256', pepper)
  for (const field of [label, ...fields]) hmac.update(`${Buffer.byteLength(field)}:${field}`)
  return hmac.digest('base64url')
}

/** Tells which pepper made a stored fingerprint, and nothing else of it. */
export function keyId(pepper: string): string {
  return fingerprint(pepper, 'key-id').slice(0, 8)
}
