import { writeFileSync } from 'node:fs'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError, type ProblemFacts } from '../../lib/errors/app-error.ts'
import type { ProblemCode } from '../../lib/errors/problem-catalog.ts'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { HEADER, peopleCsv, personLine, runHere, temporaryFolder } from './run-cli.ts'
import { json, problem, type Reply, startStubApi } from './stub-api.ts'

const folder = temporaryFolder()
const people = () => folder.at('people.csv')
const results = () => folder.at('results.csv')
let api: Awaited<ReturnType<typeof startStubApi>> | undefined

afterEach(async () => {
  await api?.close()
  api = undefined
})

async function start(...options: Parameters<typeof startStubApi>) {
  api = await startStubApi(...options)
  return api
}

const batch = (args: readonly string[] = [], url = api?.url ?? '') =>
  runHere(['batch', people(), '-o', results(), ...args], { env: { BANKCARD_VERIFY_URL: url } })
const exists = (file: string) =>
  stat(folder.at(file)).then(
    () => true,
    () => false,
  )
const failing = (code: ProblemCode, facts?: ProblemFacts): Reply =>
  problem(new AppError(code, facts))

describe('a batch', () => {
  it('writes the outcome of every row in the order of the file, and nothing of a person', async () => {
    const { calls } = await start({ delayMs: () => Math.random() * 30 })
    await folder.write('people.csv', peopleCsv(40))
    const { exitCode, stdout, stderr } = await batch()
    expect(stderr).toBe('Asking about 40 rows, for at most ¥16.80 at ¥0.42 each.\n')
    expect(stdout).toMatch(/match +36\n +mismatch +4\n/)
    expect(stdout).toMatch(/cost at ¥0\.42 each +¥16\.80/)
    expect(exitCode).toBe(0)

    const rows = await folder.results()
    expect(rows.map(({ line, reference }) => [line, reference])).toEqual(
      Array.from({ length: 40 }, (_, number) => [String(number + 2), `row-${number}`]),
    )
    expect(rows[9]).toMatchObject({ verdict: 'mismatch', code: '', billable: 'yes' })
    expect(rows[9]?.['last4']).toBe(inventedPerson(9, 'mismatch').cardNumber.slice(-4))
    expect(Object.keys(rows[0] ?? {})).not.toContain('name')
    expect([...calls.values()].every((keys) => keys.length === 1)).toBe(true)
    expect(calls.size).toBe(40)
    expect((await stat(results())).mode & 0o777).toBe(0o600)
    expect(await exists('results.csv.journal')).toBe(false)
    expect(await exists('results.csv.journal.lock')).toBe(false)
  })

  it('sends no row that the API would refuse, and writes down why', async () => {
    const { hits } = await start()
    const { idNumber, cardNumber } = inventedPerson(1)
    await folder.write(
      'people.csv',
      [
        HEADER,
        personLine(1),
        `张三,${idNumber},6.2999E+15,`,
        `张三,1.10101E+17,${cardNumber},`,
        `,${idNumber},${cardNumber},`,
        `张三,${idNumber.slice(0, 17)}?,${cardNumber},`,
        `张三,${idNumber},${cardNumber},x,y`,
        `张三,${idNumber},${cardNumber},${cardNumber}`,
        '',
      ].join('\n'),
    )
    expect((await batch()).exitCode).toBe(3)
    expect(hits).toHaveLength(1)
    const rows = await folder.results()
    expect(rows.slice(1).map(({ line, code, errors }) => [line, code, errors])).toEqual([
      ['3', 'validation_failed', 'cardNumber:scientific_notation'],
      ['4', 'validation_failed', 'idNumber:scientific_notation'],
      ['5', 'validation_failed', 'name:required'],
      ['6', 'validation_failed', 'idNumber:format'],
      ['7', 'validation_failed', 'row:column_count'],
      ['8', 'validation_failed', 'reference:personal_data'],
    ])
    expect(await folder.read('results.csv')).not.toContain(cardNumber)
  })

  it('keeps the columns of the file where it is told to', async () => {
    await start()
    const { cardNumber } = inventedPerson(1)
    await folder.write('people.csv', `姓名,银行卡号,备注\n张三,${cardNumber},=1+1\n`)
    expect((await batch(['--keep-columns'])).exitCode).toBe(0)
    expect(await folder.results()).toMatchObject([
      // What a spreadsheet would run as a formula is made a text.
      { verdict: 'match', 姓名: '张三', 银行卡号: cardNumber, 备注: "'=1+1" },
    ])
  })

  it('asks about two elements where it is told to, whatever the file has', async () => {
    await start()
    await folder.write('people.csv', peopleCsv(2))
    expect((await batch(['--elements', '2'])).exitCode).toBe(0)
    expect((await folder.results()).map(({ provider }) => provider)).toEqual(['juhe', 'juhe'])
  })

  it('tells scripts in JSON what came of it', async () => {
    await start()
    await folder.write('people.csv', `${peopleCsv(10)}张三,,,\n`)
    const { exitCode, stdout } = await batch(['--json', '--price', '0.3333'])
    expect(exitCode).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 11,
      verdicts: { match: 9, mismatch: 1, unverifiable: 0 },
      bad: 1,
      problems: {},
      billable: { yes: 10, no: 1, unknown: 0 },
      notFinished: 0,
      yuan: 3.333,
      yuanAtMost: 3.333,
    })
  })

  it('marks its results for a spreadsheet where the list came from one', async () => {
    await start()
    const { cardNumber } = inventedPerson(1)
    // 姓名,银行卡号 in GBK.
    const header = Buffer.from('d0d5c3fb2cd2f8d0d0bfa8bac50a', 'hex')
    const row = Buffer.concat([Buffer.from('d5c5c8fd', 'hex'), Buffer.from(`,${cardNumber}\n`)])
    await folder.write('people.csv', Buffer.concat([header, row]))
    expect((await batch()).exitCode).toBe(0)
    expect(await folder.read('results.csv')).toMatch(/^\ufeffline,/)
    expect(await folder.results()).toMatchObject([{ verdict: 'match' }])
  })
})

