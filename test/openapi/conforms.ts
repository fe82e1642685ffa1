import { type Document, publishedDocument, validatorsOf } from './validators.ts'

/** As a function gives it to API Gateway. */
export type Answer = {
  statusCode: number
  headers: Readonly<Record<string, string>>
  body: string
}
/** `http`: an HTTP server in front of the function, which adds headers and may answer itself. */
export type Sender = 'function' | 'http'

type DocumentedResponse = Document['paths'][string][string]['responses'][string]

const PROBLEM = 'application/problem+json'
const GATEWAY_ID = 'apigw-requestid'
/** What any HTTP/1.1 server may add. */
const hopHeaders = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

/** Holds answers against an OpenAPI document. */
export class Contract {
  readonly #document: Document
  readonly #validator: ReturnType<typeof validatorsOf>

  constructor(document: Document = publishedDocument()) {
    this.#document = document
    this.#validator = validatorsOf(document)
  }

  /** @returns what is wrong with an answer; nothing where it conforms */
  faults(operationId: string, answer: Answer, sender: Sender = 'function'): string[] {
    const { statusCode: status, body } = answer
    const found = this.#find(operationId)
    if (!found) return [`there is no operation ${operationId}`]
    const response = found.operation.responses[status]
    if (!response) return [`status ${status} is not documented`]
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const [type = ''] = (headers['content-type'] ?? '').split(';')
    if (!response.content[type]) return [`content type "${type}" is not documented`]

    const isGateways = status !== 200 && type !== PROBLEM
    const schema = [...found.pointer, 'responses', String(status), 'content', type, 'schema']
    return [
      ...(isGateways && sender === 'function' ? ['only the gateway may answer this'] : []),
      ...this.#headerFaults(response, headers, isGateways, sender),
      ...this.#bodyFaults(schema, body),
    ]
  }

  #headerFaults(
    { headers: documented }: DocumentedResponse,
    headers: Readonly<Record<string, string>>,
    isGateways: boolean,
    sender: Sender,
  ): string[] {
    const allowed = [
      ...Object.keys(documented).filter((name) => sender === 'http' || name !== GATEWAY_ID),
      'content-type',
      ...(sender === 'http' ? hopHeaders : []),
    ]
    const unknown = Object.keys(headers).filter((name) => !allowed.includes(name))
    const unfit = Object.entries(documented).filter(([name, { $ref }]) => {
      const component = $ref.split('/').at(-1) ?? ''
      const value = headers[name]
      if (value !== undefined) return !this.#allowsHeader(component, value)
      const { required = false } = this.#document.components.headers[component] ?? {}
      // Optional only for the sake of the gateway, which answers without it.
      return required || (component.endsWith('OfFunction') && !isGateways)
    })
    return [
      ...unknown.map((name) => `header ${name} is not documented`),
      ...unfit.map(([name]) => `header ${name} is "${headers[name] ?? ''}"`),
    ]
  }

  #allowsHeader(component: string, value: string): boolean {
    const validate = this.#validator('components', 'headers', component, 'schema')
    return validate(value) || (/^[0-9]+$/.test(value) && validate(Number(value)))
  }

  #bodyFaults(schema: readonly string[], body: string): string[] {
    let value: unknown
    try {
      value = JSON.parse(body)
    } catch {
      return ['the body is no JSON']
    }
    const validate = this.#validator(...schema)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `body${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }

  #find(operationId: string) {
    for (const [path, methods] of Object.entries(this.#document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.operationId === operationId) {
          return { operation, pointer: ['paths', path, method] }
        }
      }
    }
    return undefined
  }
}

let published: Contract | undefined

/** @throws Error where docs/openapi.json does not allow this answer */
export function expectConforms(operationId: string, answer: Answer, sender?: Sender): void {
  published ??= new Contract()
  const faults = published.faults(operationId, answer, sender)
  if (faults.length === 0) return
  throw new Error(
    `${operationId} ${answer.statusCode} is not as docs/openapi.json has it:\n${faults.join('\n')}`,
  )
}

/** The same handler, each of whose answers is held against docs/openapi.json. */
export function conforming<Arguments extends unknown[], Result extends Answer>(
  operationId: string,
  handler: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    const result = await handler(...given)
    expectConforms(operationId, result)
    return result
  }
}
