import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { getEvent, payouts, postEvent, refunds } from '../../bundle/api-event.ts'
import { type Artifact, type FunctionName, packageArtifact } from '../../bundle/artifact.ts'
import { expectContract } from '../../bundle/contract.ts'
import { awsCredentials, FunctionProcess, type Settings } from '../../bundle/function-process.ts'
import { expectConforms } from '../../openapi/conforms.ts'
import { runScript } from '../../ops/run-script.ts'
import { startDatabaoSimulator } from '../../simulators/databao-simulator.ts'
import { startJuheSimulator } from '../../simulators/juhe-simulator.ts'
import { scenarioCard } from '../../simulators/scenarios.ts'
import { databaoCredentials, juheCredentials } from '../../simulators/start-simulators.ts'
import { findLeaks } from '../../support/leak-scan.ts'
import { startMoto } from './moto-server.ts'
import { makeStack, TABLE_NAME } from './stack.ts'

const name = '欧阳小明'
const idNumber = '110101190001010022'
const DATABAO_SECRET = 'bankcard-verify/dev/databao'
const JUHE_SECRET = 'bankcard-verify/dev/juhe'
const rotatedKey = { ...juheCredentials, key: '0ddba11c0ffee0ddba11c0ffee0ddba1' }

let artifact: Artifact
let moto: Awaited<ReturnType<typeof startMoto>>
let stack: Awaited<ReturnType<typeof makeStack>>
let databao: Awaited<ReturnType<typeof startDatabaoSimulator>>
let juhe: Awaited<ReturnType<typeof startJuheSimulator>>
let juheAfter: Awaited<ReturnType<typeof startJuheSimulator>>
const processes: FunctionProcess[] = []
let printed = ''

beforeAll(async () => {
  ;[artifact, moto, databao, juhe, juheAfter] = await Promise.all([
    packageArtifact(),
    startMoto(),
    startDatabaoSimulator(databaoCredentials),
    startJuheSimulator(juheCredentials),
    startJuheSimulator(rotatedKey),
  ])
  stack = await makeStack(moto.url, artifact.template)
})
afterEach(async () => {
  await Promise.all(processes.map((one) => one.stop()))
  printed += processes.map(({ output }) => output).join('')
  processes.length = 0
})
afterAll(async () => {
  await Promise.all([databao, juhe, juheAfter, moto].map((server) => server?.close()))
  await artifact?.remove()
})

const endpoints = () => ({
  AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.url,
  AWS_ENDPOINT_URL_DYNAMODB: moto.url,
})

/** A packaged function with what its template sets, and moto in place of AWS. */
async function start(function_: FunctionName, changed: Settings = {}) {
  const fn = artifact.fn(function_)
  const settings = { ...awsCredentials, ...endpoints() }
  for (const [variable, value] of Object.entries(fn.variables)) {
    const references: Record<string, string> = {
      LEDGER_TABLE: TABLE_NAME,
      FINGERPRINT_SECRET_ID: stack.fingerprintSecretId,
      DATABAO_BASE_URL: databao.url,
      JUHE_BASE_URL: juhe.url,
    }
    Object.assign(settings, { [variable]: references[variable] ?? String(value) })
  }
  const started = await FunctionProcess.start(fn, { ...settings, ...changed })
  processes.push(started)
  return async (event: unknown) => {
    const response = await started.invoke(event)
    expectContract(response)
    expectConforms(function_, response)
    const { statusCode: status, headers, body } = response
    return { status, headers, text: body, body: JSON.parse(body) }
  }
}

const script = (file: string, args: string[], input?: object) =>
  runScript(file, [...args, '--stage', 'dev', '--region', awsCredentials.AWS_REGION], {
    env: endpoints(),
    input: JSON.stringify(input),
  })
const ops = async (args: string[], input?: object) => {
  const { exitCode, stdout, stderr } = await script('ops.ts', [...args, '--json'], input)
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout)
}
const secrets = async (input: object) => {
  const { stdout, stderr, exitCode } = await script('secrets.ts', [], input)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}
const hits = () => databao.hits.length + juhe.hits.length + juheAfter.hits.length
const cardOf = (number: number) => scenarioCard(100_000_000 + number)
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })

describe('the stack on moto', () => {
  it('has the settings of its template', async () => {
    expect(await stack.settings()).toEqual({ ttl: 'expiresAt', recovery: 'ENABLED' })
    const { pepper } = JSON.parse((await stack.secret(stack.fingerprintSecretId)).text)
    expect(pepper).toMatch(/^[A-Za-z0-9]{64}$/)
  })

  it('gets its provider secrets by npm run secrets, once', async () => {
    const both = { databao: databaoCredentials, juhe: juheCredentials }
    expect(await secrets(both)).toMatch(/databao +created .*\n.*juhe +created /)
    expect(await secrets(both)).toMatch(/databao +unchanged .*\n.*juhe +unchanged /)
    expect(JSON.parse((await stack.secret(DATABAO_SECRET)).text)).toEqual(databaoCredentials)
  })
})

