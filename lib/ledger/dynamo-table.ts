import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  DeleteItemCommand,
} from '@aws-sdk/client-dynamodb'
import { AppError } from '../errors/app-error.ts'

export type Key = { pk: string; sk: string }
export type Value = string | number | ReadonlySet<string>
export type Item = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** One write: DynamoDB expressions, with `:name` for each value. */
export type Write = {
  update?: string
  /** Without it the write always takes place. */
  condition?: string
  values?: Readonly<Record<string, Value>>
  /** Applying it twice would count twice: it is sent once, and its loss is an error. */
  once?: boolean
  /** Is told the new values of what was written, at no cost. */
  onWritten?: (written: Item) => void
}

/** DynamoDB as the ledger sees it; whatever fails here is `ledger_unavailable`. */
export type Table = {
  /** A strongly consistent read. */
  get(key: Key): Promise<Item | undefined>
  /** @returns whether the condition held */
  update(key: Key, write: Write): Promise<boolean>
  /** @returns whether the condition held */
  remove(key: Key, write: Write): Promise<boolean>
  /** Items of one partition in the order of their sort key. */
  query(query: {
    index?: string
    /** Name of the partition key of the table or index. */
    partition: readonly [name: string, value: string]
    sortKey?: readonly [least: string, most: string]
    newestFirst?: boolean
    limit?: number
    after?: Readonly<Record<string, string>>
  }): Promise<Item[]>
}

// One request waits for at most five of these in a row and the provider's 8 s within 20 s.
const CONNECT_TIMEOUT_MS = 500
const REQUEST_TIMEOUT_MS = 1000
const MAX_ATTEMPTS = 3

export function dynamoTable(tableName: string): Table {
  const clientOf = (maxAttempts: number) =>
    new DynamoDBClient({
      maxAttempts,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    })
  const client = clientOf(MAX_ATTEMPTS)
  const clientWithoutRetry = clientOf(1)

  const conditional = async (
    writing: Promise<{ Attributes?: Record<string, AttributeValue> | undefined }>,
    onWritten?: Write['onWritten'],
  ): Promise<boolean> => {
    try {
      const { Attributes } = await writing
      if (Attributes) onWritten?.(valuesOf(Attributes))
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false
      throw unavailable(error)
    }
  }
  const read = <Output>(reading: Promise<Output>): Promise<Output> =>
    reading.catch((error: unknown) => {
      throw unavailable(error)
    })

  const inputOf = (key: Key, { update, condition, values }: Write) => ({
    TableName: tableName,
    Key: itemOf(key),
    ...(update === undefined ? {} : { UpdateExpression: update }),
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: itemOf(values) }),
  })

  return {
    async get(key) {
      const { Item } = await read(
        client.send(
          new GetItemCommand({ TableName: tableName, Key: itemOf(key), ConsistentRead: true }),
        ),
      )
      return Item && valuesOf(Item)
    },
    update(key, write) {
      const sender = write.once ? clientWithoutRetry : client
      const input = inputOf(key, write)
      return conditional(
        sender.send(
          new UpdateItemCommand(
            write.onWritten ? { ...input, ReturnValues: 'UPDATED_NEW' } : input,
          ),
        ),
        write.onWritten,
      )
    },
    remove(key, write) {
      return conditional(client.send(new DeleteItemCommand(inputOf(key, write))))
    },
    async query({ index, partition, sortKey, newestFirst = false, limit, after }) {
      const [name, value] = partition
      const items: Item[] = []
      let from = after && itemOf(after)
      do {
        const page = await read(
          client.send(
            new QueryCommand({
              TableName: tableName,
              IndexName: index,
              KeyConditionExpression: `${name} = :value${sortKey ? ' AND sk BETWEEN :least AND :most' : ''}`,
              ExpressionAttributeValues: itemOf(
                sortKey
                  ? { ':value': value, ':least': sortKey[0], ':most': sortKey[1] }
                  : { ':value': value },
              ),
              ScanIndexForward: !newestFirst,
              Limit: limit === undefined ? undefined : limit - items.length,
              ExclusiveStartKey: from,
            }),
          ),
        )
        items.push(...(page.Items ?? []).map(valuesOf))
        from = page.LastEvaluatedKey
      } while (from && items.length < (limit ?? Infinity))
      return items
    },
  }
}

/** The failure of a group of writes of which one at least was rejected. */
export function failureOf(results: readonly PromiseSettledResult<unknown>[]): AppError {
  const reason: unknown = results.find((result) => result.status === 'rejected')?.reason
  return reason instanceof AppError ? reason : unavailable(reason)
}

function unavailable(cause: unknown): AppError {
  return new AppError('ledger_unavailable', {}, 'not_sent', { cause })
}

export function itemOf(values: Readonly<Record<string, Value>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? { S: value }
        : typeof value === 'number'
          ? { N: String(value) }
          : { SS: [...value] },
    ]),
  )
}

export function valuesOf(item: Record<string, AttributeValue>): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, { S, N, SS }]) => [
      name,
      N === undefined ? (S ?? SS) : Number(N),
    ]),
  )
}
