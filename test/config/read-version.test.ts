import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { readVersion as ReadVersion } from '../../lib/config/secrets.ts'
import { parseDatabaoSecret } from '../../lib/providers/databao/databao-wire.ts'
import { startStubProvider, type StubProvider } from '../providers/stub-provider.ts'
import { stubAws } from '../support/stub-aws.ts'

let stub: StubProvider
let readVersion: typeof ReadVersion
beforeAll(async () => {
  stub = await startStubProvider()
  stubAws(stub.url)
  // The module makes its client when it is loaded, from that environment.
  ;({ readVersion } = await import('../../lib/config/secrets.ts'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await stub.close()
})

const SecretString = '{"appCode":"a-code"}'

it.each([
  [{ VersionId: 'v-1', CreatedDate: 1_700_000_000.5 }, 'v-1', 1_700_000_000_500],
  [{}, '', undefined],
  [{ VersionId: 7, CreatedDate: '2026' }, '', undefined],
  [{ VersionId: null, CreatedDate: null }, '', undefined],
])('a version told of as %j is %j, made at %j', async (told, version, createdAt) => {
  stub.answer({ body: { SecretString, ...told } })
  expect(await readVersion('a/secret', parseDatabaoSecret)).toEqual({
    value: { appCode: 'a-code' },
    version,
    createdAt,
  })
  expect(JSON.parse(stub.requests[0]!.body.toString())).toEqual({
    SecretId: 'a/secret',
    VersionStage: 'AWSCURRENT',
  })
})

it.each([undefined, null, 17, [SecretString], { appCode: 'a-code' }])(
  'a secret that is no text, but %j, is of no use',
  async (text) => {
    stub.answer({ body: { SecretString: text } })
    await expect(readVersion('a/secret', parseDatabaoSecret)).rejects.toMatchObject({
      code: 'credentials_unavailable',
      facts: { retryable: false },
    })
  },
)
