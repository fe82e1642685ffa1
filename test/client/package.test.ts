import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleOf, runExample } from './examples.ts'
import { startLocalApi } from './local-api.ts'
import { installPackedClient } from './packed-client.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

let api: Awaited<ReturnType<typeof startLocalApi>>
let packed: Awaited<ReturnType<typeof installPackedClient>>
beforeAll(async () => {
  api = await startLocalApi()
  packed = await installPackedClient()
}, 120_000)
afterAll(async () => {
  await api.close()
  await packed.remove()
})

const manifest = async (dir: string) =>
  JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'))

const WEB = { lib: ['es2022', 'dom'], types: [] }
const SAMPLE = `
import {
  createClient,
  type Client,
  type Verification,
  VerificationError,
  type VerificationErrorCode,
} from '@bankcard-verify/client'

const client: Client = createClient({
  baseUrl: 'https://api.example',
  auth: { sigv4: async () => ({ region: 'cn-north-1', accessKeyId: 'a', secretAccessKey: 'b' }) },
})
createClient({ baseUrl: 'https://api.example', auth: { bearer: () => 'token' } })
createClient({ baseUrl: 'http://localhost:3000', auth: 'none', fetch, timeoutMs: 1, maxRetries: 0 })
// @ts-expect-error there is no such authorization
createClient({ baseUrl: 'https://api.example', auth: 'basic' })
// @ts-expect-error it does not go without
createClient({ baseUrl: 'https://api.example' })

const pair = { name: '张三', cardNumber: '6299990000000017' }
const idNumber = '110101190001010014'
export const found = await client.verifyThreeElement({ ...pair, idNumber, reference: 'a' })
export const kept: Verification = found
export const key: string = found.idempotencyKey
export const verdict: 'match' | 'mismatch' | 'unverifiable' = found.verdict
// @ts-expect-error no such verdict
found.verdict === 'unknown'
// @ts-expect-error three elements are three
await client.verifyThreeElement(pair)
// @ts-expect-error two elements are two
await client.verifyTwoElement({ ...pair, idNumber: '110101190001010014' })
// @ts-expect-error a card number is text
await client.verifyTwoElement({ name: '张三', cardNumber: 6299990000000017 })
await client.verifyTwoElement(pair, { signal: AbortSignal.timeout(1000), anew: true })
for await (const { verifications } of client.verificationPages({ reference: 'a' })) {
  export_(verifications.map(({ id }) => id))
}
const { usage } = await client.getUsage({ from: '2026-11-01', to: '2026-11-23' })
export_(usage.map(({ billed }) => billed.yes + billed.unknown))

export function advice(error: VerificationError): string {
  const code: VerificationErrorCode = error.code
  if (error.outcomeUnknown) return error.idempotencyKey ?? ''
  switch (code) {
    case 'card_locked':
    case 'timed_out':
      return String(error.retryAfterSeconds)
    case 'validation_failed':
      return (error.errors ?? [])
        .map((at) => ('pointer' in at ? at.pointer : at.parameter) + at.code)
        .join()
    // @ts-expect-error no such code
    case 'card_unlocked':
      return ''
    default:
      return error.problem?.detail ?? code
  }
}
declare function export_(value: unknown): void
`

describe('npm pack', () => {
  it('packs what runs, its types, licence and README, and nothing else', async () => {
    expect(packed.files).toEqual(
      expect.arrayContaining([
        'package/LICENSE',
        'package/README.md',
        'package/dist/client.d.ts',
        'package/dist/client.js',
        'package/dist/schema.d.ts',
        'package/package.json',
      ]),
    )
    const extra = packed.files.filter(
      (file) =>
        !/^package\/(LICENSE|README\.md|package\.json|dist\/[a-z0-9-]+(\.d\.ts|\.js))$/.test(file),
    )
    expect(extra).toEqual([])
    expect(packed.files).not.toContain('package/dist/left-behind.js')
    const read = (dir: string) => readFile(path.join(dir, 'LICENSE'), 'utf8')
    expect(await read(packed.installed)).toBe(await read(ROOT))
  })

  it('names dist/ in the package and leaves the workspace at its source', async () => {
    const { exports, type, sideEffects, engines, dependencies } = await manifest(packed.installed)
    expect({ exports, type, sideEffects, engines }).toEqual({
      exports: './dist/client.js',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22' },
    })
    expect(dependencies).toEqual({ aws4fetch: '1.0.20' })
    const workspace = path.join(ROOT, 'client')
    expect(await manifest(packed.source)).toEqual(await manifest(workspace))
    expect((await manifest(workspace)).exports).toBe('./src/client.ts')
  })

  it.each([
    ['Node', 'typescript 5', { module: 'nodenext', types: ['node'] }],
    ['an edge runtime', 'typescript 5', { module: 'nodenext', ...WEB }],
    ['a bundler', 'typescript 7', { module: 'esnext', moduleResolution: 'bundler', ...WEB }],
  ] as const)(
    'is typed for %s and %s',
    async (_, compiler, options) => {
      await writeFile(path.join(packed.app, 'sample.ts'), SAMPLE)
      expect(await packed.compile('sample.ts', compiler, { ...options, noEmit: true })).toBe('')
    },
    60_000,
  )
})

describe('the example of client/README.md in TypeScript', () => {
  it('compiles, and runs with the package against a gateway that verifies signatures', async () => {
    const { shown } = await exampleOf('verify.ts')
    await writeFile(path.join(packed.app, 'verify.ts'), shown)
    const options = { module: 'nodenext', types: ['node'] }
    expect(await packed.compile('verify.ts', 'typescript 5', options)).toBe('')
    for (const sessionToken of ['', 'invented//session+token==']) {
      const where = { cwd: packed.app, sessionToken }
      const told = await runExample(api, process.execPath, ['verify.js'], where)
      expect(told).toBe("{ verdict: 'match', billable: 'yes' }\n")
    }
    expect(api.hits('6299990000000017')).toBe(1)
  }, 60_000)
})

describe('in this repository', () => {
  it('the package is imported from its source, without a build', async () => {
    const script = `const { createClient, VerificationError } = await import('@bankcard-verify/client')
console.log(typeof createClient, typeof VerificationError, import.meta.resolve('@bankcard-verify/client'))`
    const args = ['--input-type=module', '--eval', script]
    const { stdout } = await run(process.execPath, args, { cwd: path.join(ROOT, 'cli') })
    expect(stdout).toMatch(/^function function file:.*\/client\/src\/client\.ts\n$/)
  })
})
