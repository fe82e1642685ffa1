import { readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { csvText } from '../../scripts/ops/report.ts'
import { runOps } from '../../scripts/ops/run.ts'
import {
  mismatching,
  never,
  openLedger,
  person,
  personOf,
  travel,
  travelTo,
  twoElements,
} from '../ledger/open-ledger.ts'
import { startDynamoDbSimulator } from '../simulators/dynamodb-simulator.ts'
import {
  type SecretsManagerSimulator,
  startSecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'
import { fingerprintPepper } from '../simulators/start-simulators.ts'
import { findLeaks } from '../support/leak-scan.ts'
import { stubAws } from '../support/stub-aws.ts'

const { verify, dieAfterSending, hits, dump, storeUrl } = openLedger()
const TABLE = 'bankcard-verify-ledger'
const NOON = '2026-11-22T12:00:00+08:00'
const CALLER = 'iam:arn:aws:iam::111122223333:role/payouts'

let manager: SecretsManagerSimulator
beforeAll(async () => {
  manager = await startSecretsManagerSimulator({ secrets: {} })
})
beforeEach(() => {
  stubAws(manager.url)
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', storeUrl())
  manager.set('bankcard-verify/dev/fingerprint', JSON.stringify({ pepper: fingerprintPepper }))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await manager.close()
})

const ops = async (command: string, input?: object | string) => {
  const args = command.split(' ')
  const where = ['--stage', 'dev', '--table', TABLE]
  const text = typeof input === 'object' ? JSON.stringify(input) : input
  return runOps([...args, ...where], async () => text)
}
const json = async (command: string, input?: object) => {
  const { exitCode, stdout } = await ops(`${command} --json`, input)
  return { exitCode, ...JSON.parse(stdout) }
}

describe('npm run ops -- pause', () => {
  it('closes a provider for everybody, and lift opens it again', async () => {
    const paused = await ops('pause databao --seconds 3600')
    expect(paused).toMatchObject({ exitCode: 0, stderr: '' })
    expect(paused.stdout).toMatch(/^databao is paused until .*\+08:00/)

    for (const caller of ['payouts', 'wallet']) {
      const refused = await verify(person(1), { caller })
      expect(refused.status).toBe(503)
      expect(refused.body).toMatchObject({ code: 'provider_quota_exhausted', billable: 'no' })
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3590)
    }
    expect((await verify(twoElements(person(1)))).status).toBe(200)
    expect(hits()).toBe(1)

    const lifted = await ops('lift databao')
    expect(lifted.stdout).toMatch(/^The pause of databao is lifted/)
    expect((await verify(person(1))).status).toBe(200)
    expect(hits()).toBe(2)
    expect((await ops('lift databao')).stdout).toMatch(/^databao was not paused/)
  })

  it('lasts past midnight, and so does its end', async () => {
    travelTo('2026-11-22T23:00:00+08:00')
    await ops('pause databao --seconds 172800')
    travelTo('2026-11-24T01:00:00+08:00')
    expect((await verify(person(1))).status).toBe(503)

    travelTo('2026-11-22T23:30:00+08:00')
    await ops('lift databao')
    for (const day of [22, 23, 24]) {
      travelTo(`2026-11-${day}T23:45:00+08:00`)
      expect((await verify(person(day))).status).toBe(200)
    }
  })

  it("may end the service's own", async () => {
    await verify(personOf('gateway-b403mq'))
    expect((await verify(person(1))).status).toBe(503)
    expect(await json('lift databao')).toMatchObject({
      lifted: true,
      pausedAs: 'provider_quota_exhausted',
    })
    expect((await verify(person(1))).status).toBe(200)
  })
})

describe('npm run ops -- unknown', () => {
  it('lists what was sent and never known, by provider reference', async () => {
    travelTo(NOON)
    await verify(person(1))
    await verify(personOf('databao-10001'))
    await verify(personOf('databao-10002', 2))
    await verify(personOf('gateway-x500er', 3))
    await dieAfterSending(person(4))
    // Its lease is over at once for the test's sake; an operator waits for the longest one.
    travel(40_000)
    void verify(person(5), { ask: () => never })
    const records = async () =>
      (await dump()).filter(({ pk }) => pk?.S?.startsWith('verification#'))
    await expect.poll(async () => (await records()).length).toBe(6)

    const { unknown, scan, exitCode } = await json('unknown')
    expect(exitCode).toBe(0)
    // 10002 is an answer, though nobody knows what it costs.
    expect(unknown.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'provider_error',
      'lost',
    ])
    expect(unknown[0]).toEqual({
      time: expect.stringMatching(/^2026-11-22T12:00:.*\+08:00$/),
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      provider: 'databao',
      providerReference: expect.stringMatching(/^[\dA-F-]{36}$/),
      caller: CALLER,
      outcome: 'provider_error',
      billable: 'unknown',
    })
    expect(scan).toMatchObject({ pages: 1, readUnits: expect.any(Number) })
    expect(scan.scanned).toBeGreaterThan(20)

    const { stdout, stderr } = await ops('unknown --from 2026-11-22')
    expect(stdout.split('\n')).toHaveLength(4)
    expect(stderr).toMatch(/2 of 6 calls are of unknown outcome.*\n.*RRU/)
    expect((await json('unknown --from 2026-11-23 --to 2026-11-24')).unknown).toEqual([])
  })
})

