import type { PackagedFunction } from '../../bundle/artifact.ts'
import type { LambdaResponse, Settings } from '../../bundle/function-process.ts'
import { inLanes } from '../../bundle/in-lanes.ts'
import { Environment, type Sample } from './environment.ts'

/**
 * A function at its reserved concurrency: one request at a time in each environment, and a request
 * that finds none free is turned away. The first free one in their order is used, so that the same
 * few do nearly all of the work, and what they keep adds up.
 */
export class Fleet {
  readonly #all: readonly Environment[]
  readonly #busy = new Set<Environment>()

  static async start(fn: PackagedFunction, settings: Settings, size: number): Promise<Fleet> {
    const places = Array.from({ length: size })
    return new Fleet(await inLanes(places, () => Environment.start(fn, settings)))
  }

  private constructor(environments: readonly Environment[]) {
    this.#all = environments
  }

  /** @returns nothing where every environment is busy */
  invoke(event: unknown): Promise<LambdaResponse> | undefined {
    const environment = this.#all.find((one) => !this.#busy.has(one))
    return environment && this.#whileBusy(environment, () => environment.invoke(event))
  }

  /** What each environment holds, in their order; between two of its requests. */
  async samples(): Promise<(Sample & { requests: number })[]> {
    const samples: (Sample & { requests: number })[] = []
    for (const environment of this.#all) {
      while (this.#busy.has(environment)) await new Promise((resolve) => setTimeout(resolve, 1))
      const sample = await this.#whileBusy(environment, () => environment.sample())
      samples.push({ ...sample, requests: environment.requests })
    }
    return samples
  }

  stop(): void {
    for (const environment of this.#all) environment.stop()
  }

  async #whileBusy<Done>(environment: Environment, work: () => Promise<Done>): Promise<Done> {
    this.#busy.add(environment)
    try {
      return await work()
    } finally {
      this.#busy.delete(environment)
    }
  }
}