describe('a dry run', () => {
  it('tells what is valid, bad and repeated and what it costs at most, and sends nothing', async () => {
    const { hits } = await start()
    await folder.write(
      'people.csv',
      `${peopleCsv(3)}${personLine(1)}\n张三,,${inventedPerson(8).cardNumber},\n`,
    )
    const { exitCode, stdout } = await runHere(['batch', people(), '--dry-run', '--price', '0.28'])
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/^5 rows, 3 elements each\. Nothing was sent\.$/m)
    expect(stdout).toMatch(/valid +4\n +bad +1\n +idNumber:required +1\n/)
    expect(stdout).toContain('1 row asked before in this file: lines 5 (as 3).')
    expect(stdout).toContain('at most ¥1.12, at ¥0.28 a call')
    expect(hits).toEqual([])
    expect(await exists('results.csv')).toBe(false)
  })

  it('needs no address, no credentials and no output', async () => {
    await folder.write('people.csv', peopleCsv(1))
    const env = { BANKCARD_VERIFY_URL: 'https://api.example' }
    const { exitCode, stdout } = await runHere(['batch', people(), '--dry-run', '--json'], { env })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ rows: 1, valid: 1, bad: 0, yuanAtMost: 0.42 })
  })
})

describe('a file that cannot be used', () => {
  const card = inventedPerson(1).cardNumber
  const long = `name,cardNumber\n${'张'.repeat(10 * 1024 * 1024)},${card}\n`
  it.each<[string, string | Uint8Array, RegExp]>([
    ['is empty', '', /empty/],
    ['has only blank lines', '\n \n', /empty/],
    ['has no header', `张三,${card}\n`, /no header/],
    ['has no rows', 'name,cardNumber\n', /no rows/],
    ['lacks a column', `name,number\n张三,${card}\n`, /no column cardNumber/],
    ['names a column twice', `name,name,cardNumber\n张三,张三,${card}\n`, /name more than once/],
    ['has a line of 10 MB and more', long, /longer than 64 KiB/],
    ['has a quote that is not closed', `name,cardNumber\n"张三,${card}\n`, /not closed/],
    ['has a stray quote', `name,cardNumber\n张"三,${card}\n`, /quote/],
    ['runs two rows together', `name,cardNumber\n"张三,${card}\n李四",${card}\n`, /over lines/],
    ['is binary', Uint8Array.from([7, 0, 0, 255]), /not text/],
    ['is neither UTF-8 nor GBK', Uint8Array.from([0x61, 0x80, 0xff, 0x20]), /not text/],
    ['is UTF-16', Buffer.from(`\ufeffname,cardNumber\n张三,${card}\n`, 'utf16le'), /UTF-16/],
    ['is a workbook', 'PK\u0003\u0004', /workbook/],
  ])('is refused before anything is sent: one that %s', async (_, content, sentence) => {
    const { hits } = await start()
    await folder.write('people.csv', content)
    const { exitCode, stdout, stderr } = await batch()
    expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: '' })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(new RegExp(`张|${card}`))
    expect(hits).toEqual([])
    expect(await exists('results.csv.journal')).toBe(false)
  })

  it('is one that is not there', async () => {
    await start()
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(66)
    expect(stderr).toBe('The input file cannot be read (ENOENT).\n')
  })
})

