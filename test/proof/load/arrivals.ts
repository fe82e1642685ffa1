import { randomOf } from '../random.ts'

/** A request that is due. */
export type Arrival = {
  /** Milliseconds after the start. */
  at: number
  person: number
  /** One of two about the same person, either of which may be answered first. */
  isTwin: boolean
}

type Phase = {
  /** Requests a second. */
  rate: number
  seconds: number
  seed: number
  /** Number of the first person; each has a card and an ID number of its own. */
  firstPerson: number
  /** So many of them are sent again by somebody who does not wait. */
  repeatShare?: number
}

/** How long somebody impatient waits at most. */
const IMPATIENT_MS = 1000

/**
 * When everybody comes is settled beforehand and does not depend on any answer: as many callers
 * who know nothing of each other do, with gaps of random length.
 */
export function arrivalsOf({ rate, seconds, seed, firstPerson, repeatShare = 0 }: Phase) {
  const random = randomOf(seed, 'arrivals', rate, firstPerson)
  const arrivals: Arrival[] = []
  let at = 0
  let person = firstPerson
  // Those who send twice count for the rate too.
  const gapMs = (1000 * (1 + repeatShare)) / rate
  for (;;) {
    at -= gapMs * Math.log(1 - random())
    if (at > seconds * 1000) break
    const isTwin = random() < repeatShare
    arrivals.push({ at, person, isTwin })
    if (isTwin) arrivals.push({ at: at + random() * IMPATIENT_MS, person, isTwin })
    person += 1
  }
  return arrivals.sort((one, other) => one.at - other.at)
}
