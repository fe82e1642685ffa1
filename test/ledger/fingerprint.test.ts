import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, keyId } from '../../lib/ledger/fingerprint.ts'

const pepper = 'invented-pepper-that-keys-nothing-but-tests'

describe('fingerprint', () => {
  it('is HMAC-SHA-256 over the label and the fields, each behind its length in bytes', () => {
    const hmac = createHmac('sha256', pepper).update('6:person6:张三2:ab').digest('base64url')
    expect(fingerprint(pepper, 'person', '张三', 'ab')).toBe(hmac)
  })

  it('of a key id is eight characters of one over its label, for good: it is stored', () => {
    const hmac = createHmac('sha256', pepper).update('6:key-id').digest('base64url')
    expect(keyId(pepper)).toBe(hmac.slice(0, 8))
  })

  it('differs for any two lists of fields', () => {
    const fields = fc.array(fc.string({ unit: fc.constantFrom('1', ':', 'a'), maxLength: 4 }))
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        const [first, second] = [one, other].map((list) => fingerprint(pepper, 'person', ...list))
        expect(first === second).toBe(same)
      }),
    )
  })

  it('differs for each purpose and each pepper', () => {
    const labels = ['key-id', 'idempotency-key', 'request', 'person', 'card-day', 'id-day'] as const
    const all = [pepper, `${pepper}.`].flatMap((key) =>
      labels.map((label) => fingerprint(key, label, '6299990000000017')),
    )
    expect(new Set(all).size).toBe(12)
    expect(keyId(pepper)).not.toBe(keyId(`${pepper}.`))
  })
})
