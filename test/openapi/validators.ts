import { readFileSync } from 'node:fs'
import { type AnySchema, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

type Header = { $ref: string; required?: boolean }
type Media = { schema: AnySchema; examples?: Record<string, { value: unknown }> }
type Response = { headers: Record<string, Header>; content: Record<string, Media> }
type Operation = {
  operationId: string
  parameters: { $ref: string }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Response>
}

/** As much of an OpenAPI document as the tests look at. */
export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { headers: Record<string, Header>; schemas: Record<string, AnySchema> }
}

const FILE = new URL('../../docs/openapi.json', import.meta.url)

export function publishedDocument(): Document {
  return JSON.parse(readFileSync(FILE, 'utf8'))
}

/** Checks values against any schema of a document, named by the path to it. */
export function validatorsOf(document: Document): (...path: string[]) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'openapi.json', false)
  const compiled = new Map<string, ValidateFunction>()
  return (...path) => {
    const pointer = path.map(pointerPart).join('')
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi.json#${pointer}` })
    compiled.set(pointer, validate)
    return validate
  }
}

function pointerPart(part: string): string {
  return `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`
}
