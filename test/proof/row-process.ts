import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Finding, Outcome, Row, RowOptions } from './row.ts'
import type { Order, Report } from './row-child.ts'

const CHILD = fileURLToPath(new URL('row-child.ts', import.meta.url))
const LAST_OUTPUT = 2000

/**
 * Runs a row in a process group of its own: a crash, a hang or memory without end is the row's
 * failure and not the run's.
 */
export async function runRow(
  row: Row,
  file: string,
  { say, ...options }: RowOptions,
): Promise<Outcome> {
  const startedAt = performance.now()
  const child = fork(CHILD, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
  const killGroup = () => killed(-(child.pid ?? 0))
  process.once('exit', killGroup)
  let finding: Finding | undefined
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-LAST_OUTPUT)
    })
  }
  child.on('message', (report: Report) => {
    if ('line' in report) say(report.line)
    else finding = report.finding
  })
  const limit = row.limitSeconds[options.quick ? 'quick' : 'long']
  let overtime = false
  const timer = setTimeout(() => {
    overtime = true
    killGroup()
  }, limit * 1000)
  child.send({ file, ...options } satisfies Order)
  // What it has started must not hold its pipes open.
  child.once('exit', killGroup)
  const [exitCode, signal] = await once(child, 'close')
  clearTimeout(timer)
  process.off('exit', killGroup)

  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const { seed } = options
  if (finding) return { ...finding, seconds, seed }
  const how = overtime ? `not done after ${limit} s` : `ended with ${signal ?? exitCode}`
  return { crashed: `${how}\n${output}`.trim(), seconds, seed }
}

/** A group that has ended already is what is wanted. */
function killed(group: number): void {
  try {
    process.kill(group, 'SIGKILL')
  } catch {}
}
