import { AppError } from '../errors/app-error.ts'

export type Key = { pk: string; sk: string }
export type Value = string | number | ReadonlySet<string>
export type Item = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** A value as DynamoDB's JSON has it. */
type AttributeValue = { S: string } | { N: string } | { SS: string[] }
type ReadAttributes = Record<
  string,
  { S?: string | undefined; N?: string | undefined; SS?: string[] | undefined }
>

/** Sends one operation with its input, both as DynamoDB names them. */
export type SendToDynamoDb = (
  operation: 'GetItem' | 'UpdateItem' | 'DeleteItem' | 'Query',
  input: object,
  options?: { once?: boolean | undefined },
) => Promise<{
  Item?: ReadAttributes | undefined
  Items?: ReadAttributes[] | undefined
  Attributes?: ReadAttributes | undefined
  LastEvaluatedKey?: ReadAttributes | undefined
}>

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

export function dynamoTable(tableName: string, send: SendToDynamoDb): Table {
  const read: SendToDynamoDb = async (...sent) => {
    try {
      return await send(...sent)
    } catch (error) {
      throw unavailable(error)
    }
  }
  const write = async (
    operation: 'UpdateItem' | 'DeleteItem',
    key: Key,
    { update, condition, values, once, onWritten }: Write,
  ): Promise<boolean> => {
    const input = {
      TableName: tableName,
      Key: itemOf(key),
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeValues: values && itemOf(values),
      ReturnValues: onWritten && 'UPDATED_NEW',
    }
    try {
      const { Attributes } = await send(operation, input, { once })
      if (Attributes) onWritten?.(valuesOf(Attributes))
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false
      throw unavailable(error)
    }
  }

  return {
    async get(key) {
      const { Item } = await read('GetItem', {
        TableName: tableName,
        Key: itemOf(key),
        ConsistentRead: true,
      })
      return Item && valuesOf(Item)
    },
    update: (key, written) => write('UpdateItem', key, written),
    remove: (key, written) => write('DeleteItem', key, written),
    async query({ index, partition, sortKey, newestFirst = false, limit, after }) {
      const [name, value] = partition
      const items: Item[] = []
      let from: ReadAttributes | undefined = after && itemOf(after)
      do {
        const page = await read('Query', {
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
        })
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

export function valuesOf(item: ReadAttributes): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, { S, N, SS }]) => [
      name,
      N === undefined ? (S ?? SS) : Number(N),
    ]),
  )
}
