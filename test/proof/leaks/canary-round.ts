import type { Artifact } from '../../bundle/artifact.ts'
import { serviceSecrets } from '../../bundle/service-secrets.ts'
import { scenarios } from '../../simulators/scenarios.ts'
import { Draw } from '../hostile-input/draw.ts'
import { Canaries, type Canary } from './canaries.ts'
import { openCanaryStage, type Texts } from './canary-stage.ts'
import { anyAddressee, ask, travel } from './journeys.ts'
import { LeakScanner } from './leak-scanner.ts'

export const aesKey = serviceSecrets['AES key'] ?? ''

/** Of the people, so many are given to a provider's faults; the others get a verdict. */
const FAULTY = 0.45
// Waiting for a provider that hangs costs no CPU.
const LANES = 24
const MOST_TRIES = 20

const faults = scenarios.flatMap(({ name, number, providers }) =>
  providers.map((provider) => ({ provider, number, id: `${provider} ${name}` })),
)

/** Everything that the simulators can answer, which a round has to meet. */
export const everyFault = faults.map(({ id }) => id)

/** Who asks the provider of a fault, without a fault of its surroundings. */
const askers = { databao: ['three'], juhe: ['encrypted', 'plain'] } as const

export type Round = { people: Canary[]; texts: Texts; met: Set<string>; requests: number }

/** Some people, each on a way of its own through functions, faults and later looks at the records. */
export async function runRound(artifact: Artifact, seed: number, count: number): Promise<Round> {
  const draw = new Draw(seed)
  const canaries = new Canaries(draw)
  const people: Canary[] = []
  const stage = await openCanaryStage(artifact)
  await stage.tryToStartWithBadSettings()

  const send = async (place: number) => {
    const { provider, number } = faults[place % faults.length]!
    const isFaulty = draw.happens(FAULTY)
    const person = isFaulty ? canaries.personOf(number) : canaries.person()
    const to = isFaulty ? draw.one(askers[provider]) : anyAddressee(draw)
    people.push(person)
    await travel(stage, new Draw(seed, place), person, to)
  }
  const queue = Array.from({ length: count }).keys()
  const lane = async () => {
    for (const place of queue) await send(place)
  }
  await Promise.all(Array.from({ length: LANES }, lane))

  // Some requests were spoilt on purpose, and some cards are locked: what they were for is to be met.
  for (const { provider, number, id } of faults) {
    for (let tries = 0; tries < MOST_TRIES && !stage.met().has(id); tries++) {
      const person = canaries.personOf(number)
      people.push(person)
      await ask(stage, person, askers[provider][0])
    }
  }
  const met = stage.met()
  const texts = await stage.close()
  return { people, texts, met, requests: texts.responses.split('\n').length }
}

export const scannerFor = (people: readonly Canary[]) =>
  new LeakScanner(people, serviceSecrets, aesKey)

/** Where texts of this size end, lines are whole. */
const CHUNK = 2 ** 17

/** A long text in parts that end where a line ends. */
export function* chunksOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf('\n', start + CHUNK)
    const end = lineEnd < 0 ? text.length : lineEnd + 1
    yield text.slice(start, end)
    start = end
  }
}
