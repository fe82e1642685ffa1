import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientCode } from '../../client/src/client.ts'
import { part, rowsOf } from '../docs/documents.ts'
import { exampleOf, personFile, runExample } from './examples.ts'
import { startLocalApi } from './local-api.ts'

const person = JSON.parse(await personFile())
let api: Awaited<ReturnType<typeof startLocalApi>>
let cwd: string
beforeAll(async () => {
  api = await startLocalApi()
  cwd = await mkdtemp(path.join(tmpdir(), 'client-readme-'))
  await writeFile(path.join(cwd, 'person.json'), JSON.stringify(person))
}, 60_000)
afterAll(async () => {
  await api.close()
  await rm(cwd, { recursive: true })
})

const curlSigns = () => {
  try {
    return execFileSync('curl', ['--help', 'all'], { encoding: 'utf8' }).includes('--aws-sigv4')
  } catch {
    return false
  }
}

describe('client/README.md', () => {
  it.each(['verify.ts', 'verify.sh', 'verify.py'])('shows examples/%s', async (name) => {
    const { shown, file } = await exampleOf(name)
    expect(shown).not.toBe('')
    expect(shown).toBe(file)
  })

  it.skipIf(!curlSigns())(
    'has an example with curl that runs, credentials of all kinds',
    async () => {
      const { shown } = await exampleOf('verify.sh')
      for (const sessionToken of ['', 'invented//session+token==']) {
        const told = await runExample(api, 'sh', ['-c', shown], { cwd, sessionToken })
        expect(JSON.parse(told)).toMatchObject({ verdict: 'match', reference: person.reference })
      }
      expect(api.hits(person.cardNumber)).toBe(1)
    },
  )

  it('lists every code that the client adds', () => {
    const codes: Record<ClientCode, true> = {
      aborted: true,
      connection_failed: true,
      connection_lost: true,
      timed_out: true,
      gateway_refused: true,
      gateway_throttled: true,
      gateway_failed: true,
      unexpected_answer: true,
      signing_failed: true,
    }
    const listed = rowsOf(part('client/README.md', 'codes')).map(([code]) => code)
    expect(listed).toEqual(Object.keys(codes).map((code) => `\`${code}\``))
  })
})
