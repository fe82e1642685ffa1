import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleOf, personFile, runExample } from '../client/examples.ts'
import { startLocalApi } from '../client/local-api.ts'
import { motoProgram } from './moto/moto-server.ts'

/** Of the virtual environment that has moto, and so `requests` and `botocore` as well. */
const python = path.resolve(path.dirname(motoProgram() ?? ''), 'python')

let api: Awaited<ReturnType<typeof startLocalApi>>
let cwd: string
beforeAll(async () => {
  api = await startLocalApi()
  cwd = await mkdtemp(path.join(tmpdir(), 'client-python-'))
})
afterAll(async () => {
  await api.close()
  await rm(cwd, { recursive: true })
})

describe('the Python example of client/README.md', () => {
  const ask = async (person: string, sessionToken = '') => {
    await writeFile(path.join(cwd, 'person.json'), person)
    const { shown } = await exampleOf('verify.py')
    return runExample(api, python, ['-c', shown], { cwd, sessionToken })
  }

  it('is let in with credentials of all kinds, and pays once', async () => {
    const person = await personFile()
    expect(await ask(person)).toBe('match yes\n')
    expect(await ask(person, 'invented//session+token==')).toBe('match yes\n')
    expect(api.hits(JSON.parse(person).cardNumber)).toBe(1)
  })

  it('tells a problem', async () => {
    expect(await ask('{"name":"张三"}')).toBe('validation_failed no\n')
  })

  it('tells what the gateway refuses', async () => {
    const { shown } = await exampleOf('verify.py')
    const elsewhere = shown.replace('"execute-api"', '"lambda"')
    expect(await runExample(api, python, ['-c', elsewhere], { cwd })).toBe('HTTP 403\n')
  })
})