describe('npm run ops -- export', () => {
  it("writes a Shanghai day's calls, and neither reuse nor the days beside it", async () => {
    travelTo('2026-11-21T23:59:59+08:00')
    await verify(person(1))
    travelTo('2026-11-22T00:00:00+08:00')
    await verify(mismatching(2))
    await verify(mismatching(2))
    travelTo('2026-11-22T23:59:59+08:00')
    await verify(personOf('databao-10016', 3))
    await verify(twoElements(personOf('juhe-218801', 4)))
    travelTo('2026-11-23T00:00:00+08:00')
    await verify(person(5))

    const { exitCode, stdout, stderr } = await ops('export --day 2026-11-22')
    expect(exitCode).toBe(0)
    const [head, ...rows] = stdout.split('\r\n').map((row) => row.split(','))
    expect(head).toEqual('time,id,provider,provider_reference,caller,outcome,billable'.split(','))
    expect(rows).toEqual([
      ['2026-11-22T00:00:00.000+08:00', ...anyOf(3), CALLER, 'mismatch', 'yes'],
      ['2026-11-22T23:59:59.000+08:00', ...anyOf(3), CALLER, 'unverifiable', 'unknown'],
      ['2026-11-22T23:59:59.000+08:00', ...anyOf(3), CALLER, 'provider_timeout', 'no'],
      [''],
    ])
    expect(stderr).toContain('3 calls; billable: yes 1, no 1, unknown 1.')
    expect((await json('export --month 2026-11')).calls).toHaveLength(5)
  })

  it('writes a file for its owner, and never over another one', async () => {
    const file = path.join(tmpdir(), `export-${process.pid}.csv`)
    const write = () => ops(`export --day 2026-11-22 --out ${file}`)
    try {
      expect((await write()).stdout).toBe('0 calls are written.\n')
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(await readFile(file, 'utf8')).toMatch(/^time,id/)
      expect(await write()).toMatchObject({
        exitCode: 1,
        stderr: 'The file of --out is there already.\n',
      })
    } finally {
      await rm(file)
    }
  })

  it('keeps a spreadsheet from seeing formulas, and quotes as RFC 4180 has it', () => {
    const cells = ['=1+1', '+1', '-1', '@sum', '\tx', 'a,b', 'say "x"', 'a\nb', 'plain-1']
    expect(csvText(['h'], [cells])).toBe(
      `h\r\n'=1+1,'+1,'-1,'@sum,'\tx,"a,b","say ""x""","a\nb",plain-1\r\n`,
    )
  })
})

const anyOf = (count: number) => Array(count).fill(expect.any(String))

describe('npm run ops -- usage', () => {
  it('counts calls and yuan, at most with those of unknown outcome', async () => {
    travelTo(NOON)
    await verify(person(1))
    await verify(person(1))
    await verify(mismatching(2))
    await verify(personOf('reset-before-answer', 3))
    await verify(twoElements(person(1)), { caller: 'wallet' })

    const found = await json(
      'usage --from 2026-11-22 --to 2026-11-22 --price databao=0.28,juhe=0.255',
    )
    expect(found.totals).toEqual([
      expect.objectContaining({
        provider: 'databao',
        asked: 4,
        reached: 3,
        reused: 1,
        billedYes: 2,
        billedUnknown: 1,
        yuan: '0.56',
        yuanAtMost: '0.84',
      }),
      expect.objectContaining({ provider: 'juhe', billedYes: 1, yuan: '0.255' }),
    ])
    expect(found).toMatchObject({ yuan: '0.815', yuanAtMost: '1.095' })
    expect(found.usage).toHaveLength(2)

    vi.stubEnv('OPS_PRICES', 'juhe=0.25')
    const { stdout } = await ops('usage')
    expect(stdout).toMatch(/total +databao .* - +- +all\ntotal +juhe .* 0\.25 +0\.25 +all\n/)
  })

  it('says so where nothing was asked', async () => {
    const { stdout } = await ops('usage --from 2026-01-01 --to 2026-12-31')
    expect(stdout).toMatch(/^Nothing was asked from 2026-01-01 to 2026-12-31/)
  })
})

