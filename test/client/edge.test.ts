import path from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { awsCredentials } from '../bundle/function-process.ts'
import { answer, pair } from './stub-service.ts'

const ENTRY = path.resolve(import.meta.dirname, '../../client/src/client.ts')
const bundled = build({
  entryPoints: [ENTRY],
  bundle: true,
  write: false,
  metafile: true,
  platform: 'neutral',
  format: 'iife',
  globalName: 'bankcardVerify',
  target: 'es2022',
})

/** All that the client may use of a runtime. */
const web = {
  fetch,
  Headers,
  Response,
  URL,
  URLSearchParams,
  AbortController,
  AbortSignal,
  TextEncoder,
  TextDecoder,
  crypto,
  setTimeout,
  clearTimeout,
}

describe('the client on an edge runtime', () => {
  let code: string
  beforeAll(async () => {
    code = (await bundled).outputFiles[0]?.text ?? ''
  })

  it('imports nothing but its own files and aws4fetch', async () => {
    const { metafile } = await bundled
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
    expect(imports).toEqual([])
    const foreign = Object.keys(metafile.inputs).filter((file) => !file.startsWith('client/src/'))
    expect(foreign).toEqual(['node_modules/aws4fetch/dist/aws4fetch.esm.mjs'])
    expect(code).not.toMatch(/\b(process|Buffer|require|node:[a-z]+|__dirname)\b/)
  })

  it('signs, asks and answers with web globals alone', async () => {
    const asked: Request[] = []
    const fetch = async (url: string, init: RequestInit) => {
      asked.push(new Request(url, init))
      return Response.json(answer)
    }
    const { AWS_REGION: region, ...keys } = awsCredentials
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = keys
    const sigv4 = { region, accessKeyId, secretAccessKey }
    const context = createContext({ ...web, fetch, pair, sigv4 })
    runInContext(code, context)
    const script = `bankcardVerify
      .createClient({ baseUrl: 'https://api.example', auth: { sigv4 } })
      .verifyTwoElement(pair)`
    expect(await runInContext(script, context)).toMatchObject({ verdict: 'match' })
    expect(asked[0]?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA/)

    const failing = `bankcardVerify
      .createClient({ baseUrl: 'https://api.example', auth: 'none', maxRetries: 0, fetch: () => { throw 1 } })
      .verifyTwoElement(pair)
      .catch((error) => [error instanceof bankcardVerify.VerificationError, error.code])`
    expect(await runInContext(failing, context)).toEqual([true, 'connection_lost'])
  })
})
