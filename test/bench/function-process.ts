import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const NODE = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url))
const RUNTIME = fileURLToPath(new URL('lambda-runtime.mjs', import.meta.url))

/** What one process is to do; see lambda-runtime.mjs. */
export type Plan = {
  /** The bundle, loaded as Lambda does. */
  file: string
  event: object
  /** Stands in every right answer. */
  expected: string
  /** Between the end of init and the first request. */
  pauseMs: number
  /** A cgroup to enter for the pause and the requests. */
  cgroup?: string | undefined
  /** JSON file: the body of each warm request, or `null` for the same event again. */
  bodies?: string | undefined
}

/** Milliseconds of the machine's monotonic clock, milliseconds, bytes. */
export type Report = {
  loadedAt: number
  askedAt: number
  answeredAt: number
  cpuFirstMs: number
  cpuOfFirstRequestMs: number
  rssAfterFirst: number
  undiciLoaded: boolean
  warmMs: number[]
  cpuWarmMs: number
  rssAfterWarm: number
}

/** One execution environment: a fresh process, from its start to its last answer. */
export async function runFunction(
  plan: Plan,
  environment: Record<string, string>,
  nodeOptions: readonly string[] = [],
): Promise<Report & { startedAt: number }> {
  const startedAt = Number(process.hrtime.bigint()) / 1e6
  const child = spawn(NODE, [...nodeOptions, RUNTIME, JSON.stringify(plan)], {
    env: environment,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  // Lambda reads a function's output through a pipe too.
  child.stdout?.resume()
  const [report, complaints] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stderr as Readable),
  ])
  await closed
  if (report === '') throw new Error(`${plan.file} failed:\n${complaints}`)
  return { ...(JSON.parse(report) as Report), startedAt }
}