describe('a file that is changed while it is read', () => {
  it('is not answered for, and the batch goes on once it is put back', async () => {
    const { hits, calls } = await start({
      onHit({ number }) {
        if (number === 1) writeFileSync(people(), `${peopleCsv(20)}${personLine(99)}\n`)
      },
    })
    await folder.write('people.csv', peopleCsv(20))
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(65)
    expect(stderr).toContain('was changed while it was read')
    expect(calls.size).toBeLessThanOrEqual(20)
    const asked = hits.length
    await folder.write('people.csv', peopleCsv(20))
    expect((await batch()).exitCode).toBe(0)
    expect(await folder.results()).toHaveLength(20)
    expect(hits).toHaveLength(asked)
  })
})

describe('the output', () => {
  it('is never overwritten, but by its own batch', async () => {
    const { hits } = await start()
    await folder.write('people.csv', peopleCsv(1))
    await folder.write('results.csv', 'mine')
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(73)
    expect(stderr).toContain('exists already')
    expect(await folder.read('results.csv')).toBe('mine')
    expect(hits).toEqual([])
  })

  it('is not the input', async () => {
    await start()
    await folder.write('people.csv', peopleCsv(1))
    const { exitCode } = await runHere(['batch', people(), '-o', people()])
    expect(exitCode).toBe(73)
    expect(await folder.read('people.csv')).toBe(peopleCsv(1))
  })

  it.each([
    ['missing', 'no/results.csv'],
    ['a file', 'people.csv/results.csv'],
  ])('needs a folder that is not %s', async (_, output) => {
    const { hits } = await start()
    await folder.write('people.csv', peopleCsv(1))
    const { exitCode } = await runHere(['batch', people(), '-o', folder.at(output)])
    expect(exitCode).toBe(73)
    expect(hits).toEqual([])
  })

  it('needs a folder that may be written', async () => {
    const { hits } = await start()
    await folder.write('people.csv', peopleCsv(1))
    await mkdir(folder.at('closed'))
    await chmod(folder.at('closed'), 0o555)
    await chmod(folder.at('.'), 0o755)
    const { exitCode, stderr } = await asNobody(() =>
      runHere(['batch', people(), '-o', folder.at('closed/results.csv')]),
    )
    expect(exitCode).toBe(73)
    expect(stderr).toContain('EACCES')
    expect(hits).toEqual([])
  })

  it('is not a folder', async () => {
    await start()
    await folder.write('people.csv', peopleCsv(1))
    await mkdir(results())
    expect((await batch()).exitCode).toBe(73)
  })
})

/** Root may write everywhere. */
async function asNobody<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('wrong use', () => {
  it.each([
    [[], 'Name the file'],
    [['people.csv'], '-o'],
    [['people.csv', '-o', 'r.csv', '--concurrency', '0'], '--concurrency'],
    [['people.csv', '-o', 'r.csv', '--elements', '4'], '--elements'],
    [['people.csv', '-o', 'r.csv', '--encoding', 'latin1'], '--encoding'],
    [['people.csv', '-o', 'r.csv', '--price', 'free'], '--price'],
    [['people.csv', '-o', 'r.csv', '--url', 'http://api.example'], 'https'],
    [['people.csv', '-o', 'r.csv', '--url', 'https://api.example'], 'BANKCARD_VERIFY_TOKEN'],
    [['people.csv', '-o', 'r.csv', '--url', 'https://me:pass@api.example'], 'credentials'],
  ])('is told: %j', async (args, sentence) => {
    await folder.write('people.csv', peopleCsv(1))
    const { exitCode, stderr } = await runHere([
      'batch',
      ...args.map((arg) => (arg === 'people.csv' ? people() : arg)),
    ])
    expect(exitCode).toBe(64)
    expect(stderr).toContain(sentence)
  })

  it('never repeats what it does not expect', async () => {
    const { cardNumber } = inventedPerson(1)
    const { exitCode, stderr } = await runHere(['batch', cardNumber, cardNumber, `--${cardNumber}`])
    expect(exitCode).toBe(64)
    expect(stderr).not.toContain(cardNumber)
  })
})

