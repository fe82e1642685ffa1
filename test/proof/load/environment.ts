import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { PackagedFunction } from '../../bundle/artifact.ts'
import type { LambdaResponse, Settings } from '../../bundle/function-process.ts'

const RUNTIME = fileURLToPath(new URL('environment-runtime.mjs', import.meta.url))
// V8's own upper limit, from the start. Left to itself it lets the young generation grow and shrink
// between two readings, and keeps the pages that it gives up in a pool of which it tells nobody.
const YOUNG_GENERATION = ['--min-semi-space-size=16', '--max-semi-space-size=16']
// The function's own timeout in serverless.yml.
const TIMEOUT_MS = 20_000

/**
 * Bytes, a count, milliseconds since its start. `memory` is what is resident (`rss`) without V8's
 * young generation.
 */
export type Sample = { rss: number; memory: number; heap: number; handles: number; cpuMs: number }
type Reply = { result: LambdaResponse } | { sample: Sample } | { failed: string }

/** One execution environment, which does one thing at a time. What it prints is read and dropped. */
export class Environment {
  requests = 0
  readonly #child: ChildProcess

  static async start(fn: PackagedFunction, settings: Settings): Promise<Environment> {
    const environment = new Environment(fn, settings)
    await environment.#next()
    return environment
  }

  private constructor(fn: PackagedFunction, settings: Settings) {
    this.#child = fork(RUNTIME, [pathToFileURL(fn.file).href, fn.exportName], {
      cwd: path.dirname(fn.file),
      env: settings,
      execArgv: ['--expose-gc', ...YOUNG_GENERATION],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child.stdout?.resume()
    this.#child.stderr?.resume()
  }

  /** @throws Error where the function has thrown or its process has ended */
  async invoke(event: unknown): Promise<LambdaResponse> {
    this.requests += 1
    const context = { awsRequestId: randomUUID() }
    const reply = await this.#ask({ event, context, remainingMs: TIMEOUT_MS })
    if ('result' in reply) return reply.result
    throw new Error('failed' in reply ? reply.failed : 'no answer')
  }

  async sample(): Promise<Sample> {
    const reply = await this.#ask({})
    if ('sample' in reply) return reply.sample
    throw new Error('no sample')
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  #ask(message: object): Promise<Reply> {
    const replied = this.#next()
    this.#child.send(message)
    return replied as Promise<Reply>
  }

  async #next(): Promise<unknown> {
    const ended = new AbortController()
    const exit = once(this.#child, 'exit', ended).then(() => {
      throw new Error('the environment has ended')
    })
    const message = once(this.#child, 'message', ended).then(([message]: unknown[]) => message)
    try {
      return await Promise.race([message, exit])
    } finally {
      ended.abort()
      // Whichever came second has been aborted: nobody waits for it.
      await Promise.allSettled([message, exit])
    }
  }
}
