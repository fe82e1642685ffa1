import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Context } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HttpResponse } from '../../lib/http/http-handler.ts'
import { getUsageEndpoint } from '../../lib/http/record-endpoints.ts'
import { verificationEndpoint } from '../../lib/http/verification-endpoint.ts'
import { databao } from '../../lib/providers/databao/databao-client.ts'
import { parseThreeElementRequest } from '../../lib/verification/verification-request.ts'
import { smokeChecks } from '../../scripts/smoke/checks.ts'
import type { Send } from '../../scripts/smoke/signed-fetch.ts'
import { awsCredentials } from '../bundle/function-process.ts'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'
import { type Finished, runScript } from './run-script.ts'
import { type Guard, signedBy, startGateway } from './signing-gateway.ts'
import { httpHandler } from '../openapi/http-handler.ts'

const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = awsCredentials
const REGION = 'ap-southeast-1'
const authorizer = signedBy(id, secret, REGION)
const context = { awsRequestId: 'aws-1' } as Context
const refuse = () => Promise.reject(new Error('a smoke test reached the ledger'))

const usage = httpHandler(
  getUsageEndpoint({ get: refuse, update: refuse, remove: refuse, query: async () => [] }),
)
const verify = httpHandler(
  verificationEndpoint({
    route: 'verifyThreeElement',
    operation: databao,
    parse: parseThreeElementRequest,
    ask: refuse,
    verifyOnce: refuse,
    requireIdempotencyKey: true,
  }),
)

let gateway: Awaited<ReturnType<typeof startGateway>>
let certificates: string
/** What stands before the handlers, and what is done to their answers. */
const lets: { in: Guard } = { in: authorizer }
let spoil: (response: HttpResponse) => HttpResponse

beforeAll(async () => {
  const tls = loopbackCertificate()
  certificates = await mkdtemp(path.join(tmpdir(), 'smoke-'))
  await writeFile(path.join(certificates, 'ca.pem'), tls.cert)
  const answer = (handler: typeof usage) => async (event: unknown) =>
    spoil(await handler(event, context))
  gateway = await startGateway(
    tls,
    { 'GET /v1/usage': answer(usage), 'POST /v1/verifications/three-element': answer(verify) },
    lets,
  )
})
afterAll(async () => {
  await gateway.close()
  await rm(certificates, { recursive: true })
})
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  lets.in = authorizer
  spoil = (response) => response
})
afterEach(() => vi.restoreAllMocks())

const smoke = (args: string[] = [], input = ''): Promise<Finished> =>
  runScript('smoke.ts', ['--url', gateway.url, '--stage', 'dev', ...args], {
    env: { NODE_EXTRA_CA_CERTS: path.join(certificates, 'ca.pem') },
    input,
  })

describe('npm run smoke', () => {
  it('passes where signed calls are answered and others are not', async () => {
    const { exitCode, stdout, stderr } = await smoke()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('All 8 checks passed.')
    expect(stdout).not.toContain('✘')
    expect(stdout).not.toContain(secret)
  })

  it('sends a token from standard input where the deployment wants one', async () => {
    lets.in = ({ headers }) => headers.authorization === 'Bearer invented.to.ken'
    const { exitCode, stdout } = await smoke(['--jwt'], 'invented.to.ken\n')
    expect({ exitCode, told: stdout.includes('invented') }).toEqual({ exitCode: 0, told: false })
  })

  it('fails where an unsigned call is let in', async () => {
    lets.in = () => true
    const { exitCode, stdout } = await smoke()
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✘ an unsigned GET is refused +200\n.*ANYONE WHO FINDS THIS ADDRESS/)
    expect(stdout).toMatch(/✘ an unsigned POST is refused +422\n.*ANYONE WHO FINDS THIS ADDRESS/)
    expect(stdout).toContain('2 of 8 checks failed.')
  })

  /** The handlers behind an authorizer that asks for nothing but a caller. */
  const sendDirectly: Send = async ({ method, path, headers = {}, body }, authorized) => {
    const url = new URL(path, 'https://api.example')
    const userArn = 'arn:aws:iam::111122223333:user/operator'
    const response = spoil(
      await (method === 'GET' ? usage : verify)(
        {
          headers,
          ...(body !== undefined && { body }),
          queryStringParameters: Object.fromEntries(url.searchParams),
          requestContext: authorized ? { authorizer: { iam: { userArn } } } : {},
        },
        context,
      ),
    )
    const { statusCode: status, body: text } = response
    return { status, headers: new Headers(response.headers), text, ms: 1 }
  }
  it('passes without a gateway too', async () => {
    const faults = (await smokeChecks(sendDirectly)).filter(({ fault }) => fault !== undefined)
    expect(faults).toEqual([])
  })

  const without = (header: string) => (response: HttpResponse) => ({
    ...response,
    headers: { ...response.headers, [header]: '' },
  })
  it.each<[string, typeof spoil, RegExp]>([
    ['a request id', without('x-request-id'), /^the read has its headers: no x-request-id/],
    ['no-store', without('cache-control'), /^the problem has its headers: .*not no-store/],
    ['the type', without('content-type'), /^the problem has its headers: content-type/],
    [
      'a member of the problem',
      ({ body, ...rest }) => ({ ...rest, body: body.replace('"detail"', '"details"') }),
      /^the problem has its members: detail/,
    ],
    ['usage', (response) => ({ ...response, statusCode: 500 }), /^a read is answered: status 500/],
  ])('fails without %s', async (_, spoiling, said) => {
    spoil = spoiling
    const faults = (await smokeChecks(sendDirectly)).filter(({ fault }) => fault !== undefined)
    expect(faults.map(({ name, fault }) => `${name}: ${fault}`)).toContainEqual(
      expect.stringMatching(said),
    )
  })

  it('says that the credentials are not let in', async () => {
    lets.in = () => false
    const { exitCode, stdout } = await smoke()
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✘ a read is answered +403\n.*execute-api:Invoke/)
  })

  it('says that nothing is there', async () => {
    const { exitCode, stdout } = await runScript('smoke.ts', ['--url', 'http://127.0.0.1:1'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✘ is reachable.*\n {4}no answer came \(\w+\)/)
  })

  it.each([
    [['--url', 'http://api.example', '--stage', 'dev'], '--url must be https'],
    [['--url', 'https://u:p@api.example', '--stage', 'dev'], 'without credentials'],
    [['--stage', 'dev'], '--url'],
    [['--url', 'https://api.example'], 'Name the stage'],
    [['--url', 'https://api.example', '--stage', 'dev', '--token', 'x'], 'standard input'],
    [['--url', 'https://api.example', '--stage', 'dev', '--jwt'], 'token on standard input'],
  ])('called with %j says what is wrong', async (args, said) => {
    const { exitCode, stdout, stderr } = await runScript('smoke.ts', args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(said)
  })
})
