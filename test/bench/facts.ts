import { buildFunctions, sizeFailures } from './size-budget.ts'
import type { Stage } from './stage.ts'
import { variantOf, type VariantName } from './variants.ts'

/** What does not depend on the machine's speed. */
export type Facts = {
  /** Round trips to the store that a warm request waits for one after the other. */
  storeWaits: Record<string, number>
  storeRequests: Record<string, number>
  undiciLoaded: Record<string, boolean>
  /** Connections to the provider that a process opens. */
  providerConnections: Record<string, number>
  failures: string[]
}

const functions: VariantName[] = ['verifyThreeElement', 'verifyTwoElement', 'getVerification']
const MOST_STORE_WAITS = 4
const WARM_REQUESTS = 5
// Far longer than it takes to send a handful of requests side by side.
const STORE_DELAY_MS = 100

export async function checkFacts(stage: Stage): Promise<Facts> {
  const facts: Facts = {
    storeWaits: {},
    storeRequests: {},
    undiciLoaded: {},
    providerConnections: {},
    failures: await sizeFailures(await buildFunctions()),
  }
  for (const name of functions) {
    const { counts, undiciLoaded } = await stage.run(name, {
      warm: WARM_REQUESTS,
      storeDelayMs: STORE_DELAY_MS,
    })
    const { store } = variantOf(name).calls
    // The first request still opens its connections, one after the other.
    const settled = counts.store.requests - store * WARM_REQUESTS
    const waits = counts.store.waitsAt.filter((place) => place >= settled).length / WARM_REQUESTS
    facts.storeWaits[name] = waits
    facts.storeRequests[name] = store
    facts.undiciLoaded[name] = undiciLoaded
    facts.providerConnections[name] = counts.provider.connections
    const { failures } = facts
    if (undiciLoaded) failures.push(`${name} loads undici for its first request`)
    if (waits > MOST_STORE_WAITS) failures.push(`${name} waits ${waits} times for the store`)
    if (counts.provider.connections > 1) {
      failures.push(`${name} does not keep its connection to the provider`)
    }
  }
  return facts
}
