import { describe, expect, it, vi } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import {
  dynamoTable,
  failureOf,
  itemOf,
  type SendToDynamoDb,
  valuesOf,
} from '../../lib/ledger/dynamo-table.ts'

const key = { pk: 'card#1', sk: '-' }
const KEY = { pk: { S: 'card#1' }, sk: { S: '-' } }

/** A table at a DynamoDB that gives these replies, and what it was sent. */
function tableAt(...replies: (Awaited<ReturnType<SendToDynamoDb>> | Error)[]) {
  const sent: unknown[][] = []
  const table = dynamoTable('ledger', async (...call) => {
    sent.push(call)
    const reply = replies.shift() ?? {}
    if (reply instanceof Error) throw reply
    return reply
  })
  return { table, sent }
}
const named = (name: string) => Object.assign(new Error('canary'), { name })

describe('values', () => {
  it('are what DynamoDB writes, and back', () => {
    const values = { text: '张三', zero: 0, set: new Set(['a', 'b']) }
    const item = { text: { S: '张三' }, zero: { N: '0' }, set: { SS: ['a', 'b'] } }
    expect(itemOf(values)).toEqual(item)
    expect(valuesOf(item)).toEqual({ text: '张三', zero: 0, set: ['a', 'b'] })
  })
})

describe('a write', () => {
  it('is one operation with all that it has', async () => {
    const { table, sent } = tableAt()
    const write = { update: 'SET a = :a', condition: 'b = :b', values: { ':a': 1, ':b': 'x' } }
    expect(await table.update(key, write)).toBe(true)
    expect(await table.update(key, { update: 'REMOVE a', once: true })).toBe(true)
    expect(await table.remove(key, { condition: 'b = :b', values: { ':b': 'x' } })).toBe(true)
    expect(sent).toEqual([
      [
        'UpdateItem',
        {
          TableName: 'ledger',
          Key: KEY,
          UpdateExpression: 'SET a = :a',
          ConditionExpression: 'b = :b',
          ExpressionAttributeValues: { ':a': { N: '1' }, ':b': { S: 'x' } },
          ReturnValues: undefined,
        },
        { once: undefined },
      ],
      [
        'UpdateItem',
        { TableName: 'ledger', Key: KEY, UpdateExpression: 'REMOVE a' },
        { once: true },
      ],
      [
        'DeleteItem',
        {
          TableName: 'ledger',
          Key: KEY,
          ConditionExpression: 'b = :b',
          ExpressionAttributeValues: { ':b': { S: 'x' } },
        },
        { once: undefined },
      ],
    ])
  })

  it('tells the new values to whoever asks, and only then', async () => {
    const onWritten = vi.fn<(written: object) => void>()
    const Attributes = { used: { N: '7' } }
    const { table, sent } = tableAt({ Attributes }, {}, { Attributes })
    await table.update(key, { update: 'ADD used :one', onWritten })
    expect(onWritten.mock.calls).toEqual([[{ used: 7 }]])
    expect(sent[0]?.[1]).toMatchObject({ ReturnValues: 'UPDATED_NEW' })
    await table.update(key, { update: 'ADD used :one', onWritten })
    expect(onWritten).toHaveBeenCalledOnce()
    expect(await table.update(key, { update: 'ADD used :one' })).toBe(true)
  })

  it('whose condition does not hold is none', async () => {
    const { table } = tableAt(
      named('ConditionalCheckFailedException'),
      named('ConditionalCheckFailedException'),
    )
    expect(await table.update(key, {})).toBe(false)
    expect(await table.remove(key, {})).toBe(false)
  })

  it.each([named('ThrottlingException'), named('ValidationException')])(
    'that fails is ledger_unavailable, and nothing was sent to a provider: %s',
    async (cause) => {
      const { table } = tableAt(cause)
      const error = await table.update(key, {}).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ledger_unavailable', fate: 'not_sent', cause })
    },
  )
})

