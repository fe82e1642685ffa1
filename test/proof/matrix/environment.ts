import { setTimeout as sleep } from 'node:timers/promises'
import type { Artifact, PackagedFunction } from '../../bundle/artifact.ts'
import { postEvent } from '../../bundle/api-event.ts'
import {
  FunctionProcess,
  type LambdaResponse,
  type Settings,
  settingsOf,
} from '../../bundle/function-process.ts'
import type { Simulators } from '../../simulators/start-simulators.ts'
import { type Channel, channels, type Person } from './channels.ts'
import { told } from './expected.ts'

/** Past the deadline: what has not answered by then hangs. */
const PATIENCE_MS = 3000
const LAST_WORDS = 300
const WITNESS = new URL('witness.mjs', import.meta.url).href
// The caps of a day are not what is measured; neither is the pause that one fault puts on all.
const OUT_OF_THE_WAY = {
  PAUSE_SECONDS: '0',
  PROVIDER_DAILY_LIMIT: '1000000000',
  CALLER_DAILY_LIMIT: '1000000000',
}

/** What the process did since its last answer; ports of connects, bytes of memory. */
type Witness = { pid: number; connects: number[]; rss: number; peak: number }

export type Seen = {
  /** As `expected.ts` words it; or that the process ended. */
  told: string
  billable: string
  elapsedMs: number
  witness?: Witness
}

export type Stage = {
  /** A function as it is packaged; or a broken copy of it. */
  functionOf: (channel: Channel) => PackagedFunction
  simulators: Simulators
  /** A file of certificates that the functions trust. */
  trusted: string
}

export function packaged(artifact: Artifact): Stage['functionOf'] {
  return (channel) => artifact.fn(channels[channel].functionName)
}

export type Environment = Awaited<ReturnType<typeof openEnvironment>>

/** One execution environment that asks the provider at `url`. */
export async function openEnvironment(
  { functionOf, simulators, trusted }: Stage,
  channel: Channel,
  url: string,
  timeoutMs: number,
) {
  const { route, settings, baseUrl } = channels[channel]
  const changed: Settings = {
    ...OUT_OF_THE_WAY,
    ...settings,
    [baseUrl]: url,
    PROVIDER_TIMEOUT_MS: String(timeoutMs),
    NODE_OPTIONS: `--import=${WITNESS}`,
    NODE_EXTRA_CA_CERTS: trusted,
  }
  const fn = functionOf(channel)
  const started = await FunctionProcess.start(fn, settingsOf(fn, simulators, changed))

  return {
    async ask({ name, idNumber, cardNumber }: Person, remainingMs?: number): Promise<Seen> {
      const fields = route === 'three-element' ? { name, idNumber } : { name }
      const event = postEvent(route, { ...fields, cardNumber })
      const askedAt = performance.now()
      const elapsedMs = () => performance.now() - askedAt
      const givenUp = new AbortController()
      try {
        const response = await Promise.race([
          started.invoke(event, remainingMs ? { remainingMs } : {}),
          sleep(timeoutMs + PATIENCE_MS, undefined, givenUp),
        ])
        if (!response) return { told: 'no answer', billable: '', elapsedMs: elapsedMs() }
        return { ...readResponse(response), elapsedMs: elapsedMs() }
      } catch {
        const last = started.output.slice(-LAST_WORDS)
        return { told: `crashed: ${last}`, billable: '', elapsedMs: elapsedMs() }
      } finally {
        givenUp.abort()
      }
    },
    /** Of a process that has been asked nothing yet: it refuses an event without a caller. */
    async pid(): Promise<number> {
      const { witness }: LambdaResponse & { witness?: Witness } = await started.invoke({})
      if (!witness) throw new Error('the process tells nothing of itself')
      return witness.pid
    },
    stop: () => started.stop(),
  }
}

function readResponse(response: LambdaResponse & { witness?: Witness }) {
  const { statusCode, body, witness } = response
  const members = JSON.parse(body) as Record<string, unknown>
  return {
    told: told({ ...members, status: statusCode }),
    billable: String(members['billable']),
    ...(witness && { witness }),
  }
}
