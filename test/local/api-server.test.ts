import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApiServer } from '../../scripts/local/api-server.ts'
import { LocalFunction } from '../../scripts/local/local-function.ts'
import { routesOf } from '../../scripts/local/route-table.ts'

const fn = new LocalFunction({
  name: 'obedient',
  file: fileURLToPath(new URL('fixtures/obedient-function.mjs', import.meta.url)),
  timeoutSeconds: 1,
  memorySize: 512,
  environment: { DATABAO_BASE_URL: 'http://127.0.0.1:1' },
})
const server = createApiServer(
  routesOf(
    [
      { httpApi: { method: 'POST', path: '/do' } },
      { httpApi: { method: 'post', path: '/things/latest' } },
      { httpApi: 'POST /things/{id}' },
      {},
    ],
    fn,
  ),
)
let url: string

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await fn.close()
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  })

/** What the obedient function says it was given. */
const given = async (response: Response) =>
  (await response.json()) as {
    event: APIGatewayProxyEventV2
    context: { remaining: number }
    env: Record<string, string>
  }

const returning = async (returns: unknown) => {
  const response = await post('/do', { returns })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('the local API', () => {
  it('sends a payload 2.0 event', async () => {
    const response = await post('/things/a%20b?x=1&y=2&x=3', '{}', {
      cookie: 'one=1; two=2',
      'X-Caller': 'payouts',
      'user-agent': 'test',
    })
    const { event, context } = await given(response)

    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /things/{id}',
      rawPath: '/things/a%20b',
      rawQueryString: 'x=1&y=2&x=3',
      cookies: ['one=1', 'two=2'],
      headers: { 'content-type': 'application/json', 'x-caller': 'payouts' },
      queryStringParameters: { x: '1,3', y: '2' },
      pathParameters: { id: 'a b' },
      requestContext: {
        authorizer: { iam: { userArn: 'arn:aws:sts::000000000000:assumed-role/local/developer' } },
        http: { method: 'POST', path: '/things/a%20b', protocol: 'HTTP/1.1', userAgent: 'test' },
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      },
      body: '{}',
      isBase64Encoded: false,
    })
    expect(event.headers).not.toHaveProperty('cookie')
    expect(context).toMatchObject({
      functionName: 'obedient',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(context.remaining).toBeGreaterThan(0)
    expect(context.remaining).toBeLessThanOrEqual(1000)
  })

  it.each(['application/octet-stream', 'application/x-www-form-urlencoded', 'application/jsonx'])(
    'sends a body of type %s as base64',
    async (type) => {
      const response = await post('/do', Buffer.from([0xff, 0x00]), { 'content-type': type })
      expect((await given(response)).event).toMatchObject({
        body: '/wA=',
        isBase64Encoded: true,
      })
    },
  )

  it.each(['application/json; charset=utf-8', 'text/csv', 'application/xml'])(
    'sends a body of type %s as text',
    async (type) => {
      const response = await post('/do', '张三', { 'content-type': type })
      expect((await given(response)).event).toMatchObject({
        body: '张三',
        isBase64Encoded: false,
      })
    },
  )

  it('prefers a literal route to a parameter', async () => {
    const { event } = await given(await post('/things/latest', '{}'))
    expect(event.routeKey).toBe('POST /things/latest')
    expect(event).not.toHaveProperty('pathParameters')
  })

  it.each(['/', '/do/', '/Do', '/things/', '/things/a/b'])('knows no route %s', async (path) => {
    const response = await post(path, '{}')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ message: 'Not Found' })
  })

  it('knows no other method of a route', async () => {
    expect((await fetch(`${url}/do`)).status).toBe(404)
  })

  it('answers 413 to a body over 10 MB', async () => {
    const response = await post('/do', Buffer.alloc(10 * 1024 * 1024 + 1, 0x20))
    expect(response.status).toBe(413)
  })

  it('answers 500 when the function throws, and prints no message', async () => {
    const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const response = await post('/do', { throws: '6299990000000017' })
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ message: 'Internal Server Error' })
    await vi.waitFor(() =>
      expect(printed.mock.calls.join()).toContain('The function failed: Error'),
    )
    expect(printed.mock.calls.join()).not.toContain('6299990000000017')
    printed.mockRestore()
  })

  it('answers 500 when the function ends its process, and goes on', async () => {
    expect((await post('/do', { exits: true })).status).toBe(500)
    expect((await post('/do', '{}')).status).toBe(200)
  })

  it('answers 503 when the function outlives its timeout', async () => {
    const response = await post('/do', { hangs: true })
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ message: 'Service Unavailable' })
  })

  it('serves requests at once as separate environments', async () => {
    const [hanging, quick] = [post('/do', { hangs: true }), post('/do', '{}')]
    expect((await quick).status).toBe(200)
    expect((await hanging).status).toBe(503)
  })

  it('gives the function only its own environment', async () => {
    const { env } = await given(await post('/do', '{}'))
    expect(env).toMatchObject({ DATABAO_BASE_URL: 'http://127.0.0.1:1' })
    expect(env).not.toHaveProperty('HOME')
  })
})

describe("a function's result", () => {
  it('is a response where it has a statusCode', async () => {
    const { status, headers, text } = await returning({
      statusCode: 429,
      headers: { 'Retry-After': 5, 'content-type': 'application/problem+json' },
      cookies: ['a=1; Secure', 'b=2'],
      body: '{}',
    })
    expect({ status, text }).toEqual({ status: 429, text: '{}' })
    expect(headers.get('retry-after')).toBe('5')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2'])
  })

  it('may have a base64 body', async () => {
    const body = Buffer.from('张三').toString('base64')
    const { text } = await returning({ statusCode: 200, body, isBase64Encoded: true })
    expect(text).toBe('张三')
  })

  it.each([
    ['said', 'said'],
    [{ said: 1 }, '{"said":1}'],
    [[1], '[1]'],
  ])('without a statusCode is the body of a 200: %j', async (result, text) => {
    const response = await returning(result)
    expect(response).toMatchObject({ status: 200, text })
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  it.each([
    { statusCode: 'soon' },
    { statusCode: 99 },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, headers: 'x' },
    { statusCode: 200, headers: { list: ['a'] } },
    { statusCode: 200, cookies: 'a=1' },
  ])('is a 500 where it is invalid: %j', async (result) => {
    expect((await returning(result)).status).toBe(500)
  })
})