describe('a read', () => {
  it('is strongly consistent', async () => {
    const { table, sent } = tableAt({ Item: { used: { N: '1' } } }, {})
    expect(await table.get(key)).toEqual({ used: 1 })
    expect(await table.get(key)).toBeUndefined()
    const input = { TableName: 'ledger', Key: KEY, ConsistentRead: true }
    expect(sent).toEqual([
      ['GetItem', input],
      ['GetItem', input],
    ])
  })

  it('that fails is ledger_unavailable', async () => {
    const cause = named('ConditionalCheckFailedException')
    const { table } = tableAt(cause, cause)
    const query = table.query({ partition: ['pk', 'a'] })
    for (const read of [table.get(key), query]) {
      const error = await read.catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ledger_unavailable', fate: 'not_sent', cause })
    }
  })
})

describe('a query', () => {
  const page = (names: string[], isLast = true) => ({
    Items: names.map((pk) => ({ pk: { S: pk } })),
    ...(isLast ? {} : { LastEvaluatedKey: { pk: { S: names.at(-1)! } } }),
  })
  const namesOf = (items: readonly object[]) => items.map((item) => Object(item).pk)

  it('is of one partition, all of it, oldest first', async () => {
    const { table, sent } = tableAt(page(['a', 'b'], false), page([], false), page(['c']))
    expect(namesOf(await table.query({ partition: ['pk', 'usage#1'] }))).toEqual(['a', 'b', 'c'])
    const input = {
      TableName: 'ledger',
      KeyConditionExpression: 'pk = :value',
      ExpressionAttributeValues: { ':value': { S: 'usage#1' } },
      ScanIndexForward: true,
    }
    expect(sent.slice(0, 2)).toEqual([
      ['Query', { ...input, ExclusiveStartKey: undefined }],
      ['Query', { ...input, ExclusiveStartKey: { pk: { S: 'b' } } }],
    ])
    expect(sent).toHaveLength(3)
  })

  it('has an index, an order, a range and a place to begin at', async () => {
    const { table, sent } = tableAt(page(['a']))
    await table.query({
      index: 'byReference',
      partition: ['callerReference', 'x#1'],
      sortKey: ['2026-11-01#', '2026-11-30#~'],
      newestFirst: true,
      limit: 5,
      after: { pk: 'z' },
    })
    expect(sent).toEqual([
      [
        'Query',
        {
          TableName: 'ledger',
          IndexName: 'byReference',
          KeyConditionExpression: 'callerReference = :value AND sk BETWEEN :least AND :most',
          ExpressionAttributeValues: {
            ':value': { S: 'x#1' },
            ':least': { S: '2026-11-01#' },
            ':most': { S: '2026-11-30#~' },
          },
          ScanIndexForward: false,
          Limit: 5,
          ExclusiveStartKey: { pk: { S: 'z' } },
        },
      ],
    ])
  })

  it('ends with its limit, and asks for no more than is missing', async () => {
    const { table, sent } = tableAt(page(['a', 'b'], false), page(['c'], false), page(['d']))
    const items = await table.query({ partition: ['pk', 'x'], limit: 3 })
    expect(namesOf(items)).toEqual(['a', 'b', 'c'])
    expect(sent.map(([, input]) => Object(input).Limit)).toEqual([3, 1])
  })

  it('without items is empty', async () => {
    const { table } = tableAt({})
    expect(await table.query({ partition: ['pk', 'x'] })).toEqual([])
  })
})

describe('the failure of a group of writes', () => {
  const fulfilled = { status: 'fulfilled', value: true } as const
  const rejected = (reason: unknown) => ({ status: 'rejected', reason }) as const

  it('is that of the first that failed', () => {
    const first = new AppError('outcome_unknown')
    const results = [fulfilled, rejected(first), rejected(new AppError('internal_error'))]
    expect(failureOf(results)).toBe(first)
  })

  it('is ledger_unavailable where it is none of ours, or none failed', () => {
    const cause = named('TypeError')
    expect(failureOf([fulfilled, rejected(cause)])).toMatchObject({
      code: 'ledger_unavailable',
      fate: 'not_sent',
      cause,
    })
    expect(failureOf([fulfilled])).toMatchObject({ code: 'ledger_unavailable', cause: undefined })
  })
})
