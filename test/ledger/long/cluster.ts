import { startSimulators } from '../../simulators/start-simulators.ts'
import { ask, startChild, stopChild } from './child.ts'
import type { Counts, Share } from './cluster-child.ts'
import { quickenDynalite } from './quick-dynalite.ts'
import { type Spoil, startStoreProxy } from './store-proxy.ts'

const CHILD = new URL('./cluster-child.ts', import.meta.url)

export type ClusterOptions = {
  route: Share['route']
  processes: number
  requests: number
  people: number
  keyed?: boolean
  /** Requests under way at once in each process: dynalite must answer within the SDK's second. */
  concurrency?: number
  settings?: Readonly<Record<string, string>>
  /** For the negative control. */
  spoil?: Spoil
}

export type ClusterResult = {
  hits: number
  /** The most hits that one card got. */
  mostOfOneCard: number
  answers: Counts
  seconds: number
}

/** Real handlers in processes of their own against one table and one provider, all at once. */
export async function runCluster(options: ClusterOptions): Promise<ClusterResult> {
  const { route, processes, requests, people, keyed = false, concurrency = 12 } = options
  quickenDynalite()
  const simulators = await startSimulators()
  const proxy = options.spoil && (await startStoreProxy(simulators.dynamoDb.url, options.spoil))
  const environment = {
    ...simulators.environment,
    ...options.settings,
    ...(proxy && { AWS_ENDPOINT_URL_DYNAMODB: proxy.url }),
    PROOF_ROUTE: route,
  }
  const children = await Promise.all(
    Array.from({ length: processes }, () => startChild(CHILD, environment)),
  )
  try {
    const startedAt = performance.now()
    const shared = requests > people
    const counts = await Promise.all(
      children.map((child, place) =>
        ask<Counts>(child, {
          route,
          people: shared
            ? { from: 0, to: people, step: 1 }
            : { from: place, to: people, step: processes },
          times: shared ? requests / people / processes : 1,
          keyed,
          window: 50,
          concurrency,
          seed: place,
        } satisfies Share),
      ),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const { hits } = route === 'three-element' ? simulators.databao : simulators.juhe
    const byCard = Object.groupBy(hits, ({ cardNumber = '' }) => cardNumber)
    return {
      hits: hits.length,
      mostOfOneCard: Math.max(0, ...Object.values(byCard).map((some) => some?.length ?? 0)),
      answers: sum(counts),
      seconds: Math.round(seconds * 10) / 10,
    }
  } finally {
    await Promise.all(children.map(stopChild))
    await proxy?.close()
    await simulators.close()
  }
}

function sum(counts: readonly Counts[]): Counts {
  const total: Counts = {}
  for (const [outcome, count] of counts.flatMap((some) => Object.entries(some))) {
    total[outcome] = (total[outcome] ?? 0) + count
  }
  return total
}
