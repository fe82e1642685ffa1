import { AppError } from '../errors/app-error.ts'

type Query = ReadonlyMap<string, string>
export type ParameterError = {
  parameter: string
  code: 'required' | 'format' | 'length' | 'unknown_field'
}

/** Reads the parameters of a query, and refuses with every failing one at once. */
export class QueryReader {
  readonly #query: Query
  readonly #known = new Set<string>()
  readonly #errors: ParameterError[] = []

  constructor(query: Query) {
    this.#query = query
  }

  required(parameter: string, pattern: RegExp): string {
    const text = this.optional(parameter, pattern)
    if (!this.#query.has(parameter)) this.refuse(parameter, 'required')
    return text ?? ''
  }

  optional(parameter: string, pattern: RegExp): string | undefined {
    this.#known.add(parameter)
    const text = this.#query.get(parameter)
    if (text === undefined || pattern.test(text)) return text
    return this.refuse(parameter, 'format')
  }

  refuse(parameter: string, code: ParameterError['code']): undefined {
    if (!this.#errors.some((error) => error.parameter === parameter)) {
      this.#errors.push({ parameter, code })
    }
  }

  /** @throws AppError `validation_failed` */
  finish(): void {
    // The name stays empty: an unknown one may be anything that a caller has sent.
    const unknown = [...this.#query.keys()].some((parameter) => !this.#known.has(parameter))
    if (unknown) this.refuse('', 'unknown_field')
    if (this.#errors.length > 0) throw new AppError('validation_failed', { errors: this.#errors })
  }
}