describe('npm run ops -- delete-person', () => {
  const secrets = { card: person(1).cardNumber, id: person(1).idNumber, name: person(1).name }
  const { cardNumber, idNumber } = person(1)
  const kindsLeft = async () => {
    const kinds = (await dump()).map(({ pk }) => String(pk?.S?.split('#')[0]))
    const { usage: _, ...counted } = Object.groupBy(kinds, (kind) => kind)
    return Object.fromEntries(Object.entries(counted).map(([kind, all]) => [kind, all?.length]))
  }
  const counts = (person: number, key: number, verification: number, card = 0, id = 0) => ({
    person,
    key,
    verification,
    card,
    id,
  })

  it('only counts without --yes, and then removes all but what stops a second charge', async () => {
    travelTo(NOON)
    await verify(person(1), { key: 'a' })
    await verify(person(1), { reference: 'payout-1' } as object)
    await verify(twoElements(person(1)), { caller: 'wallet' })
    await verify({ ...person(1), name: '李四' }, { noCache: true })
    await verify(person(2), { key: 'b' })
    const before = await dump()

    const dry = await json('delete-person', { cardNumber, idNumber, name: '张三' })
    expect(dry).toMatchObject({
      exitCode: 0,
      dryRun: true,
      held: counts(3, 1, 4),
      deleted: counts(0, 0, 0),
      guardsKept: 2,
    })
    expect(await dump()).toEqual(before)

    const done = await ops('delete-person --yes', { cardNumber, idNumber })
    expect(done.exitCode).toBe(0)
    expect(findLeaks(JSON.stringify([dry, done]), secrets)).toEqual([])
    // Those of the other person, the guards of both, and what names no person.
    expect(await kindsLeft()).toEqual({
      'caller-day': 2,
      card: 2,
      id: 2,
      key: 2,
      person: 1,
      'provider-day': 2,
      verification: 1,
    })
    expect(await json('delete-person --yes', { cardNumber, idNumber })).toMatchObject({
      held: counts(0, 1, 0),
      kept: counts(0, 1, 0),
      guardsKept: 2,
    })
    // The same key is not paid again, and the guard has not been opened.
    expect((await verify(person(1), { key: 'a' })).headers['idempotency-replayed']).toBe('true')
    expect((await verify(person(1), { limits: { cardCalls: 3 } })).status).toBe(429)
  })

  it('removes the counters of earlier days', async () => {
    travelTo('2026-11-22T23:59:59+08:00')
    await verify(person(1))
    travelTo('2026-11-23T00:00:30+08:00')
    expect(await json('delete-person', { cardNumber, idNumber })).toMatchObject({ guardsKept: 2 })
    travelTo('2026-11-24T01:00:00+08:00')
    const done = await json('delete-person --yes', { cardNumber, idNumber })
    expect(done).toMatchObject({ deleted: counts(1, 0, 1, 1, 1), guardsKept: 0 })
    expect(await kindsLeft()).toEqual({ 'caller-day': 1, 'provider-day': 1 })
  })

  it('finds what was made with the pepper before', async () => {
    const next = 'another-invented-pepper-that-keys-nothing'
    await verify(person(1), { key: 'a' })
    await verify(person(3))
    manager.set('bankcard-verify/dev/fingerprint', JSON.stringify({ pepper: next }))
    await verify(person(1), { key: 'c', peppers: [next, fingerprintPepper] })
    const done = await json('delete-person --yes', { cardNumber })
    expect(done).toMatchObject({
      held: counts(2, 3, 2),
      deleted: counts(2, 0, 2),
      underOlderPeppers: 0,
    })
    expect(JSON.stringify(await dump())).toContain('person#')
  })

  it('says that it cannot tell whose the items of an older pepper are', async () => {
    await verify(person(1))
    for (const pepper of [
      'another-invented-pepper-that-keys-nothing',
      'and-one-more-after-it-of-32-characters',
    ])
      manager.set('bankcard-verify/dev/fingerprint', JSON.stringify({ pepper }))
    expect(await json('delete-person --yes', { cardNumber })).toMatchObject({
      exitCode: 3,
      held: counts(0, 0, 0),
      underOlderPeppers: 2,
    })
  })

  it('leaves a running call its claims, and says that it has to be run again', async () => {
    const finish = Promise.withResolvers<void>()
    const running = verify(person(1), {
      key: 'a',
      ask: async (askProvider) => {
        await finish.promise
        return askProvider()
      },
    })
    await expect.poll(async () => JSON.stringify(await dump())).toContain('verification#')
    const left = await json('delete-person --yes', { cardNumber })
    expect(left).toMatchObject({
      exitCode: 3,
      deleted: counts(0, 0, 0),
      kept: counts(1, 1, 1),
      stillRunning: 3,
    })
    finish.resolve()
    expect((await running).status).toBe(200)
    const done = await json('delete-person --yes', { cardNumber })
    expect(done).toMatchObject({ exitCode: 0, deleted: counts(1, 0, 1) })
    expect(hits()).toBe(1)
  })

  it('tells how many are of unknown outcome', async () => {
    await dieAfterSending(person(1))
    travel(60_000)
    const done = await json('delete-person --yes', { cardNumber })
    expect(done).toMatchObject({ deleted: counts(0, 0, 1), ofUnknownOutcome: 1 })
    expect((await verify(person(1))).body['code']).toBe('outcome_unknown')
  })

  it.each([
    ['nothing', undefined],
    ['no JSON', cardNumber],
    ['a number', { cardNumber: Number(cardNumber) }],
    ['no card', { idNumber }],
    ['a wrong ID number', { cardNumber, idNumber: `${idNumber}0` }],
    ['another member', { cardNumber, [cardNumber]: idNumber }],
  ])('refuses %s in one sentence that repeats nothing', async (_, input) => {
    const refused = await ops('delete-person --yes', input)
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^[^\n]+\n$/)
    expect(findLeaks(JSON.stringify(refused), secrets)).toEqual([])
  })

  it('refuses a person among its arguments, and repeats nothing', async () => {
    for (const args of [cardNumber, `--card ${cardNumber}`, `--from ${cardNumber}`]) {
      const refused = await ops(`delete-person ${args}`, { cardNumber })
      expect(refused.exitCode).toBe(2)
      expect(findLeaks(JSON.stringify(refused), secrets)).toEqual([])
    }
  })
})

