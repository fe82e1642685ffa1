import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { run } from '../../cli/src/run.ts'
import { AppError } from '../../lib/errors/app-error.ts'
import { scenarioCard } from '../simulators/scenarios.ts'
import { findLeaks } from '../support/leak-scan.ts'
import { type Finished, Printed, runCli, runHere } from './run-cli.ts'
import { problem, type Reply, startStubApi } from './stub-api.ts'

const person = {
  name: '欧阳震华',
  idNumber: '110101190001010022',
  cardNumber: scenarioCard(123_456_789),
}
const { idNumber: _, ...twoElements } = person

let api: Awaited<ReturnType<typeof startStubApi>>
let instead: Reply | undefined

beforeEach(async () => {
  instead = undefined
  api = await startStubApi({ instead: () => instead })
})
afterEach(() => api.close())

const env = () => ({ BANKCARD_VERIFY_URL: api.url })
const check = (args: readonly string[], input = '') =>
  runHere(['check', ...args], { env: env(), input })
const checkPerson = (asked: object, ...args: string[]) =>
  check(['--stdin', ...args], JSON.stringify(asked))

describe('a check', () => {
  it('tells a match in plain words', async () => {
    const { exitCode, stdout, stderr } = await checkPerson(person)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(
      /^match: name, ID number and card number belong together\n {2}charged {4}yes\n/,
    )
    expect(stdout).toMatch(/^ {2}id +[\da-f-]{36}$/m)
  })

  it.each([
    [1, scenarioCard(2), /^mismatch: name and card number do not belong together$/m],
    [2, scenarioCard(3), /^unverifiable: .* could not be compared: .*abnormal state/m],
  ])('ends with %i where the verdict is another', async (expected, cardNumber, sentence) => {
    const { exitCode, stdout } = await checkPerson({ ...twoElements, cardNumber })
    expect(exitCode).toBe(expected)
    expect(stdout).toMatch(sentence)
  })

  it.each([
    [person, [], 'three-element'],
    [twoElements, [], 'two-element'],
    [person, ['--elements', '2'], 'two-element'],
  ])('asks about as many elements as it is given or told: %#', async (asked, args, route) => {
    const { stdout } = await checkPerson(asked, '--json', ...args)
    expect(JSON.parse(stdout).elements).toHaveLength(route === 'three-element' ? 3 : 2)
  })

  it('prints the answer as JSON for scripts', async () => {
    const { stdout } = await checkPerson({ ...person, reference: 'payout-1' }, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'match',
      billable: 'yes',
      reference: 'payout-1',
      card: { last4: person.cardNumber.slice(-4) },
    })
  })

  it('tells a problem on standard error and ends with 3', async () => {
    instead = problem(new AppError('card_locked'))
    const { exitCode, stdout, stderr } = await checkPerson(person)
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain('problem: card_locked: Card locked for today. Repeated mismatches')
    expect(stderr).toMatch(/charged +no\n/)
    expect(stderr).not.toContain('--idempotency-key')
  })

  it('tells how to repeat what may have been charged, and a script too', async () => {
    instead = problem(new AppError('outcome_unknown', { billable: 'unknown' }))
    const { stderr } = await checkPerson(person, '--idempotency-key', 'payout-8841')
    expect(stderr).toMatch(/charged +perhaps\n/)
    expect(stderr).toMatch(/again +with --idempotency-key below it is not charged twice\n/)
    expect(stderr).toMatch(/key +payout-8841\n/)
    const { exitCode, stdout } = await checkPerson(person, '--json')
    expect(exitCode).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'outcome_unknown',
      billable: 'unknown',
      outcomeUnknown: true,
      idempotencyKey: api.hits[1]?.key,
    })
  })

  it('names the fields that the API refuses, never their values', async () => {
    const { exitCode, stderr } = await checkPerson({ name: '1', cardNumber: '62999900000000' })
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/fields +name:format/)
    expect(stderr).not.toContain('62999900000000')
  })

  it('takes options, and warns of the shell history', async () => {
    const { name, idNumber, cardNumber } = person
    const { exitCode, stderr } = await check([
      '--name',
      name,
      '--id',
      idNumber,
      '--card',
      cardNumber,
    ])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      /^Warning: what follows --name, --card, --id is now in the shell history/,
    )
    expect(api.hits).toHaveLength(1)
  })

  it('says what is missing where there is no terminal, and reads nothing', async () => {
    const { exitCode, stderr } = await check(['--elements', '3'], JSON.stringify(person))
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/^Missing: --name, --card, --id\. There is no terminal/)
    expect(api.hits).toEqual([])
  })

  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['another field', '{"name":"张三","card":"1"}'],
    ['a number', '{"name":"张三","cardNumber":6299990000000017}'],
    ['nothing', ''],
  ])('refuses standard input that is %s', async (_, input) => {
    const { exitCode, stderr } = await check(['--stdin'], input)
    expect(exitCode).toBe(65)
    expect(stderr).toMatch(/^Standard input must be one JSON object/)
    expect(api.hits).toEqual([])
  })

  it.each([
    ['--card beside --stdin', ['--stdin', '--card', person.cardNumber]],
    ['an argument without a name', [person.cardNumber]],
    ['an unknown option', [`--${person.cardNumber}`]],
    ['an option without its value', ['--card']],
    ['other elements', ['--stdin', '--elements', '1']],
  ])('refuses %s, and repeats nothing of it', async (_, args) => {
    const { exitCode, stderr } = await check(args, JSON.stringify(person))
    expect(exitCode).toBe(64)
    expect(stderr).not.toContain(person.cardNumber)
    expect(api.hits).toEqual([])
  })

  it('prints nothing of the person, whatever comes of it', async () => {
    const printed: Finished[] = []
    for (const reply of [
      undefined,
      problem(new AppError('provider_timeout', { billable: 'unknown' })),
      problem(
        new AppError('validation_failed', { errors: [{ pointer: '/name', code: 'format' }] }),
      ),
      // A stranger at the address who repeats what it is sent.
      {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(person),
      },
    ]) {
      instead = reply
      for (const json of [[], ['--json']]) {
        printed.push(
          await runCli(['check', '--stdin', ...json], {
            env: env(),
            input: JSON.stringify(person),
          }),
        )
      }
    }
    expect(printed.map(({ exitCode }) => exitCode)).toEqual([0, 0, 3, 3, 3, 3, 3, 3])
    expect(
      findLeaks(printed.map(({ stdout, stderr }) => stdout + stderr).join('\n'), person),
    ).toEqual([])
  })
})

