import type { Language } from '../../lib/errors/problem-catalog.ts'
import { openApiDocument } from '../openapi/document.ts'
import type { Json, JsonObject } from '../openapi/json-schema.ts'
import { isAsking, type OperationId } from '../openapi/problem-codes.ts'
import { type Words, wordsOf } from '../openapi/words.ts'
import { problemTable } from './problem-table.ts'
import { scenarioCards, scenarioExamples } from './scenario-cards.ts'

/** `try`: beside a local API, to which it sends. `read`: anywhere else. */
export type Use = 'try' | 'read'

type Told = { readonly tags: readonly JsonObject[]; readonly info: JsonObject } & JsonObject

/** The API in one language, arranged for the reference page. */
export async function pageDocument(language: Language, use: Use): Promise<JsonObject> {
  const words = wordsOf(language)
  const document = (await openApiDocument(language)) as Told
  const told: JsonObject = {
    ...document,
    info: info(document.info, use, words),
    tags: [...document.tags.map((tag) => titled(tag, words)), problemsTag(language, words)],
  }
  return use === 'try' ? readyToTry(told, words) : told
}

function info(told: JsonObject, use: Use, { name, say }: Words): JsonObject {
  const codes = say(
    'Every failure has a code, and every code is explained in one table: [Problem codes](#tag/problems).',
    '每种失败都有代码，所有代码见一张表：[错误代码](#tag/problems)。',
  )
  const trying = say(
    '**Try it here.** The providers are simulated, so nothing is charged and no signature is needed: pick a scenario under [three elements](#tag/verifications/verifyThreeElement) or [two elements](#tag/verifications/verifyTwoElement) and send it. The ledger is real: the same question again comes back with `reused: true`.',
    '**在此试用**：数据源是模拟的，不计费，也无需签名：在[三要素](#tag/verifications/verifyThreeElement)或[二要素](#tag/verifications/verifyTwoElement)下点选一个场景并发送。台账是真实的：再次询问同一问题，应答带 `reused: true`。',
  )
  return {
    ...told,
    title: name('Bank card verification', '银行卡核验'),
    description: [textAt(told, 'description'), codes, ...(use === 'try' ? [trying] : [])].join(
      '\n\n',
    ),
  }
}

function titled(tag: JsonObject, { name }: Words): JsonObject {
  const titles: Record<string, string> = {
    verifications: name('Verify', '核验'),
    records: name('Records', '核验记录'),
    usage: name('Usage', '用量'),
  }
  return { ...tag, 'x-displayName': titles[textAt(tag, 'name')] ?? textAt(tag, 'name') }
}

function problemsTag(language: Language, { say, name }: Words): JsonObject {
  const lead = say(
    'Decide by `code`, `retryable` and `billable`; texts may change. Below is what a code says in general, and a single problem may say otherwise in its own `retryable`.',
    '请依据 `code`、`retryable` 和 `billable` 处理，文字可能变化。下表是各代码的一般含义；单个错误以其自身的 `retryable` 为准。',
  )
  return {
    name: 'problems',
    'x-displayName': name('Problem codes', '错误代码'),
    description: `${lead}\n\n${problemTable(language)}`,
  }
}

/**
 * For the local API: no signature, which it does not ask for; scenarios to click; and an
 * `Idempotency-Key` that is not the same for all of them.
 */
function readyToTry(document: JsonObject, words: Words): JsonObject {
  const { security: _security, servers: _servers, ...rest } = document
  const { securitySchemes: _schemes, ...components } = objectAt(document, 'components')
  const parameters = objectAt(components, 'parameters')
  const key = unfilled(objectAt(parameters, 'IdempotencyKey'))
  const freshKey = words.say(
    'Left empty here, each send gets a new one.',
    '在此页留空时，每次发送都会使用一个新的键。',
  )
  const paths = Object.entries(objectAt(document, 'paths')).map(([path, methods]) => {
    const operations = Object.entries(methods as JsonObject).map(([method, operation]) => [
      method,
      withScenarios(operation as JsonObject, { method, path }, words),
    ])
    return [path, Object.fromEntries(operations)]
  })
  return {
    ...rest,
    paths: Object.fromEntries(paths),
    components: {
      ...components,
      parameters: {
        ...parameters,
        CacheControl: unfilled(objectAt(parameters, 'CacheControl')),
        AcceptLanguage: unfilled(objectAt(parameters, 'AcceptLanguage')),
        IdempotencyKey: { ...key, description: `${freshKey} ${textAt(key, 'description')}` },
      },
    },
  }
}

/** The renderer sends an optional header wherever it has an example. */
function unfilled({ example: _example, ...parameter }: JsonObject): JsonObject {
  return parameter
}

function withScenarios(
  operation: JsonObject,
  place: { method: string; path: string },
  words: Words,
): JsonObject {
  const id = operation['operationId'] as OperationId
  if (!isAsking(id)) return operation
  const body = objectAt(operation, 'requestBody')
  const content = objectAt(objectAt(body, 'content'), 'application/json')
  const panel = { ...place, cards: scenarioCards(id, words) }
  return {
    ...operation,
    // The renderer hands it to the element `scenario-cards` as an attribute, which is a string.
    'x-scenarios': JSON.stringify(panel),
    requestBody: {
      ...body,
      content: { 'application/json': { ...content, examples: scenarioExamples(id, words) } },
    },
  }
}

function objectAt(value: JsonObject, member: string): JsonObject {
  const found: Json | undefined = value[member]
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new Error(`the OpenAPI document has no object ${member}`)
  }
  return found as JsonObject
}

function textAt(value: JsonObject, member: string): string {
  const found = value[member]
  if (typeof found !== 'string') throw new Error(`the OpenAPI document has no text ${member}`)
  return found
}