describe('npm run ops', () => {
  const run = (...args: string[]) => runOps(args, async () => undefined)

  it.each([
    [[], 'delete-person'],
    [['drop'], 'delete-person'],
    [['usage'], 'Name the stage'],
    [['usage', '--stage', 'local'], '--local'],
    [['usage', '--stage', 'dev', '--region', 'x'], '--region'],
    [['usage', '--stage', 'dev', '--from', '2026-02-30'], '--from'],
    [['usage', '--stage', 'dev', '--price', 'juhe=1,5'], 'Prices'],
    [['usage', '--stage', 'dev', '--table', 'a b'], '--table'],
    [['pause', '--stage', 'dev'], 'Name the provider'],
    [['pause', 'juhe', '--stage', 'dev', '--seconds', '-1'], 'pause <provider>'],
    [['pause', 'juhe', '--stage', 'dev', '--seconds', '1.5'], '--seconds'],
    [['export', '--stage', 'dev'], '--day'],
    [['export', '--stage', 'dev', '--day', '2026-11-22', '--month', '2026-11'], 'either'],
    [['export', '--stage', 'dev', '--month', '2026-13'], '--month'],
  ])('called as %j says what is wrong', async (args, said) => {
    const { exitCode, stdout, stderr } = await run(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(said)
  })

  it('finds the table of a stage, and guesses at none', async () => {
    expect((await run('usage', '--stage', 'dev')).stderr).toMatch(/^No ledger of stage dev/)
    const other = await run('usage', '--stage', 'dev', '--table', 'no-such-table')
    expect(other.stderr).toMatch(/^There is no stage dev in .*, table no-such-table\.\n$/)
  })

  it('says in one sentence that AWS cannot be reached', async () => {
    const store = await startDynamoDbSimulator()
    await store.close()
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', store.url)
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    const failed = await run('usage', '--stage', 'dev')
    expect(failed).toMatchObject({ exitCode: 1, stderr: 'AWS cannot be reached from here.\n' })
  })
})
