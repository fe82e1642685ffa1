import { loadHandler, type Route } from './handler-call.ts'
import { inventedPerson } from './invented-person.ts'
import { randomFrom } from './random-from.ts'

/** The requests of one process: its share of the people, each asked about `times` times. */
export type Share = {
  route: Route
  people: { from: number; to: number; step: number }
  times: number
  keyed: boolean
  /** So many people are asked about in one shuffle, so that processes meet on them. */
  window: number
  concurrency: number
  seed: number
}
/** How often each outcome was seen. */
export type Counts = Record<string, number>

const call = await loadHandler(process.env['PROOF_ROUTE'] as Route)

function* requestsOf({ people, times, window, seed }: Share): Generator<number> {
  const random = randomFrom(seed)
  const numbers: number[] = []
  for (let number = people.from; number < people.to; number += people.step) numbers.push(number)
  for (let start = 0; start < numbers.length; start += window) {
    const some = numbers.slice(start, start + window)
    const shuffled = Array.from({ length: times }, () => some)
      .flat()
      .map((number) => ({ number, place: random() }))
      .sort((one, other) => one.place - other.place)
    for (const { number } of shuffled) yield number
  }
}

async function run(share: Share): Promise<Counts> {
  const counts: Counts = {}
  const requests = requestsOf(share)
  const worker = async () => {
    for (const number of requests) {
      const outcome = await call({
        route: share.route,
        person: inventedPerson(number),
        idempotencyKey: share.keyed ? `key-${number}` : undefined,
        remainingMs: 20_000,
      })
      counts[outcome] = (counts[outcome] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: share.concurrency }, worker))
  return counts
}

process.on('message', (share: Share) => void run(share).then((counts) => process.send?.(counts)))
process.send?.('ready')
