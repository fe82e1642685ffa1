import { type CardNumber, parseCardNumber } from './card-number.ts'
import type { FieldError, Parsed, Warning } from './field.ts'
import { type IdNumber, parseIdNumber } from './id-number.ts'
import { issuerOf } from './issuer.ts'
import { type PersonName, parsePersonName } from './person-name.ts'
import { carries, parseReference, type Reference } from './reference.ts'

export type TwoElementPerson = { name: PersonName; cardNumber: CardNumber }
export type ThreeElementPerson = TwoElementPerson & { idNumber: IdNumber }

export type VerificationRequest<Person> = {
  person: Person
  reference: Reference | undefined
  warnings: Warning[]
}

/** Every failing field at once, so that a caller mends a request in one go. */
export type ParsedRequest<Person> =
  | { request: VerificationRequest<Person> }
  | { errors: FieldError[] }

export type Fields = Readonly<Record<string, unknown>>

export function parseThreeElementRequest(fields: Fields): ParsedRequest<ThreeElementPerson> {
  const form = new Form(fields)
  const name = form.required('name', parsePersonName)
  const idNumber = form.required('idNumber', parseIdNumber)
  const cardNumber = form.required('cardNumber', parseCardNumber)
  return form.finish(name && idNumber && cardNumber && { name, idNumber, cardNumber })
}

export function parseTwoElementRequest(fields: Fields): ParsedRequest<TwoElementPerson> {
  const form = new Form(fields)
  const name = form.required('name', parsePersonName)
  const cardNumber = form.required('cardNumber', parseCardNumber)
  return form.finish(name && cardNumber && { name, cardNumber })
}

class Form {
  readonly #fields: Fields
  readonly #known = new Set<string>()
  readonly #errors: FieldError[] = []
  readonly #warnings: Warning[] = []

  constructor(fields: Fields) {
    this.#fields = fields
  }

  required<Value extends string>(field: string, parse: (text: string) => Parsed<Value>) {
    const value = this.optional(field, parse)
    if (!Object.hasOwn(this.#fields, field)) this.#refuse(`/${field}`, 'required')
    return value
  }

  optional<Value extends string>(
    field: string,
    parse: (text: string) => Parsed<Value>,
  ): Value | undefined {
    this.#known.add(field)
    if (!Object.hasOwn(this.#fields, field)) return undefined
    const pointer = `/${field}`
    const text = this.#fields[field]
    if (typeof text !== 'string') return this.#refuse(pointer, 'type')
    const parsed = parse(text)
    if ('failure' in parsed) return this.#refuse(pointer, parsed.failure)
    this.#warnings.push(...parsed.warnings.map((code) => ({ pointer, code })))
    return parsed.value
  }

  finish<Person extends TwoElementPerson>(person: Person | undefined): ParsedRequest<Person> {
    const reference = this.optional('reference', parseReference)
    // The pointer stays empty: the unknown key itself may be a card number.
    const unknown = Object.keys(this.#fields).some((field) => !this.#known.has(field))
    if (unknown) this.#refuse('', 'unknown_field')
    const { name: _, ...numbers } = person ?? {}
    if (reference && Object.values(numbers).some((number) => carries(reference, number))) {
      this.#refuse('/reference', 'personal_data')
    }
    if (!person || this.#errors.length > 0) return { errors: this.#errors }
    if (!issuerOf(person.cardNumber)) this.#warn('/cardNumber', 'bin_unknown')
    return { request: { person, reference, warnings: this.#warnings } }
  }

  #refuse(pointer: string, code: FieldError['code']): undefined {
    this.#errors.push({ pointer, code })
  }

  #warn(pointer: string, code: Warning['code']): void {
    this.#warnings.push({ pointer, code })
  }
}
