import type { Artifact, FunctionName, PackagedFunction } from '../../bundle/artifact.ts'
import {
  FunctionProcess,
  type LambdaResponse,
  settingsOf,
  type Settings,
} from '../../bundle/function-process.ts'
import { quickenDynalite } from '../../ledger/long/quick-dynalite.ts'
import {
  databaoCredentials,
  juheCredentials,
  startSimulators,
} from '../../simulators/start-simulators.ts'
import { openSettings } from '../open-settings.ts'
import { startEchoingProvider } from './echoing-provider.ts'

const NOBODY = 'http://127.0.0.1:1'
const BROKEN_SECRET = 'bankcard-verify/local/broken'
/** A provider that hangs costs a lane so long. */
const PROVIDER_TIMEOUT_MS = '600'

type Member = { fn: FunctionName; settings: (urls: { databao: string; echo: string }) => Settings }

const members = {
  three: { fn: 'verifyThreeElement', settings: () => ({}) },
  encrypted: { fn: 'verifyTwoElement', settings: () => ({ JUHE_CHANNEL: 'encrypted' }) },
  plain: { fn: 'verifyTwoElement', settings: () => ({ JUHE_CHANNEL: 'plain' }) },
  get: { fn: 'getVerification', settings: () => ({}) },
  list: { fn: 'listVerifications', settings: () => ({}) },
  usage: { fn: 'getUsage', settings: () => ({}) },
  'three, echoed': {
    fn: 'verifyThreeElement',
    settings: ({ echo }) => ({ DATABAO_BASE_URL: echo }),
  },
  'plain, echoed': {
    fn: 'verifyTwoElement',
    settings: ({ echo }) => ({ JUHE_BASE_URL: echo, JUHE_CHANNEL: 'plain' }),
  },
  'encrypted, echoed': {
    fn: 'verifyTwoElement',
    settings: ({ echo }) => ({ JUHE_BASE_URL: echo }),
  },
  'three, refused': { fn: 'verifyThreeElement', settings: () => ({ DATABAO_BASE_URL: NOBODY }) },
  'three, no TLS': {
    fn: 'verifyThreeElement',
    settings: ({ databao }) => ({ DATABAO_BASE_URL: databao.replace('http:', 'https:') }),
  },
  'plain, bad secret': {
    fn: 'verifyTwoElement',
    settings: () => ({ JUHE_SECRET_ID: BROKEN_SECRET }),
  },
  'three, bad pepper': {
    fn: 'verifyThreeElement',
    settings: () => ({ FINGERPRINT_SECRET_ID: BROKEN_SECRET }),
  },
  'plain, no store': {
    fn: 'verifyTwoElement',
    settings: () => ({ AWS_ENDPOINT_URL_DYNAMODB: NOBODY }),
  },
} satisfies Record<string, Member>

export type MemberName = keyof typeof members

/** Settings under which a function must not start, and must not say why in full. */
const unstartable: readonly (readonly [FunctionName, Settings])[] = [
  ['verifyThreeElement', { DATABAO_SECRET_ID: JSON.stringify(databaoCredentials) }],
  ['verifyTwoElement', { JUHE_SECRET_ID: JSON.stringify(juheCredentials) }],
  ['verifyThreeElement', { DATABAO_BASE_URL: `https://x:${databaoCredentials.appCode}@127.0.0.1` }],
  ['verifyTwoElement', { JUHE_BASE_URL: `https://127.0.0.1/?key=${juheCredentials.key}` }],
]

export type Texts = Record<'output' | 'responses' | 'table', string>
export type CanaryStage = Awaited<ReturnType<typeof openCanaryStage>>

/**
 * The packaged functions as a deployment has them and beside faults of its surroundings, among
 * simulators of their own; and all that comes out of them.
 *
 * @param change gives another build of a function, for controls
 * @param pepper another than the simulators have
 */
export async function openCanaryStage(
  artifact: Artifact,
  change: (fn: PackagedFunction) => PackagedFunction = (fn) => fn,
  pepper?: string,
) {
  quickenDynalite()
  const simulators = await startSimulators({ slowMs: 50, ...(pepper && { pepper }) })
  const echo = await startEchoingProvider()
  simulators.secretsManager.set(BROKEN_SECRET, `${juheCredentials.key} ${juheCredentials.openId}`)
  const urls = { databao: simulators.databao.url, echo: echo.url }
  const started = new Map<MemberName, Promise<FunctionProcess>>()
  const responses: string[] = []
  let stopped = ''

  const memberOf = (name: MemberName): Promise<FunctionProcess> => {
    const found = started.get(name)
    if (found) return found
    const member: Member = members[name]
    const fn = change(artifact.fn(member.fn))
    const changed = { ...openSettings, PROVIDER_TIMEOUT_MS, ...member.settings(urls) }
    const starting = FunctionProcess.start(fn, settingsOf(fn, simulators, changed))
    started.set(name, starting)
    return starting
  }

  return {
    simulators,
    async ask(name: MemberName, event: unknown, remainingMs?: number): Promise<LambdaResponse> {
      const member = await memberOf(name)
      const response = await member.invoke(event, remainingMs === undefined ? {} : { remainingMs })
      responses.push(JSON.stringify(response))
      return response
    },
    async tryToStartWithBadSettings(): Promise<void> {
      for (const [name, changed] of unstartable) {
        const fn = artifact.fn(name)
        const printed = await FunctionProcess.failureToStart(
          fn,
          settingsOf(fn, simulators, changed),
        )
        if (printed === undefined) throw new Error(`${name} has started with a bad setting`)
        stopped += printed
      }
    },
    /** What the providers have answered with so far, as `everyFault` names it. */
    met(): Set<string> {
      const { databao, juhe } = simulators
      return new Set(
        Object.entries({ databao, juhe }).flatMap(([provider, { hits }]) =>
          hits.map(({ scenario }) => `${provider} ${scenario}`),
        ),
      )
    },
    /** Ends all of it. @returns every text that came out, line by line */
    async close(): Promise<Texts> {
      const processes = await Promise.all(started.values())
      await Promise.all(processes.map((each) => each.stop()))
      const items = await simulators.dynamoDb.dump()
      await Promise.all([simulators.close(), echo.close()])
      return {
        output: processes.map(({ output }) => output).join('') + stopped,
        responses: responses.join('\n'),
        table: items.map((item) => JSON.stringify(item)).join('\n'),
      }
    },
  }
}
