import { describe, expect, it } from 'vitest'
import type { ProviderAnswer } from '../../lib/verification/verdict.ts'
import {
  reusedVerification,
  verificationId,
  verificationOf,
  withLast4,
} from '../../lib/verification/verification.ts'
import { parseThreeElementRequest } from '../../lib/verification/verification-request.ts'

const operation = { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] } as const
const person = { name: '张三', idNumber: '110101190001010014', cardNumber: '6299990000000017' }
const matched: ProviderAnswer = { verdict: 'match', billable: 'yes', providerReference: '4XU29Z4D' }
const verifiedAt = '2026-11-22T03:35:00.000Z'

describe('verificationId', () => {
  it('is a UUIDv7, another one each time', () => {
    const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    expect(verificationId()).toMatch(shape)
    expect(verificationId()).not.toBe(verificationId())
  })
})

describe('verificationOf', () => {
  it('has the members of contract.md §2 and nothing of the person', () => {
    expect(verified(person, matched)).toStrictEqual({
      id: 'v-1',
      verdict: 'match',
      elements: ['name', 'idNumber', 'cardNumber'],
      provider: 'databao',
      providerReference: '4XU29Z4D',
      billable: 'yes',
      verifiedAt,
      reused: false,
      card: {},
      warnings: [{ pointer: '/cardNumber', code: 'bin_unknown' }],
    })
  })

  it('has the issuer where the BIN table knows it, and the reference where one was sent', () => {
    const fields = { ...person, cardNumber: '6228480000000000001', reference: 'payout-8841' }
    expect(verified(fields, matched)).toMatchObject({
      card: { bank: '中国农业银行', type: 'debit' },
      reference: 'payout-8841',
    })
  })

  it('has the reason of an unverifiable answer', () => {
    const answer = { verdict: 'unverifiable', reason: 'no_record', billable: 'unknown' } as const
    expect(verified(person, answer)).toMatchObject(answer)
  })
})

describe('withLast4', () => {
  it('adds the last four digits, and no more, to what is known of the card', () => {
    const { request, verification } = sample({ ...person, cardNumber: '6228480000000000001' })
    expect(withLast4(verification, request.person).card).toStrictEqual({
      last4: '0001',
      bank: '中国农业银行',
      type: 'debit',
    })
  })
})

describe('reusedVerification', () => {
  it('keeps the verdict and bills nothing, in the name of the later request', () => {
    const { verification } = sample({ ...person, reference: 'payout-8841' })
    const later = sample({ ...person, name: '张\ue000', reference: 'payout-8842' }).request
    expect(reusedVerification(verification, later, 'v-2')).toStrictEqual({
      ...verification,
      id: 'v-2',
      billable: 'no',
      reused: true,
      warnings: later.warnings,
      reference: 'payout-8842',
    })
  })

  it("does not pass the earlier request's reference on", () => {
    const { verification } = sample({ ...person, reference: 'payout-8841' })
    const later = sample(person).request
    expect(reusedVerification(verification, later, 'v-2')).not.toHaveProperty('reference')
  })
})

function verified(fields: Record<string, unknown>, answer: ProviderAnswer) {
  return sample(fields, answer).verification
}

function sample(fields: Record<string, unknown>, answer = matched) {
  const parsed = parseThreeElementRequest(fields)
  if ('errors' in parsed) throw new Error('the sample request is not valid')
  const { request } = parsed
  return { request, verification: verificationOf(operation, request, answer, 'v-1', verifiedAt) }
}
