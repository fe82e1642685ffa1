import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { type DemoCase, eventFiles } from './cases.ts'

/** What a function returned, or the end of what the command printed when it returned nothing. */
export type Invoked =
  | { status: number; body: AnswerBody; functionMs: number | undefined }
  | { output: string }

type Finding = { pointer?: string; parameter?: string; code: string }
/** Members of an answer, a page of records or a problem. */
export type AnswerBody = {
  verdict?: string
  reason?: string
  code?: string
  title?: string
  billable?: string
  retryable?: boolean
  warnings?: Finding[]
  errors?: Finding[]
  verifications?: object[]
  usage?: object[]
}

// One run takes 2 to 3 s; longer than the function's own 20 s means that the command hangs.
const PATIENCE_MS = 30_000

const sls = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')

/** Runs `sls invoke local` for one case. */
export async function invokeLocal(demoCase: DemoCase): Promise<Invoked> {
  const { fn, channel, event, settings = {} } = demoCase
  const args = ['invoke', 'local', '--function', fn, '--path', eventPath(fn, event)]
  if (channel) args.push(`--param=juheChannel=${channel}`)
  for (const [name, value] of Object.entries(settings)) args.push('--env', `${name}=${value}`)

  const child = spawn(process.execPath, [sls, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return readResult(stdout) ?? { output: (stdout + stderr).trim().split('\n').slice(-5).join('\n') }
}

export function eventPath(fn: DemoCase['fn'], event: string): string {
  return `events/${eventFiles[fn]}.${event}.json`
}

/** The result is printed last and indented, after the function's one-line logs. */
function readResult(stdout: string): Invoked | undefined {
  const start = stdout.lastIndexOf('\n{\n') + 1
  try {
    const { statusCode, body } = JSON.parse(stdout.slice(start))
    return { status: statusCode, body: JSON.parse(body), functionMs: durationIn(stdout) }
  } catch {
    return undefined
  }
}

/** From the function's own log line. */
function durationIn(stdout: string): number | undefined {
  const logged = /^\{.*"event":"request".*"durationMs":(\d+)/m.exec(stdout)?.[1]
  return logged === undefined ? undefined : Number(logged)
}
