import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Endpoint, httpHandler } from '../../lib/http/http-handler.ts'
import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../lib/http/record-endpoints.ts'
import { createApiServer } from '../../scripts/local/api-server.ts'
import { FunctionTimedOut, type LocalFunction } from '../../scripts/local/local-function.ts'
import { never, tableOf, throughEndpoint } from '../../scripts/openapi/examples/acted-endpoints.ts'
import { routes } from '../../scripts/openapi/routes.ts'
import { Contract } from './conforms.ts'

const context = { awsRequestId: 'aws-1' } as Context
const table = tableOf([])
const handlerOf = <Input extends object>(endpoint: Endpoint<Input>) => httpHandler(endpoint)
const handlers = {
  verifyThreeElement: throughEndpoint('verifyThreeElement', { verifyOnce: never }, handlerOf),
  verifyTwoElement: throughEndpoint('verifyTwoElement', { verifyOnce: never }, handlerOf),
  getVerification: httpHandler(getVerificationEndpoint(table)),
  listVerifications: httpHandler(listVerificationsEndpoint(table)),
  getUsage: httpHandler(getUsageEndpoint(table)),
}
type Name = keyof typeof handlers

/** In place of the function's answer, where a test says so. */
let invoke: ((event: unknown) => Promise<unknown>) | undefined

const contract = new Contract()
const server = createApiServer(
  routes().map(({ operationId, method, path }) => ({
    routeKey: `${method.toUpperCase()} ${path}`,
    target: {
      invoke: (event: unknown) =>
        (invoke ?? ((one) => handlers[operationId as Name](one, context)))(event),
    } as unknown as LocalFunction,
  })),
)
let url: string

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})

async function asked(operation: Name, path: string, init: RequestInit = {}) {
  const response = await fetch(url + path, init)
  const body = await response.text()
  const { status: statusCode } = response
  const headers = Object.fromEntries(response.headers)
  const type = headers['content-type']
  return {
    statusCode,
    type,
    faults: contract.faults(operation, { statusCode, headers, body }, 'http'),
  }
}

const json = { 'content-type': 'application/json' }
const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = json,
): RequestInit => ({
  method: 'POST',
  headers,
  body,
})
const three = '/v1/verifications/three-element'
const problem = 'application/problem+json'

describe('the API of npm start', () => {
  it.each<[Name, string, RequestInit, number, string]>([
    ['getUsage', '/v1/usage?from=2026-11-01&to=2026-11-30', {}, 200, 'application/json'],
    ['listVerifications', '/v1/verifications?reference=a', {}, 200, 'application/json'],
    ['listVerifications', '/v1/verifications?limit=0&x=y', {}, 422, problem],
    ['getVerification', '/v1/verifications/019a', {}, 404, problem],
    ['verifyThreeElement', three, post('{}', {}), 415, problem],
    ['verifyThreeElement', three, post(''), 400, problem],
    ['verifyThreeElement', three, post(' '.repeat(8193)), 413, problem],
    ['verifyTwoElement', '/v1/verifications/two-element', post('{}'), 422, problem],
    ['verifyThreeElement', three, post('{}', { ...json, 'idempotency-key': '' }), 400, problem],
    // What follows the gateway answers itself.
    ['getUsage', '/v1/usages', {}, 404, 'application/json'],
    ['getUsage', '/v1/usage', { method: 'PUT' }, 404, 'application/json'],
    ['getVerification', '/v1/verifications/%zz', {}, 400, 'application/json'],
    [
      'verifyThreeElement',
      three,
      post(new Uint8Array(10 * 1024 * 1024 + 1)),
      413,
      'application/json',
    ],
  ])('answers %s %s as documented', async (operation, path, init, statusCode, type) => {
    expect(await asked(operation, path, init)).toEqual({ statusCode, type, faults: [] })
  })

  it.each([
    [500, new Error('crashed')],
    [503, new FunctionTimedOut()],
  ])('answers %i as documented where a function gives no answer', async (statusCode, failure) => {
    invoke = () => Promise.reject(failure)
    for (const { operationId, path, method } of routes()) {
      const init = method === 'post' ? post('{}') : {}
      expect(await asked(operationId as Name, path.replace('{id}', 'a'), init)).toEqual({
        statusCode,
        type: 'application/json',
        faults: [],
      })
    }
    invoke = undefined
  })
})
