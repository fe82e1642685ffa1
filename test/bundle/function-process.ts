import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Simulators } from '../simulators/start-simulators.ts'
import type { PackagedFunction } from './artifact.ts'

const RUNTIME = fileURLToPath(new URL('function-runtime.mjs', import.meta.url))
// The function's own timeout in serverless.yml.
const TIMEOUT_MS = 20_000

/** As Lambda sets them; the secret one is searched for like every other secret. */
export const awsCredentials = {
  AWS_REGION: 'ap-southeast-1',
  AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
  AWS_SECRET_ACCESS_KEY: 'invented/51a7c0de51a7c0de+secret/access/key',
}

export type Settings = Record<string, string>
export type LambdaResponse = {
  statusCode: number
  headers: Record<string, string>
  body: string
}
type Invocation = {
  resolve: (response: LambdaResponse) => void
  reject: (error: Error) => void
}

/**
 * What the template sets for a function, pointed at the simulators, and AWS credentials: all that
 * is in its environment.
 */
export function settingsOf(
  { variables }: PackagedFunction,
  { environment }: Simulators,
  changed: Settings = {},
): Settings {
  const own = Object.entries(variables).map(([name, value]) => {
    const setting = environment[name] ?? value
    if (typeof setting === 'string') return [name, setting]
    if (typeof setting === 'object') throw new Error(`no simulator stands for ${name}`)
    return [name, JSON.stringify(setting)]
  })
  const endpoints = Object.entries(environment).filter(([name]) =>
    name.startsWith('AWS_ENDPOINT_URL_'),
  )
  return { ...awsCredentials, ...Object.fromEntries([...own, ...endpoints]), ...changed }
}

/** One execution environment of a packaged function: its own process, and all that it printed. */
export class FunctionProcess {
  readonly #child: ChildProcess
  readonly #calls = new Map<string, Invocation>()
  readonly #ended: Promise<unknown>
  #output = ''

  /** @throws Error where the function stops at its start */
  static async start(fn: PackagedFunction, settings: Settings): Promise<FunctionProcess> {
    const started = new FunctionProcess(fn, settings)
    await Promise.race([once(started.#child, 'message'), started.#ended])
    if (!started.isRunning) throw new Error(`${fn.name} did not start:\n${started.output}`)
    return started
  }

  /** @returns what a function printed that stopped at its start; `undefined` where it did not */
  static async failureToStart(fn: PackagedFunction, settings: Settings) {
    const started = new FunctionProcess(fn, settings)
    await Promise.race([once(started.#child, 'message'), started.#ended])
    if (!started.isRunning) return started.output
    await started.stop()
    return undefined
  }

  private constructor(fn: PackagedFunction, settings: Settings) {
    const child = fork(RUNTIME, [pathToFileURL(fn.file).href, fn.exportName], {
      cwd: path.dirname(fn.file),
      env: settings,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#ended = once(child, 'close')
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => (this.#output += chunk))
    }
    child.on('message', (message: { call?: string; result: LambdaResponse }) => {
      const { call = '', result } = message
      this.#calls.get(call)?.resolve(result)
      this.#calls.delete(call)
    })
    child.on('close', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('the function has ended'))
    })
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** All of its stdout and stderr so far; complete once it has stopped. */
  get output(): string {
    return this.#output
  }

  invoke(event: unknown, { remainingMs = TIMEOUT_MS } = {}): Promise<LambdaResponse> {
    const call = randomUUID()
    const answered = new Promise<LambdaResponse>((resolve, reject) => {
      this.#calls.set(call, { resolve, reject })
    })
    this.#child.send({ call, event, remainingMs, context: { awsRequestId: call } })
    return answered
  }

  /** Ends it after its last words. */
  async stop(): Promise<void> {
    if (this.isRunning) this.#child.send('stop')
    await this.#ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
