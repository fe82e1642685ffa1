import { describe, expect, it } from 'vitest'
import { parseIdNumber } from '../../lib/verification/id-number.ts'
import { carries, parseReference, type Reference } from '../../lib/verification/reference.ts'
import { verificationOf } from '../../lib/verification/verification.ts'
import { parseTwoElementRequest } from '../../lib/verification/verification-request.ts'
import { withCheckCharacter } from './sample-id-number.ts'

describe('the number of a residence permit', () => {
  it('is one by its first six digits, and not by six further on', () => {
    expect(parseIdNumber(withCheckCharacter('18100001990030745'))).toEqual({ failure: 'region' })
  })
})

describe('a reference', () => {
  // A BIN that is in the table, with nothing but noughts behind it.
  const CARD = '6222020000000000000'

  it.each([`${CARD}a`, `a${CARD}b`])('is refused where a card number stands in it: %s', (text) => {
    expect(parseReference(text)).toEqual({ failure: 'personal_data' })
  })

  it('may hold what no issuer has made: the same with a wrong check digit', () => {
    const text = `a${CARD.slice(0, -1)}1`
    expect(parseReference(text)).toEqual({ value: text, warnings: [] })
  })

  it('carries an ID number with its check character in lower case too', () => {
    expect(carries('a-82000019900307451x' as Reference, '82000019900307451X')).toBe(true)
  })
})

describe('a verification without a reference of the provider', () => {
  it('has no member for it', () => {
    const parsed = parseTwoElementRequest({ name: '张三', cardNumber: '6299990000000017' })
    if (!('request' in parsed)) throw new Error('the request is right')
    const operation = { provider: 'juhe', elements: ['name', 'cardNumber'] } as const
    const answer = { verdict: 'match', billable: 'yes' } as const
    const verification = verificationOf(operation, parsed.request, answer, 'id', 'at')
    expect(verification).not.toHaveProperty('providerReference')
  })
})