describe('a packaged function on moto', () => {
  it('answers match and mismatch, replays, reuses, and refuses a reused key', async () => {
    const three = await start('verifyThreeElement')
    const two = await start('verifyTwoElement')
    const other = await start('verifyTwoElement')
    const before = hits()
    const person = { name, idNumber, cardNumber: cardOf(1) }
    const { idNumber: _, ...pair } = person
    const first = await three(postEvent('three-element', person))
    expect(first.body).toMatchObject({ verdict: 'match', billable: 'yes', reused: false })
    expect((await three(postEvent('three-element', person))).body).toMatchObject({ reused: true })

    const asked = postEvent('two-element', pair, keyed('k1'))
    const kept = await two(asked)
    const replayed = await other(asked)
    expect(replayed.text).toBe(kept.text)
    expect(replayed.headers['idempotency-replayed']).toBe('true')
    const changed = postEvent('two-element', { ...pair, reference: 'x-1' }, keyed('k1'))
    expect((await other(changed)).body).toMatchObject({ code: 'idempotency_key_reused' })
    const stranger = postEvent('two-element', pair, { caller: refunds })
    expect((await other(stranger)).body).toMatchObject({ reused: false })
    expect(hits() - before).toBe(3)
  })

  it('sends one of ten that ask the same at once', async () => {
    const one = await start('verifyTwoElement')
    const other = await start('verifyTwoElement')
    const before = hits()
    const event = postEvent('two-element', { name, cardNumber: cardOf(2) })
    const ask = (n: number) => (n % 2 === 0 ? one(event) : other(event))
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n)))
    // moto serves one at a time: one that has waited for 2 s is told so.
    const told = new Set(answers.map(({ body }) => body.code ?? body.verdict))
    expect([...told].filter((code) => code !== 'verification_in_progress')).toEqual(['match'])
    expect(hits() - before).toBe(1)
  })

  it('refuses the fourth guess at a card, whoever asks', async () => {
    const two = await start('verifyTwoElement')
    const before = hits()
    const guess = (guessed: string, caller = payouts) =>
      two(postEvent('two-element', { name: guessed, cardNumber: scenarioCard(2) }, { caller }))
    for (const guessed of ['张三', '李四', '王五']) {
      expect((await guess(guessed)).body).toMatchObject({ verdict: 'mismatch' })
    }
    expect((await guess('赵六', refunds)).body).toMatchObject({ code: 'too_many_attempts' })
    expect(hits() - before).toBe(3)
  })

  it('keeps exactly to a cap that twenty meet at once', async () => {
    const used = (await stack.dump()).find(({ pk }) => /^provider-day#.*#juhe$/.test(pk?.S ?? ''))
    const limit = Number(used?.['used']?.N ?? 0) + 5
    const two = await start('verifyTwoElement', { PROVIDER_DAILY_LIMIT: String(limit) })
    const before = hits()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        two(postEvent('two-element', { name, cardNumber: cardOf(20 + n) })),
      ),
    )
    const passed = answers.filter(({ status }) => status === 200).length
    expect(passed).toBe(hits() - before)
    expect(passed).toBe(5)
  })

  it('pages through the index of references, newest first, and hides the others', async () => {
    const two = await start('verifyTwoElement')
    const list = await start('listVerifications')
    const one = await start('getVerification')
    const usage = await start('getUsage')
    const ids: string[] = []
    for (const number of [3, 4, 5]) {
      const body = { name, cardNumber: cardOf(number), reference: 'payout-1' }
      ids.unshift((await two(postEvent('two-element', body))).body.id)
    }
    const page = async (more = {}, caller = payouts) => {
      const query = { reference: 'payout-1', limit: '2', ...more }
      const { body } = await list(getEvent('/v1/verifications', { query, caller }))
      const records: { id: string }[] = body.verifications
      return { ids: records.map(({ id }) => id), cursor: body.cursor }
    }
    const first = await page()
    const second = await page({ cursor: first.cursor })
    expect([first.ids, second.ids]).toEqual([ids.slice(0, 2), ids.slice(2)])
    expect((await page({}, refunds)).ids).toEqual([])

    const [id = ''] = ids
    const get = (caller: string) => one(getEvent(`/v1/verifications/${id}`, { id, caller }))
    expect((await get(payouts)).body).toMatchObject({ id, verdict: 'match' })
    expect((await get(refunds)).status).toBe(404)
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
    const counted = await usage(getEvent('/v1/usage', { query: { from: day, to: day } }))
    expect(counted.body.usage.length).toBeGreaterThanOrEqual(3)
  })
})

