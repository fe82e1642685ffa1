import { asPayloadV1, getEvent, postEvent } from '../../bundle/api-event.ts'
import {
  type Artifact,
  type FunctionName,
  functionNames,
  type PackagedFunction,
} from '../../bundle/artifact.ts'
import { FunctionProcess, type LambdaResponse, settingsOf } from '../../bundle/function-process.ts'
import { quickenDynalite } from '../../ledger/long/quick-dynalite.ts'
import { startSimulators } from '../../simulators/start-simulators.ts'
import { openSettings } from '../open-settings.ts'
import type { Vouched } from './callers.ts'

/** Long enough for others to ask meanwhile. */
const SLOW_MS = 500
/** One request, and who the gateway says has sent it. */
export type Knock = {
  fn: FunctionName
  vouched: Vouched
  payload: 'v1' | 'v2'
  body?: object
  id?: string
  query?: Record<string, string>
  headers?: Record<string, string>
}

/** What came back, and how often a provider was asked for it. */
export type Answered = {
  status: number
  body: Record<string, unknown>
  hits: number
  replayed: boolean
  same: string
}

export type Door = Awaited<ReturnType<typeof openDoor>>

/**
 * The packaged functions among simulators.
 *
 * @param change gives another build of a function, for controls
 */
export async function openDoor(
  artifact: Artifact,
  change: (fn: PackagedFunction) => PackagedFunction = (fn) => fn,
) {
  quickenDynalite()
  const simulators = await startSimulators({ slowMs: SLOW_MS })
  const started = await Promise.all(
    functionNames.map(async (name) => {
      const fn = change(artifact.fn(name))
      return [
        name,
        await FunctionProcess.start(fn, settingsOf(fn, simulators, openSettings)),
      ] as const
    }),
  )
  const processes = new Map<string, FunctionProcess>(started)
  return {
    simulators,
    async knock(knock: Knock): Promise<Answered> {
      const { databao, juhe } = simulators
      const before = databao.hits.length + juhe.hits.length
      const response = await processes.get(knock.fn)!.invoke(eventOf(knock))
      const hits = databao.hits.length + juhe.hits.length - before
      return {
        status: response.statusCode,
        body: JSON.parse(response.body),
        hits,
        replayed: response.headers['idempotency-replayed'] === 'true',
        same: withoutRequestId(response),
      }
    },
    async close(): Promise<void> {
      await Promise.all([...processes.values()].map((process) => process.stop()))
      await simulators.close()
    },
  }
}

/** All of a response but what names this one request: two that read alike tell the same. */
function withoutRequestId({ statusCode, headers, body }: LambdaResponse): string {
  const { 'x-request-id': requestId = '', ...others } = headers
  return JSON.stringify([statusCode, others, body.replaceAll(JSON.stringify(requestId), '""')])
}

const paths: Record<FunctionName, string> = {
  verifyThreeElement: '/v1/verifications/three-element',
  verifyTwoElement: '/v1/verifications/two-element',
  getVerification: '/v1/verifications/',
  listVerifications: '/v1/verifications',
  getUsage: '/v1/usage',
}

function eventOf({ fn, vouched, payload, body, id, query, headers = {} }: Knock): unknown {
  const route = fn === 'verifyThreeElement' ? 'three-element' : 'two-element'
  const event = body
    ? postEvent(route, body, { headers })
    : getEvent(`${paths[fn]}${id ?? ''}`, { headers, ...(id && { id }), ...(query && { query }) })
  if (payload === 'v2') {
    return { ...event, requestContext: { ...event.requestContext, authorizer: vouched.v2 } }
  }
  const v1 = asPayloadV1(event)
  const { identity: _, ...requestContext } = v1.requestContext
  return { ...v1, requestContext: { ...requestContext, ...vouched.v1 } }
}
