/** Why a field is refused; the codes of `errors` in a `validation_failed` problem. */
type FieldFailure =
  | 'required'
  | 'type'
  | 'unknown_field'
  | 'length'
  | 'format'
  | 'checksum'
  | 'birth_date'
  | 'region'
  | 'legacy_15_digit'
  | 'personal_data'

export type FieldError = { pointer: string; code: FieldFailure }

/** Something worth telling the caller about a value that is sent all the same. */
export type Warning = {
  pointer: string
  code: 'luhn' | 'private_use_character' | 'bin_unknown' | 'document_type'
}

/** A value fit for a provider, or the one reason why it is not. */
export type Parsed<Value extends string> =
  | { value: Value; warnings: readonly Warning['code'][] }
  | { failure: FieldFailure }

/** Marks a string that one parser has accepted, so that an unchecked one cannot reach a provider. */
export type Branded<Name extends string> = string & { readonly __brand: Name }
