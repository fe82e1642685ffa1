import { describe, expect, it } from 'vitest'
import { asksAnew, idempotencyKeyOf } from '../../lib/http/request-headers.ts'

const withKey = (key: string) => new Map([['idempotency-key', key]])

describe('idempotencyKeyOf', () => {
  it.each(['a', '8e03978e-40d5-43dd-bc93-6894a57f9324', 'x'.repeat(255), '"quoted" ~'])(
    'takes %j',
    (key) => {
      expect(idempotencyKeyOf(withKey(key), true)).toBe(key)
    },
  )

  it('reads it without the spaces around it', () => {
    expect(idempotencyKeyOf(withKey(' a b '), true)).toBe('a b')
  })

  it.each(['', ' ', 'x'.repeat(256), 'a\nb', '键', 'a\u007f'])('refuses %j', (key) => {
    expect(() => idempotencyKeyOf(withKey(key), false)).toThrow('invalid_idempotency_key')
  })

  it('misses a key only where one is required', () => {
    expect(idempotencyKeyOf(new Map(), false)).toBeUndefined()
    expect(() => idempotencyKeyOf(new Map(), true)).toThrow('idempotency_key_required')
  })
})

describe('asksAnew', () => {
  it.each([
    ['no-cache', true],
    ['max-age=0, No-Cache', true],
    ['no-store', false],
    ['x-no-cache', false],
    ['', false],
  ])('is with Cache-Control %j: %s', (cacheControl, anew) => {
    expect(asksAnew(new Map([['cache-control', cacheControl]]))).toBe(anew)
  })

  it('is false without the header', () => {
    expect(asksAnew(new Map())).toBe(false)
  })
})