describe('a problem of one row', () => {
  it('is its outcome, and the other rows are asked', async () => {
    const { cardNumber } = inventedPerson(3)
    await start({
      instead: ({ card }) => (card === cardNumber ? failing('card_locked') : undefined),
    })
    await folder.write('people.csv', peopleCsv(8))
    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/card_locked +1/)
    const rows = await folder.results()
    expect(rows[3]).toMatchObject({ verdict: '', code: 'card_locked', billable: 'no' })
    expect(rows.filter(({ verdict }) => verdict !== '')).toHaveLength(7)
  })

  it.each<[ProblemCode, ProblemFacts]>([
    ['provider_timeout', { billable: 'unknown' }],
    ['outcome_unknown', { billable: 'unknown' }],
    // May be repeated by its code, but the first call may have been charged.
    ['provider_unavailable', { billable: 'unknown' }],
  ])('is not asked about again where it was perhaps charged: %s', async (code, facts) => {
    const { cardNumber } = inventedPerson(3)
    const { hits } = await start({
      instead: ({ card }) => (card === cardNumber ? failing(code, facts) : undefined),
    })
    await folder.write('people.csv', peopleCsv(8))
    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/perhaps charged +1\n/)
    expect(stdout).toMatch(/cost at ¥0\.42 each +¥2\.94\n +at most +¥3\.36\n/)
    expect(stdout).toContain('No verdict and perhaps charged: lines 5.')
    expect(hits.filter(({ card }) => card === cardNumber)).toHaveLength(1)
    expect((await folder.results())[3]).toMatchObject({ code, billable: 'unknown' })
  })

  it('is one that the API does not know: no verdict follows from it', async () => {
    const { cardNumber } = inventedPerson(3)
    await start({
      instead: ({ card }) =>
        card === cardNumber ? json(200, { verdict: 'perhaps', id: 'x' }) : undefined,
    })
    await folder.write('people.csv', peopleCsv(8))
    expect((await batch()).exitCode).toBe(3)
    expect((await folder.results())[3]).toMatchObject({
      verdict: '',
      code: 'unexpected_answer',
      billable: 'unknown',
    })
  })

  it('is asked again where that is safe, under the same key', async () => {
    const { cardNumber } = inventedPerson(3)
    let refusals = 0
    const { hits, calls } = await start({
      instead: ({ card }) =>
        card === cardNumber && refusals++ < 4
          ? failing('ledger_unavailable', { retryAfterSeconds: 0 })
          : undefined,
    })
    await folder.write('people.csv', peopleCsv(8))
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(0)
    expect(stderr).toContain('ledger_unavailable: waiting 0 s')
    const asked = hits.filter(({ card }) => card === cardNumber)
    expect(asked).toHaveLength(5)
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1)
    expect(calls.get(cardNumber)).toHaveLength(1)
  })

  it('is a lost connection only until the same key is answered', async () => {
    const { cardNumber } = inventedPerson(3)
    let losses = 0
    const { calls } = await start({
      instead: ({ card }) => (card === cardNumber && losses++ < 4 ? 'hang-up' : undefined),
    })
    await folder.write('people.csv', peopleCsv(8))
    expect((await batch()).exitCode).toBe(0)
    expect(calls.get(cardNumber)).toHaveLength(1)
  })
})

