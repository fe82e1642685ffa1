import type { components, operations } from './schema.ts'

type Schemas = components['schemas']

export type ThreeElementRequest = Schemas['ThreeElementRequest']
export type TwoElementRequest = Schemas['TwoElementRequest']
export type Verification = Schemas['Verification']
export type VerificationPage = Schemas['VerificationPage']
export type Usage = Schemas['Usage']
export type Problem = Schemas['Problem']
export type ProblemCode = Schemas['ProblemCode']
export type ListQuery = operations['listVerifications']['parameters']['query']
export type UsageQuery = operations['getUsage']['parameters']['query']
