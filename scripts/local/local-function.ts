import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Invocation, Outcome } from './function-worker.ts'

export type FunctionConfig = {
  name: string
  /** The bundle, as it ships. */
  file: string
  timeoutSeconds: number
  memorySize: number
  /** All that the function sees of the environment, besides what Lambda itself sets. */
  environment: Record<string, string>
}

class FunctionFailed extends Error {}
export class FunctionTimedOut extends Error {}

/**
 * Runs a bundle as Lambda does: one request at a time in one environment, another environment for
 * a request that comes meanwhile, and an end to one that outlives its timeout.
 */
export class LocalFunction {
  readonly #config: FunctionConfig
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()

  constructor(config: FunctionConfig) {
    this.#config = config
  }

  async invoke(event: unknown): Promise<unknown> {
    const worker = this.#idle.pop() ?? this.#start()
    const timeoutMs = this.#config.timeoutSeconds * 1000
    const outcome = await this.#run(worker, timeoutMs, {
      event,
      context: this.#context(),
      deadline: Date.now() + timeoutMs,
    })
    this.#idle.push(worker)
    if ('failed' in outcome) throw new FunctionFailed()
    return JSON.parse(outcome.result)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()))
  }

  #run(worker: Worker, timeoutMs: number, invocation: Invocation): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const stop = (error: Error) => {
        settle()
        void worker.terminate()
        reject(error)
      }
      const timer = setTimeout(() => stop(new FunctionTimedOut()), timeoutMs)
      const onMessage = (outcome: Outcome) => {
        settle()
        resolve(outcome)
      }
      const onEnd = () => stop(new FunctionFailed())
      const settle = () => {
        clearTimeout(timer)
        worker.off('message', onMessage).off('exit', onEnd)
      }
      worker.on('message', onMessage).on('exit', onEnd)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
      worker.postMessage(invocation)
    })
  }

  #start(): Worker {
    const { file, environment } = this.#config
    const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      workerData: { bundleUrl: pathToFileURL(file).href },
      env: { ...this.#lambdaEnvironment(), ...environment },
    })
    worker.on('error', (error) => {
      console.error(`The function ${this.#config.name} crashed: ${error.name}`)
    })
    worker.on('exit', () => {
      this.#all.delete(worker)
      const at = this.#idle.indexOf(worker)
      if (at !== -1) this.#idle.splice(at, 1)
    })
    this.#all.add(worker)
    return worker
  }

  #lambdaEnvironment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      LANG: 'en_US.UTF-8',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: this.#config.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.#config.memorySize),
    }
  }

  #context(): Record<string, unknown> {
    const { name, memorySize, environment } = this.#config
    const region = environment['AWS_REGION'] ?? 'local'
    return {
      awsRequestId: randomUUID(),
      callbackWaitsForEmptyEventLoop: true,
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${name}`,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: 'local',
      memoryLimitInMB: String(memorySize),
    }
  }
}
