import { describe, expect, it } from 'vitest'
import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../lib/http/record-endpoints.ts'
import { idempotencyKeyOf } from '../../lib/http/request-headers.ts'
import { requestOf, tableOf } from '../../scripts/openapi/examples/acted-endpoints.ts'
import { publishedDocument, validatorsOf } from './validators.ts'

const validator = validatorsOf(publishedDocument())

describe('a parameter', () => {
  const table = tableOf([])
  const request = (query: Record<string, string>) =>
    requestOf({ query: new Map(Object.entries(query)) })
  const accepts = (read: () => unknown) => {
    try {
      read()
      return true
    } catch {
      return false
    }
  }
  const list = (query: Record<string, string>) => () =>
    listVerificationsEndpoint(table).read(request({ reference: 'a', ...query }))
  const usage = (query: Record<string, string>) => () =>
    getUsageEndpoint(table).read(request({ from: '2026-11-01', to: '2026-11-01', ...query }))
  const key = (text: string) => () => idempotencyKeyOf(new Map([['idempotency-key', text]]), false)

  const uuid = '019aa9b2-9c20-7c3e-8f51-2b6d0e7a4c19'
  const readers: Record<string, (text: string) => () => unknown> = {
    IdempotencyKey: key,
    VerificationId: (id) => () =>
      getVerificationEndpoint(table).read(requestOf({ pathParameters: new Map([['id', id]]) })),
    ReferenceQuery: (reference) => list({ reference }),
    Limit: (limit) => list({ limit }),
    Cursor: (cursor) => list({ cursor }),
    From: (from) => usage({ from }),
    To: (to) => usage({ to }),
  }

  it.each([
    ['IdempotencyKey', 'a', true],
    ['IdempotencyKey', '\u00a0 a b ', true],
    ['IdempotencyKey', 'x'.repeat(255), true],
    ['IdempotencyKey', 'x'.repeat(256), false],
    ['IdempotencyKey', '', false],
    ['IdempotencyKey', 'é', false],
    ['VerificationId', uuid, true],
    ['VerificationId', uuid.toUpperCase(), true],
    ['VerificationId', uuid.slice(1), false],
    ['VerificationId', `${uuid} `, false],
    ['ReferenceQuery', 'payout-8841', true],
    ['ReferenceQuery', 'a b', false],
    ['ReferenceQuery', '', false],
    ['ReferenceQuery', 'x'.repeat(65), false],
    ['Limit', 1, true],
    ['Limit', 20, true],
    ['Limit', 100, true],
    ['Limit', 0, false],
    ['Limit', 101, false],
    ['Limit', -1, false],
    ['Limit', 1.5, false],
    ['Limit', 'x', false],
    ['Cursor', uuid, true],
    ['Cursor', uuid.toUpperCase(), false],
    ['Cursor', '', false],
    ['From', '2026-10-31', true],
    ['From', '2026-02-29', false],
    ['From', '2026-13-01', false],
    ['From', '26-01-01', false],
    ['To', '2026-11-30', true],
    ['To', '2026-11-31', false],
    ['To', 'today', false],
  ])('%s %j is read by the code as the document has it', (component, value, isAllowed) => {
    const read = readers[component]
    if (!read) throw new Error(`nobody reads ${component}`)
    const schema = validator('components', 'parameters', component, 'schema')
    expect({ documented: schema(value), read: accepts(read(String(value))) }).toEqual({
      documented: isAllowed,
      read: isAllowed,
    })
  })
})
