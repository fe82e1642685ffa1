import { PassThrough, Readable, Writable } from 'node:stream'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProviderName, readSecrets } from '../../scripts/secrets-input.ts'
import { databaoCredentials, juheCredentials } from '../simulators/start-simulators.ts'
import { findLeaks } from '../support/leak-scan.ts'
import { type Finished, runScript } from './run-script.ts'
import { startWritableSecretsManager } from './secrets-manager.ts'

const both = { databao: databaoCredentials, juhe: juheCredentials }
const rotated = { appCode: '0ddba11c0ffee0ddba11c0ffee0ddba1' }
const secrets = { ...databaoCredentials, ...juheCredentials, rotated: rotated.appCode }
const databaoName = 'bankcard-verify/dev/databao'
const juheName = 'bankcard-verify/dev/juhe'

let manager: Awaited<ReturnType<typeof startWritableSecretsManager>>
beforeEach(async () => {
  manager = await startWritableSecretsManager()
})
afterEach(() => manager.close())

const shown: Finished[] = []
const run = async (input: object | string, args: string[] = []) => {
  const finished = await runScript('secrets.ts', ['--stage', 'dev', ...args], {
    env: { AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url },
    input: typeof input === 'string' ? input : JSON.stringify(input),
  })
  shown.push(finished)
  return finished
}
/** Also for arguments: an echo of a refused one would stand in what is shown. */
const leaks = () => findLeaks(JSON.stringify(shown.splice(0)), secrets)
afterEach(() => {
  const found = leaks()
  if (found.length > 0) throw new Error(`shown: ${JSON.stringify(found)}`)
})

describe('npm run secrets', () => {
  it('creates, leaves alone and updates, and says so', async () => {
    const created = await run(both)
    expect(created).toMatchObject({ exitCode: 0, stderr: '' })
    expect(created.stdout).toMatch(/dev\/databao +created +[\da-f-]{36}\n.*dev\/juhe +created/)
    expect(manager.versions(databaoName)).toEqual([JSON.stringify(databaoCredentials)])
    expect(manager.versions(juheName)).toEqual([JSON.stringify(juheCredentials)])

    const again = await run(both)
    expect(again.stdout).toMatch(/dev\/databao +unchanged +[\da-f-]{36}\n.*dev\/juhe +unchanged/)

    const changed = await run({ ...both, databao: rotated })
    expect(changed.stdout).toMatch(/dev\/databao +updated +[\da-f-]{36}\n.*dev\/juhe +unchanged/)
    expect(changed.stdout).toContain('SECRET_TTL_SECONDS')
    expect(manager.versions(databaoName)).toEqual(
      [rotated, databaoCredentials].map((value) => JSON.stringify(value)),
    )
    expect(manager.versions(juheName)).toHaveLength(1)
  })

  it('takes one provider', async () => {
    const { exitCode } = await run(rotated, ['--provider', 'databao'])
    expect(exitCode).toBe(0)
    expect(manager.versions(databaoName)).toEqual([JSON.stringify(rotated)])
    expect(manager.versions(juheName)).toEqual([])
  })

  it('writes for whoever may write and not read', async () => {
    await run(rotated, ['--provider', 'databao'])
    manager.denied.add('GetSecretValue')
    const { stdout } = await run(databaoCredentials, ['--provider', 'databao'])
    expect(stdout).toMatch(/databao +updated/)
  })

  it.each([
    ['a positional', [databaoCredentials.appCode]],
    ['an option of its own', ['--app-code', databaoCredentials.appCode]],
    ['an option with =', [`--key=${juheCredentials.key}`]],
    ['a known option', ['--stage', databaoCredentials.appCode]],
    ['the provider', ['--provider', databaoCredentials.appCode]],
    ['the region', ['--region', databaoCredentials.appCode]],
  ])('refuses a secret as %s, without repeating it', async (_, args) => {
    const refused = await run(both, args)
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^[^\n]+\n$/)
    expect(manager.calls).toEqual([])
  })

  it.each([
    ['no JSON', databaoCredentials.appCode, []],
    ['another provider', { ...both, other: databaoCredentials }, []],
    ['only one of two', { databao: databaoCredentials }, []],
    ['a misspelt member', { databao: { appcode: databaoCredentials.appCode } }, []],
    ['a member too many', { ...databaoCredentials, ...juheCredentials }, ['--provider', 'databao']],
    ['a line break', { appCode: `${databaoCredentials.appCode}\n` }, ['--provider', 'databao']],
    ['no openid', { key: juheCredentials.key }, ['--provider', 'juhe']],
    ['an array', [databaoCredentials], ['--provider', 'databao']],
  ])('refuses %s before anything is stored', async (_, input, args) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input)
    const providers = args.length > 0 ? [args[1] as ProviderName] : (['databao', 'juhe'] as const)
    const screen = new PassThrough()
    const read = readSecrets(Readable.from([text]), screen, providers, 'encrypted')
    const error = await read.catch((error: Error) => error)
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(/^[^\n]+$/) })
    expect(findLeaks(inspect(error), secrets)).toEqual([])
  })

  it('stores nothing of what it refuses', async () => {
    const refused = await run({ databao: { appcode: databaoCredentials.appCode } })
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(manager.calls).toEqual([])
  })

  it('needs no openid for the plain channel', async () => {
    const { key } = juheCredentials
    expect((await run({ key }, ['--provider', 'juhe', '--channel', 'plain'])).exitCode).toBe(0)
    expect(manager.versions(juheName)).toEqual([JSON.stringify({ key })])
  })

  it('says in one sentence what AWS denies', async () => {
    manager.denied.add('CreateSecret')
    const failed = await run(both)
    expect(failed).toMatchObject({ exitCode: 1, stdout: '' })
    expect(failed.stderr).toMatch(/^AWS denies this to you[^\n]*\n$/)
  })
})

describe('its prompts', () => {
  const ask = async (typed: string) => {
    let screen = ''
    const raw: boolean[] = []
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (mode: boolean) => raw.push(mode),
    })
    const output = new Writable({
      write(chunk, _encoding, done) {
        screen += chunk
        done()
        // As people type: when they are asked.
        if (String(chunk).endsWith(': ')) setTimeout(() => terminal.write(next()), 20)
      },
    })
    const lines = typed.split('|')
    const next = () => lines.shift() ?? ''
    const read = readSecrets(terminal, output, ['databao', 'juhe'], 'encrypted')
    return { answer: await read.catch((error: Error) => error.message), screen, raw }
  }
  const { appCode } = databaoCredentials
  const { key, openId } = juheCredentials

  it('show nothing of what is typed', async () => {
    const { answer, screen, raw } = await ask(` ${appCode}\t \r|${key}\r|${openId}\r`)
    expect(answer).toEqual([
      { provider: 'databao', fields: databaoCredentials },
      { provider: 'juhe', fields: juheCredentials },
    ])
    expect(screen).toBe('Databao APPCODE: \nJuhe key: \nJuhe openid: \n')
    expect(raw).toEqual([true, false, true, false, true, false])
  })

  it.each([
    ['Ctrl-C', `${appCode}\u0003`, 'Stopped.'],
    ['Ctrl-D', '\u0004', 'Nothing was stored.'],
  ])('end with %s', async (_, typed, said) => {
    expect((await ask(typed)).answer).toBe(said)
  })
})
