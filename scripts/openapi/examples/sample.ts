import { scenarioCard, scenarioNamed } from '../../../test/simulators/scenarios.ts'
import type { JsonObject } from '../json-schema.ts'
import type { Asking } from '../problem-codes.ts'

/** What all examples share: invented, and the same at every run. */
export const sample = {
  requestId: 'JKJaXmPLvHcESHA=',
  caller: 'iam:arn:aws:iam::111122223333:role/payouts',
  verifiedAt: '2026-11-22T03:35:00.000Z',
  id: '019aa9b2-9c20-7c3e-8f51-2b6d0e7a4c19',
  earlierId: '019aa9b1-07e8-7b02-9d44-51c8f3a6e270',
  name: '张三',
  idNumber: '110101190001010014',
  reference: 'payout-8841',
} as const

/** The body of a request whose card number chooses what the simulated providers answer. */
export function sampleBody(operation: Asking, scenario: string): JsonObject {
  const { name, idNumber, reference } = sample
  const cardNumber = scenarioCard(scenarioNamed(scenario).number)
  return operation === 'verifyThreeElement'
    ? { name, idNumber, cardNumber, reference }
    : { name, cardNumber, reference }
}