describe('a row that always fails', () => {
  it('is left open in the end, and does not hold up the others', async () => {
    const { cardNumber } = inventedPerson(3)
    const { hits } = await start({
      instead: ({ card }) =>
        card === cardNumber ? failing('ledger_unavailable', { retryAfterSeconds: 0 }) : undefined,
    })
    await folder.write('people.csv', peopleCsv(8))
    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(75)
    expect(stdout).toContain('Stopped by ledger_unavailable (Ledger unavailable): 1 row has no')
    expect(hits.filter(({ card }) => card === cardNumber)).toHaveLength(10)
    const rows = await folder.results()
    expect(rows.filter(({ verdict }) => verdict !== '')).toHaveLength(7)
    expect(rows[3]).toMatchObject({ code: 'not_asked', billable: 'no' })
  })
})

describe('a problem of every row', () => {
  const MANY = 120
  // What is in flight when the first answer comes is answered too.
  const FEW = 12

  it.each<[ProblemCode, ProblemFacts]>([
    ['provider_quota_exhausted', {}],
    ['provider_quota_exhausted', { billable: 'unknown' }],
    ['provider_credentials_rejected', {}],
    ['provider_access_denied', {}],
    ['daily_limit_reached', {}],
    ['unauthenticated', {}],
    ['credentials_unavailable', { retryable: false }],
  ])('stops the batch at once, and it can be continued: %s %j', async (code, facts) => {
    let isMended = false
    const { hits, calls } = await start({
      instead: ({ number }) => (number > 20 && !isMended ? failing(code, facts) : undefined),
    })
    await folder.write('people.csv', peopleCsv(MANY))
    const stopped = await batch()
    expect(stopped.exitCode).toBe(75)
    expect(stopped.stdout).toContain(`Stopped by ${code} (`)
    expect(stopped.stdout).toContain('Run the same command again')
    expect(hits.length).toBeLessThan(20 + FEW)
    const partly = await folder.results()
    expect(partly).toHaveLength(MANY)
    expect(partly.at(-1)).toMatchObject({ verdict: '', code: 'not_asked', billable: 'no' })

    isMended = true
    const continued = await batch()
    const perhapsCharged = 'billable' in facts
    expect(continued.exitCode).toBe(perhapsCharged ? 3 : 0)
    expect(continued.stderr).toContain(`of ${MANY} have their outcome.`)
    const rows = await folder.results()
    const without = rows.filter(({ verdict }) => verdict === '')
    expect(without.every((row) => perhapsCharged && row['code'] === code)).toBe(true)
    expect(calls.size).toBe(MANY - without.length)
    expect([...calls.values()].every((keys) => keys.length === 1)).toBe(true)
  })

  it('stops it where the gateway refuses: wrong credentials', async () => {
    const { hits } = await start({ instead: () => json(403, { message: 'Forbidden' }) })
    await folder.write('people.csv', peopleCsv(MANY))
    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(75)
    expect(stdout).toContain('Stopped by gateway_refused')
    expect(hits.length).toBeLessThan(FEW)
  })

  it('stops it after five failures in a row', async () => {
    const { hits } = await start({
      instead: ({ number }) =>
        number > 20 ? failing('provider_timeout', { billable: 'unknown' }) : undefined,
    })
    await folder.write('people.csv', peopleCsv(MANY))
    const { exitCode, stdout } = await batch()
    expect(exitCode).toBe(75)
    expect(stdout).toContain('Stopped by provider_timeout')
    expect(hits.length).toBeLessThan(20 + FEW)
  })

  it('stops it where the API is down, with nothing asked', async () => {
    await folder.write('people.csv', peopleCsv(MANY))
    const gone = await startStubApi()
    await gone.close()
    const { exitCode, stdout } = await batch([], gone.url)
    expect(exitCode).toBe(75)
    expect(stdout).toContain('Stopped by connection_failed (The API cannot be reached')
    expect(await folder.results()).toHaveLength(MANY)
  })

  it('makes it wait where the provider is throttled', async () => {
    let refusals = 0
    const { calls } = await start({
      instead: ({ number }) =>
        number > 20 && refusals++ < 12
          ? failing('provider_throttled', { retryAfterSeconds: 0 })
          : undefined,
    })
    await folder.write('people.csv', peopleCsv(60))
    const { exitCode, stderr } = await batch()
    expect(exitCode).toBe(0)
    expect(stderr).toContain('provider_throttled: waiting')
    expect(calls.size).toBe(60)
  })
})
