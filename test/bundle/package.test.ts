import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFunction } from '../../scripts/bundle.mjs'
import { eventFiles } from '../../scripts/demo/cases.ts'
import { startSimulators, type Simulators } from '../simulators/start-simulators.ts'
import { findLeaks } from '../support/leak-scan.ts'
import { type Artifact, type FunctionName, functionNames, packageArtifact } from './artifact.ts'
import { FunctionProcess, type Settings, settingsOf } from './function-process.ts'
import { inLanes } from './in-lanes.ts'
import { serviceSecrets } from './service-secrets.ts'

const THREE = 'verifyThreeElement'
const TWO = 'verifyTwoElement'

let artifact: Artifact
let simulators: Simulators

beforeAll(async () => {
  ;[artifact, simulators] = await Promise.all([packageArtifact(), startSimulators()])
}, 120_000)
afterAll(() => Promise.all([artifact?.remove(), simulators?.close()]))

describe('the package', () => {
  it('holds every function of the contract, and each zip one file', () => {
    expect(artifact.names.toSorted()).toEqual(functionNames.toSorted())
    for (const name of functionNames) expect(artifact.fn(name).files).toEqual(['index.mjs'])
  })

  it.each(functionNames)('holds of %s only handlers, lib and packages', async (name) => {
    const rootDir = artifact.projectDir
    const outDir = path.join(rootDir, '.build/again', name)
    const entry = `handlers/${eventFiles[name]}.ts`
    const { file, metafile } = await bundleFunction({ entry, outDir, rootDir })
    const inputs = Object.keys(metafile.inputs)
    // What the build makes itself has a name with a colon.
    const files = inputs.filter((input) => !/^[a-z-]+:/.test(input))
    const strangers = files.filter((file) => !/^(handlers|lib|node_modules)\//.test(file))
    expect(strangers).toEqual([])
    expect(inputs.filter((input) => input.startsWith('handlers/'))).toEqual([entry])
    // The metafile speaks for the zip: both are the same bytes.
    const [again, shipped] = await Promise.all([readFile(file), readFile(artifact.fn(name).file)])
    expect(again.equals(shipped)).toBe(true)
  })

  it.each(functionNames)(
    'holds in %s nothing of the simulators, events and tests',
    async (name) => {
      const shipped = await readFile(artifact.fn(name).file, 'utf8')
      // The nobody of a rehearsal.
      const bundle = shipped.replace('"6299999999999998"', '')
      expect(bundle.match(/629999|dynalite|simulat(e|or)|assumed-role\/local/gi)).toBeNull()
      expect(findLeaks(bundle, serviceSecrets)).toEqual([])
    },
  )

  it('names no endpoint or credential of this machine in its template', () => {
    expect(artifact.template).not.toMatch(/localhost|127\.0\.0\.1|AWS_ENDPOINT|AWS_ACCESS/)
    expect(findLeaks(artifact.template, serviceSecrets)).toEqual([])
  })
})

type Start = { fn: FunctionName; setting: string; value: string; also?: Settings }

const badly = (fn: FunctionName, setting: string, ...values: string[]): Start[] =>
  values.map((value) => ({ fn, setting, value }))

const badUrls = [
  'http://provider-7731.example',
  'http://127.0.0.1.provider-7731.example',
  'ftp://provider-7731.example',
  'provider-7731.example',
  'https://user-7731:pass@provider.example',
  'https://provider.example/?key=7731',
]
const badNumbers = ['77m31', '-7731', '77.31', '7731e9', '0x7731', '99999977310000']
const PASTED = '{"appCode":"pasted-7731-in-the-wrong-place"}'

const badStarts: Start[] = [
  ...badly(THREE, 'DATABAO_BASE_URL', ...badUrls),
  ...badly(TWO, 'JUHE_BASE_URL', ...badUrls),
  ...badly(TWO, 'JUHE_CHANNEL', 'clear-7731'),
  ...badly(THREE, 'DATABAO_SECRET_ID', '', '  ', PASTED),
  ...badly(TWO, 'JUHE_SECRET_ID', '', PASTED),
  ...badly(TWO, 'FINGERPRINT_SECRET_ID', '', PASTED),
  ...functionNames.flatMap((fn) => badly(fn, 'LEDGER_TABLE', '', PASTED)),
  ...badly(THREE, 'SECRET_TTL_SECONDS', ...badNumbers),
  ...badly(TWO, 'PROVIDER_TIMEOUT_MS', ...badNumbers, '0'),
  ...[
    'REUSE_SECONDS',
    'CARD_DAILY_CALLS',
    'CARD_DAILY_MISMATCHES',
    'ID_DAILY_CALLS',
    'PROVIDER_DAILY_LIMIT',
    'CALLER_DAILY_LIMIT',
    'PAUSE_SECONDS',
    'RECORD_DAYS',
  ].flatMap((setting) => badly(TWO, setting, '77m31', '-7731')),
  ...badly(TWO, 'REQUIRE_IDEMPOTENCY_KEY', 'yes-7731'),
  ...badly(TWO, 'JUHE_BASE_URL', 'http://provider-7731.example').map((start) => ({
    ...start,
    also: { ALLOW_PLAINTEXT_PROVIDERS: 'false' },
  })),
]

const goodStarts: Start[] = [
  ...badly(THREE, 'DATABAO_BASE_URL', 'http://localhost:1', 'http://[::1]:1', 'https://a.example/'),
  ...badly(TWO, 'JUHE_BASE_URL', 'http://provider-7731.example').map((start) => ({
    ...start,
    also: { ALLOW_PLAINTEXT_PROVIDERS: 'true' },
  })),
  ...badly(TWO, 'REUSE_SECONDS', '0'),
  ...badly(TWO, 'PAUSE_SECONDS', '0'),
  ...badly(
    TWO,
    'JUHE_SECRET_ID',
    'arn:aws:secretsmanager:ap-southeast-1:000000000000:secret:bankcard-verify/dev/juhe-AbC123',
  ),
]

/** @returns what a start printed that failed; `undefined` where the function came up */
function failureOf({ fn, setting, value, also }: Start): Promise<string | undefined> {
  const packaged = artifact.fn(fn)
  const settings = settingsOf(packaged, simulators, { [setting]: value, ...also })
  return FunctionProcess.failureToStart(packaged, settings)
}

describe('a bad setting', () => {
  it('stops the function at its start with its name in the log, and never its value', async () => {
    const failures = await inLanes(badStarts, failureOf)
    const seen = badStarts.map(({ fn, setting, value }, place) => {
      const output = failures[place]
      const tells = value.trim().length > 3 && output !== undefined && findLeaks(output, { value })
      return { fn, setting, value, named: output?.includes(setting), tells: tells || [] }
    })
    expect(seen).toEqual(
      badStarts.map(({ fn, setting, value }) => ({ fn, setting, value, named: true, tells: [] })),
    )
  }, 120_000)

  it('is none where the contract allows it', async () => {
    expect(await inLanes(goodStarts, failureOf)).toEqual(goodStarts.map(() => undefined))
  })

  it('is told in one line of JSON before the failure', async () => {
    const output = await failureOf({ fn: TWO, setting: 'JUHE_CHANNEL', value: 'clear' })
    expect(JSON.parse(output?.split('\n')[0] ?? '')).toMatchObject({
      level: 'error',
      setting: 'JUHE_CHANNEL',
    })
  })
})

describe('the unset settings', () => {
  it.each([THREE, TWO] as const)(
    'of %s have defaults, but for names in the account',
    async (fn) => {
      const packaged = artifact.fn(fn)
      const all = settingsOf(packaged, simulators)
      const needed = Object.entries(all).filter(([name]) =>
        /^AWS_|_SECRET_ID$|^LEDGER_TABLE$/.test(name),
      )
      expect(
        await FunctionProcess.failureToStart(packaged, Object.fromEntries(needed)),
      ).toBeUndefined()
    },
  )
})
