import type { ThreeElementRequest, TwoElementRequest, Verification } from './contract.ts'
import { isVerification } from './contract-checks.ts'
import { last4Of } from './personal-numbers.ts'

export type Person = TwoElementRequest | ThreeElementRequest

/** What is asked, and who answers it with what. */
export type Question = { path: string } & Pick<Verification, 'provider' | 'elements'>

export const threeElement: Question = {
  path: '/v1/verifications/three-element',
  provider: 'databao',
  elements: ['name', 'idNumber', 'cardNumber'],
}
export const twoElement: Question = {
  path: '/v1/verifications/two-element',
  provider: 'juhe',
  elements: ['name', 'cardNumber'],
}

/** Whether a value is an answer to this question about this person, and to no other. */
export function isAnswerTo(
  question: Question,
  person: Person,
): (value: unknown) => value is Verification {
  return (value): value is Verification =>
    isVerification(value) &&
    value.provider === question.provider &&
    value.elements.join() === question.elements.join() &&
    value.card.last4 === last4Of(person) &&
    value.reference === person.reference
}
