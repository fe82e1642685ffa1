export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [member: string]: Json }
/** JSON Schema 2020-12, as OpenAPI 3.1 uses it. */
export type Schema = JsonObject

/** The names of all members that any case of a union may have. */
export type MemberOf<Union> = Union extends unknown ? keyof Union & string : never

export function ref(component: string): Schema {
  return { $ref: `#/components/schemas/${component}` }
}

/** An object with these members and no others. */
export function closed(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
): { type: 'object'; properties: typeof properties; required: typeof required } & Schema {
  return { type: 'object', additionalProperties: false, required, properties }
}

/** The pattern of a regular expression, with no flag but `u`, which JSON Schema implies. */
export function patternOf({ source }: RegExp): string {
  return source
}
