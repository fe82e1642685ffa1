import type { PackagedFunction } from '../../bundle/artifact.ts'
import type { LambdaResponse, Settings } from '../../bundle/function-process.ts'
import { inLanes } from '../../bundle/in-lanes.ts'
import { Environment, type Sample } from './environment.ts'

/**
 * A function at its reserved concurrency: one request at a time in each environment, and a request
 * that finds none free is turned away. The one that was used last is used next, so that a quiet
 * hour leaves most of them idle.
 */
export class Fleet {
  readonly #free: Environment[]
  readonly #all: readonly Environment[]

  static async start(fn: PackagedFunction, settings: Settings, size: number): Promise<Fleet> {
    const places = Array.from({ length: size })
    return new Fleet(await inLanes(places, () => Environment.start(fn, settings)))
  }

  private constructor(environments: readonly Environment[]) {
    this.#all = environments
    this.#free = [...environments]
  }

  /** @returns nothing where every environment is busy */
  invoke(event: unknown): Promise<LambdaResponse> | undefined {
    const environment = this.#free.pop()
    if (!environment) return undefined
    return environment.invoke(event).finally(() => this.#free.push(environment))
  }

  /** What each environment holds, in their order; between two of its requests. */
  async samples(): Promise<(Sample & { requests: number })[]> {
    const samples: (Sample & { requests: number })[] = []
    for (const environment of this.#all) {
      const place = await this.#placeOf(environment)
      this.#free.splice(place, 1)
      samples.push({ ...(await environment.sample()), requests: environment.requests })
      this.#free.splice(Math.min(place, this.#free.length), 0, environment)
    }
    return samples
  }

  stop(): void {
    for (const environment of this.#all) environment.stop()
  }

  async #placeOf(environment: Environment): Promise<number> {
    for (;;) {
      const place = this.#free.indexOf(environment)
      if (place !== -1) return place
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
}
