import { execFile } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodes } from '../../cli/src/command-line.ts'
import { awsCredentials } from '../bundle/function-process.ts'
import { startLocalApi } from '../client/local-api.ts'
import { part, read, rowsOf } from '../docs/documents.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { CLI, HEADER, peopleCsv, personLine, runCli, temporaryFolder } from './run-cli.ts'

const DOCUMENT = 'docs/cli.md'
const folder = temporaryFolder()
let api: Awaited<ReturnType<typeof startLocalApi>>

beforeAll(async () => {
  api = await startLocalApi()
}, 60_000)
afterAll(() => api.close())

type Block = { language: string; code: string }

const blocks: Block[] = [...read(DOCUMENT).matchAll(/^```([a-z]+)\n(.*?)^```$/gms)].map(
  ([, language = '', code = '']) => ({ language, code }),
)

/** What differs from run to run: ids, times, and the provider's references. */
const steady = (text: string) =>
  text
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"JH\w+"/g, '"<reference>"')
    .replaceAll(/(time of this run +)\d+ s/g, '$1<time>')

/** Runs an example as a shell does, with a `npx` that finds this repository's command. */
async function runExample(code: string): Promise<string> {
  const bin = folder.at('bin')
  await mkdir(bin, { recursive: true })
  const npx = `#!/bin/sh\n[ "$1" = bankcard-verify ] && shift && exec '${process.execPath}' '${CLI}' "$@"\n`
  await folder.write('bin/npx', npx)
  await chmod(path.join(bin, 'npx'), 0o755)
  const env = { PATH: `${bin}:${process.env['PATH']}`, BANKCARD_VERIFY_URL: api.url }
  return new Promise((resolve) => {
    execFile('sh', ['-c', code], { cwd: folder.at('.'), env }, (_error, stdout) => resolve(stdout))
  })
}

describe('docs/cli.md', () => {
  it('has examples that print what it says', async () => {
    const people = blocks.find(({ language }) => language === 'csv')
    await folder.write('people.csv', people?.code ?? '')
    const examples = blocks.flatMap(({ language, code }, at) =>
      language === 'sh' ? [{ code, shown: blocks[at + 1] }] : [],
    )
    expect(examples.length).toBeGreaterThanOrEqual(5)
    for (const { code, shown } of examples) {
      expect(shown?.language).toBe('text')
      const printed = await runExample(code)
      expect(`$ ${code}${steady(printed)}`).toBe(`$ ${code}${steady(shown?.code ?? '')}`)
    }
  }, 60_000)

  it('has every exit code', () => {
    const listed = rowsOf(part(DOCUMENT, 'exit-codes')).map(([code]) => Number(code))
    expect(listed).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b))
  })
})

describe('a batch against the API itself', () => {
  const ROWS = 60
  const people = () => Array.from({ length: ROWS }, (_, number) => inventedPerson(5000 + number))
  const csv = () => `${[HEADER, ...people().map((_, at) => personLine(5000 + at))].join('\n')}\n`

  it('reaches the provider once for each row, however often it is killed', async () => {
    await folder.write('people.csv', csv())
    const args = ['batch', folder.at('people.csv'), '-o', folder.at('results.csv')]
    const env = { BANKCARD_VERIFY_URL: api.url }
    for (const more of [5, 10, 20]) {
      const { exitCode } = await runCli(args, {
        env,
        onStart(child) {
          const before = api.received.length
          const look = setInterval(() => {
            if (child.exitCode !== null) clearInterval(look)
            if (api.received.length - before < more) return
            clearInterval(look)
            child.kill('SIGKILL')
          }, 1)
        },
      })
      expect(exitCode).toBeNull()
    }
    const { exitCode, stdout } = await runCli(args, { env })
    expect(stdout).toMatch(/match +60\n/)
    expect(exitCode).toBe(0)
    expect((await folder.results()).map(({ verdict }) => verdict)).toEqual(
      people().map(() => 'match'),
    )
    expect(people().map(({ cardNumber }) => api.hits(cardNumber))).toEqual(people().map(() => 1))
  }, 60_000)

  it('signs with AWS credentials, and stops where they are wrong', async () => {
    await folder.write('people.csv', peopleCsv(3))
    const env = { NODE_EXTRA_CA_CERTS: api.certificate, ...awsCredentials }
    const args = ['batch', folder.at('people.csv'), '--url', api.gatewayUrl, '-o']
    const wrong = await runCli([...args, folder.at('wrong.csv')], {
      env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' },
    })
    expect(wrong.exitCode).toBe(75)
    expect(wrong.stdout).toContain('Stopped by gateway_refused')
    const right = await runCli([...args, folder.at('right.csv')], { env })
    expect(right.exitCode).toBe(0)
    expect(await folder.results('right.csv')).toHaveLength(3)
  }, 30_000)
})