describe('a rotation on moto', () => {
  it('of a provider secret: the next version is taken over without a restart', async () => {
    const two = await start('verifyTwoElement', { JUHE_BASE_URL: juheAfter.url })
    const before = juheAfter.hits.length
    // The provider takes the new key only, which the function has not read yet.
    expect(await secrets({ databao: databaoCredentials, juhe: rotatedKey })).toMatch(
      /databao +unchanged .*\n.*juhe +updated /,
    )
    const answer = await two(postEvent('two-element', { name, cardNumber: cardOf(6) }))
    expect(answer.body).toMatchObject({ verdict: 'match' })
    const scenarios = juheAfter.hits.slice(before).map(({ scenario }) => scenario)
    expect(scenarios).toEqual(['juhe-10001', 'match'])
    expect(JSON.parse((await stack.secret(JUHE_SECRET)).text)).toEqual(rotatedKey)
    const previous = await stack.secret(JUHE_SECRET, 'AWSPREVIOUS')
    expect(JSON.parse(previous.text)).toEqual(juheCredentials)
    await secrets({ databao: databaoCredentials, juhe: juheCredentials })
  })

  it('of the pepper: what was held under AWSPREVIOUS still counts', async () => {
    const knowsOld = await start('verifyTwoElement')
    const pair = { name, cardNumber: cardOf(7) }
    const kept = await knowsOld(postEvent('two-element', pair, keyed('p1')))
    const previous = (await stack.secret(stack.fingerprintSecretId)).version
    await stack.rotatePepper()
    expect((await stack.secret(stack.fingerprintSecretId, 'AWSPREVIOUS')).version).toBe(previous)

    const knowsBoth = await start('verifyTwoElement')
    const before = hits()
    expect((await knowsBoth(postEvent('two-element', pair, keyed('p1')))).text).toBe(kept.text)
    expect((await knowsBoth(postEvent('two-element', pair))).body).toMatchObject({ reused: true })
    const next = { name, cardNumber: cardOf(8) }
    expect((await knowsBoth(postEvent('two-element', next))).body).toMatchObject({ reused: false })
    expect((await knowsOld(postEvent('two-element', next))).body).toMatchObject({ reused: true })
    expect(hits() - before).toBe(1)
  })
})

describe('an operator on moto', () => {
  it('finds the table by its stage, pauses and lifts', async () => {
    const two = await start('verifyTwoElement')
    const ask = (number: number) =>
      two(postEvent('two-element', { name, cardNumber: cardOf(number) }))
    await ops(['pause', 'juhe', '--seconds', '600'])
    expect((await ask(9)).body).toMatchObject({ code: 'provider_quota_exhausted' })
    expect(await ops(['lift', 'juhe'])).toMatchObject({ lifted: true })
    expect((await ask(9)).body).toMatchObject({ verdict: 'match' })
  })

  it('exports, counts, and deletes a person under both peppers', async () => {
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
    const { calls, scan } = await ops(['export', '--day', day])
    expect(calls.length).toBeGreaterThan(10)
    expect(scan.readUnits).toBeGreaterThan(0)
    expect(await ops(['unknown'])).toMatchObject({ unknown: [] })
    const { totals } = await ops(['usage', '--price', 'databao=0.28,juhe=0.25'])
    expect(totals).toHaveLength(2)

    const deleted = await ops(['delete-person', '--yes'], { cardNumber: cardOf(7) })
    // Asked under the old pepper; replayed and reused in the rotation.
    expect(deleted.deleted.person).toBeGreaterThanOrEqual(1)
    // Kept for their 24 hours: without them the same key would be paid again.
    expect(deleted.kept.key).toBeGreaterThanOrEqual(1)
    expect(deleted.deleted.verification).toBe(2)
    const again = await ops(['delete-person'], { cardNumber: cardOf(7) })
    expect(again.held).toMatchObject({ person: 0, verification: 0 })
  })
})

describe('what came out', () => {
  it('holds nothing of people or secrets', async () => {
    const told = printed + JSON.stringify(await stack.dump())
    const { pepper } = JSON.parse((await stack.secret(stack.fingerprintSecretId)).text)
    const found = findLeaks(told, {
      name,
      idNumber,
      pepper,
      ...databaoCredentials,
      ...juheCredentials,
      card: cardOf(1),
      guessed: scenarioCard(2),
    })
    expect(found).toEqual([])
    expect(printed).toContain('"event":"request"')
  })
})
