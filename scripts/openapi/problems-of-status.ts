import type { ProblemCode } from '../../lib/errors/problem-catalog.ts'
import { isIn } from '../../lib/providers/read-answer.ts'
import { ref, type Schema } from './json-schema.ts'
import { queries } from './parameters.ts'
import { mayBeRetryable, type OperationId } from './problem-codes.ts'
import { bodyFields } from './request-schemas.ts'

/** Names of what may fail; the empty one stands for what is unknown. */
export const pointersOf = (operation: keyof typeof bodyFields) => [
  '',
  ...bodyFields[operation].map((field) => `/${field}`),
]
export const parametersOf = (operation: keyof typeof queries) => [
  '',
  ...Object.keys(queries[operation]),
]

/** The problems of one status of one operation. */
export function problemsSchema(
  operation: OperationId,
  status: number,
  codes: readonly ProblemCode[],
): Schema {
  const certain: Record<string, Schema> = {
    status: { const: status },
    code: { enum: [...codes] },
    ...(codes.some(mayBeRetryable) ? {} : { retryable: { const: false } }),
  }
  const errors = codes.includes('validation_failed') && { errors: errorsOf(operation) }
  return {
    allOf: [
      ref('Problem'),
      { type: 'object', required: Object.keys(certain), properties: { ...certain, ...errors } },
    ],
  }
}

function errorsOf(operation: OperationId): Schema {
  const narrowed = (component: string, where: string, names: string[]): Schema => ({
    type: 'array',
    items: {
      allOf: [
        ref(component),
        { type: 'object', required: [where], properties: { [where]: { enum: names } } },
      ],
    },
  })
  if (isIn(bodyFields, operation)) return narrowed('FieldError', 'pointer', pointersOf(operation))
  if (isIn(queries, operation)) {
    return narrowed('ParameterError', 'parameter', parametersOf(operation))
  }
  throw new Error(`nothing that is sent to ${operation} is validated`)
}
