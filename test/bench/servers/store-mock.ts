import { json } from 'node:stream/consumers'
import { type Item, itemOf, type Key, type Value } from '../../../lib/ledger/dynamo-table.ts'
import { memoryTable } from '../../ledger/long/memory-table.ts'
import { optionsOfMock, serveCommands, startCountingServer, type Tls } from './mock-protocol.ts'

/**
 * DynamoDB, as quick as can be: a table in memory for each process that is measured. (dynalite parses
 * the condition of a reservation anew each time, and would measure that.)
 */
const { tls }: { tls?: Tls } = optionsOfMock()

type Attributes = Record<string, { S?: string; N?: string; SS?: string[] }>
type Input = {
  TableName: string
  Key: Attributes
  UpdateExpression?: string
  ConditionExpression?: string
  ExpressionAttributeValues?: Attributes
  ReturnValues?: 'UPDATED_NEW'
}
type Answer = { Item?: Attributes; Attributes?: Attributes }

const tables = new Map<string, ReturnType<typeof memoryTable>>()

function answerTo(operation: string, input: Input): Answer | 'condition failed' | undefined {
  const table = tables.get(input.TableName)
  if (!table) return undefined
  const key = valuesOf(input.Key) as Key
  if (operation === 'GetItem') {
    const item = table.get(key)
    return item ? { Item: attributesOf(item) } : {}
  }
  if (operation !== 'UpdateItem' && operation !== 'DeleteItem') return undefined
  const { UpdateExpression: update = '', ConditionExpression: condition } = input
  const values = valuesOf(input.ExpressionAttributeValues ?? {})
  const write = { update, values, ...(condition !== undefined && { condition }) }
  const isHeld = table[operation === 'UpdateItem' ? 'update' : 'remove'](key, write)
  if (!isHeld) return 'condition failed'
  if (input.ReturnValues !== 'UPDATED_NEW') return {}
  const names = new Set(update.match(/\b(?<!:)\w+\b/g))
  const written = Object.entries(table.get(key) ?? {}).filter(([name]) => names.has(name))
  return { Attributes: attributesOf(Object.fromEntries(written)) }
}

function valuesOf(attributes: Attributes): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { S, N, SS }]) => [
      name,
      SS ? new Set(SS) : N === undefined ? (S ?? '') : Number(N),
    ]),
  )
}

function attributesOf(item: Item): Attributes {
  return itemOf(item as Record<string, Value>)
}

const { url, commands } = await startCountingServer(tls, async (request, response) => {
  const input = (await json(request)) as Input
  const { authorization, 'x-amz-target': target = '' } = request.headers
  const isSigned = authorization?.startsWith('AWS4-HMAC-SHA256 ') === true
  const [, operation = ''] = String(target).split('DynamoDB_20120810.')
  const answer = isSigned ? answerTo(operation, input) : undefined
  const body =
    answer === undefined
      ? { __type: 'ValidationException', message: 'not one of the questions that a ledger asks' }
      : answer === 'condition failed'
        ? { __type: 'ConditionalCheckFailedException', message: 'The conditional request failed' }
        : answer
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(body === answer ? 200 : 400, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': bytes.length,
  })
  response.end(bytes)
})

serveCommands(url, {
  ...commands,
  createTable: (name: string) => void tables.set(name, memoryTable()),
  deleteTable: (name: string) => void tables.delete(name),
  update(input: Input) {
    if (!answerTo('UpdateItem', input)) throw new Error(`no table ${input.TableName}`)
  },
})
