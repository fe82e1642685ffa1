import { packageArtifact } from '../../bundle/artifact.ts'
import { chunksOf, everyFault, runRound, type Round, scannerFor } from '../leaks/canary-round.ts'
import { keylessControl, keylessTokens } from '../leaks/keyless.ts'
import { leakyFunctions } from '../leaks/leaky-functions.ts'
import { encodings } from '../leaks/encodings.ts'
import { findPlants } from '../leaks/plants.ts'
import type { Row } from '../row.ts'

const counts = {
  long: { rounds: 5, people: 4000 },
  quick: { rounds: 1, people: 1000 },
}
const PLANTS = 500

export default {
  number: 4,
  name: 'leaks',
  measure:
    'canary people through success and every fault, and what came out of the packaged functions and into the table searched for every person and secret in every form',
  goal: `0 leaks; the scanner finds ${PLANTS} of ${PLANTS} that are planted`,
  limitSeconds: { quick: 120, long: 900 },
  async run({ quick, seed, scratchDir, say }) {
    const { rounds, people } = counts[quick ? 'quick' : 'long']
    const artifact = await packageArtifact()
    const controls = [
      ...(await leakyFunctions(artifact, scratchDir, seed)),
      await keylessControl(artifact, scratchDir, seed),
    ] as const
    const keyless = await keylessTokens(artifact, seed)
    const leaks: string[] = []
    const sums = { people: 0, requests: 0, 'bytes searched': 0 }
    const met = new Set<string>()
    let plants: ReturnType<typeof findPlants> = { planted: 0, found: 0, missed: [] }
    for (let number = 0; number < rounds; number++) {
      const round = await runRound(artifact, seed + number, people)
      leaks.push(...leaksOf(round).map((leak) => `round ${number}: ${leak}`))
      sums.people += round.people.length
      sums.requests += round.requests
      sums['bytes searched'] += Object.values(round.texts).join('').length
      for (const fault of round.met) met.add(fault)
      say(`${sums.people} people, ${leaks.length} leaks`)
      if (number === 0) plants = findPlants(round, seed, PLANTS)
    }
    await artifact.remove()

    const unmet = everyFault.filter((fault) => !met.has(fault))
    return {
      figure: `${leaks.length} leaks; ${plants.found} of ${plants.planted} planted ones found`,
      reached:
        leaks.length === 0 &&
        keyless.length === 0 &&
        plants.missed.length === 0 &&
        unmet.length === 0,
      controls,
      details: {
        ...sums,
        'kinds of planted leaks': Object.keys(encodings).length,
        'tokens of a person that are the same under two peppers': keyless.length,
        'answers and faults of the simulators met': `${everyFault.length - unmet.length} of ${everyFault.length}`,
      },
      failures: [
        ...leaks,
        ...plants.missed.map((plant) => `not found: ${plant}`),
        ...keyless.map((token) => `the same under two peppers: ${token}`),
        ...unmet.map((fault) => `not met: ${fault}`),
      ],
    }
  },
} satisfies Row

/** What was found and where, nothing of whom: the people are numbered. */
function leaksOf({ people, texts }: Round): string[] {
  const scanner = scannerFor(people)
  return Object.entries(texts).flatMap(([where, text]) =>
    [...chunksOf(text)].flatMap((chunk) =>
      scanner.scan(chunk).map(({ whose, what }) => `${what} of ${whose} in the ${where}`),
    ),
  )
}