describe('the API', () => {
  it('gets no credentials where it is on this machine', async () => {
    const secrets = {
      BANKCARD_VERIFY_TOKEN: 'token',
      AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
      AWS_SECRET_ACCESS_KEY: 'invented',
    }
    await runHere(['check', '--stdin'], {
      env: { ...env(), ...secrets },
      input: JSON.stringify(person),
    })
    expect(api.hits[0]?.headers).not.toHaveProperty('authorization')
  })

  it.each([
    ['a token', { BANKCARD_VERIFY_TOKEN: 'token-7731' }, /^Bearer token-7731$/],
    [
      'AWS credentials, for the region in its address',
      {
        AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
        AWS_SECRET_ACCESS_KEY: 'invented',
        AWS_SESSION_TOKEN: 'session',
        AWS_REGION: 'us-east-1',
      },
      /^AWS4-HMAC-SHA256 Credential=AKIAINVENTED51A7C0DE\/\d+\/ap-southeast-1\/execute-api\//,
    ],
  ])('gets %s', async (_, credentials, authorization) => {
    const sent = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'))
    const url = 'https://abc.execute-api.ap-southeast-1.amazonaws.com'
    const { exitCode } = await runHere(['check', '--stdin', '--url', url], {
      env: credentials,
      input: JSON.stringify(person),
    })
    const { headers } = sent.mock.calls[0]?.[1] ?? {}
    sent.mockRestore()
    expect(exitCode).toBe(3)
    expect(new Headers(headers).get('authorization')).toMatch(authorization)
  })
})

describe('the prompts', () => {
  /** Types each answer once its question stands on the screen. */
  async function checkTyping(args: readonly string[], answers: readonly [RegExp, string][]) {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const [stdout, stderr] = [new Printed(), new Printed()]
    const done = run(['check', ...args], { stdin, stdout, stderr, env: env() }, vi.fn())
    for (const [question, answer] of answers) {
      await vi.waitUntil(() => question.test(stderr.text), { timeout: 5000, interval: 5 })
      stdin.write(`${answer}\r`)
    }
    return {
      exitCode: await done,
      stdout: stdout.text,
      screen: stripVTControlCharacters(stderr.text),
    }
  }

  it('ask for what is not given, and hide the numbers', async () => {
    const { exitCode, stdout, screen } = await checkTyping(
      [],
      [
        [/Name/, person.name],
        [/ID number/, person.idNumber],
        [/Card number/, person.cardNumber],
      ],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^match: name, ID number and card number/)
    const { name: _, ...numbers } = person
    expect(findLeaks(screen, numbers)).toEqual([])
  })

  it('take an empty ID number for a two-element check', async () => {
    const { stdout } = await checkTyping(
      [],
      [
        [/Name/, person.name],
        [/ID number/, ''],
        [/Card number/, person.cardNumber],
      ],
    )
    expect(stdout).toMatch(/^match: name and card number/)
  })

  it('ask again where a number cannot be one', async () => {
    const { exitCode, screen } = await checkTyping(
      ['--elements', '2', '--name', person.name],
      [
        [/Card number/, '12'],
        [/Not a card number/, `\u0015${person.cardNumber}`],
      ],
    )
    expect(exitCode).toBe(0)
    expect(screen).toContain('Not a card number: 12 to 19 digits.')
  })

  it('end with Ctrl-C, and nothing is sent', async () => {
    const { exitCode, stdout, screen } = await checkTyping(
      [],
      [
        [/Name/, person.name],
        [/ID number/, '\u0003'],
      ],
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' })
    expect(screen).toContain('Nothing was sent.')
    expect(api.hits).toEqual([])
  })
})
