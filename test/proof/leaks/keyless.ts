import type { Artifact, PackagedFunction } from '../../bundle/artifact.ts'
import { fingerprintPepper } from '../../simulators/start-simulators.ts'
import { Draw } from '../hostile-input/draw.ts'
import type { Control } from '../row.ts'
import { brokenFunction } from './broken-function.ts'
import { Canaries } from './canaries.ts'
import { openCanaryStage } from './canary-stage.ts'
import { ask } from './journeys.ts'

const PEOPLE = 20
const PEPPERS = [fingerprintPepper, `another-${fingerprintPepper}`] as const
/** Shorter ones tell too little. */
const TOKEN = /[A-Za-z0-9_+/=-]{12,}/g
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z?/g

type Change = (fn: PackagedFunction) => PackagedFunction

/**
 * What comes out of the functions for the same people under two peppers, and not for others: a
 * digest of theirs, of whatever fields, into which no pepper went.
 */
export async function keylessTokens(
  artifact: Artifact,
  seed: number,
  change?: Change,
): Promise<string[]> {
  const tokensOf = async (who: number, pepper: string) => {
    const stage = await openCanaryStage(artifact, change, pepper)
    const canaries = new Canaries(new Draw(seed, who))
    for (let place = 0; place < PEOPLE; place++) {
      const person = canaries.person()
      const headers = { 'idempotency-key': `${who}-${place}` }
      for (const member of ['three', 'plain'] as const) await ask(stage, person, member, headers)
    }
    const texts = Object.values(await stage.close()).join('\n')
    return new Set(texts.replaceAll(TIME, '').match(TOKEN))
  }
  const [one, another] = PEPPERS
  const tokens = await tokensOf(1, one)
  const underAnother = await tokensOf(1, another)
  const ofOthers = await tokensOf(2, another)
  return [...tokens].filter((token) => underAnother.has(token) && !ofOthers.has(token))
}

/** Fingerprints that are digests of the same fields without the pepper. */
export async function keylessControl(
  artifact: Artifact,
  scratchDir: string,
  seed: number,
): Promise<Control> {
  const file = 'lib/ledger/fingerprint.ts'
  const breakages = [
    { file, from: 'import { createHmac }', to: 'import { createHash }' },
    { file, from: "createHmac('sha256', pepper)", to: "createHash('sha256')" },
  ]
  const broken = await Promise.all(
    (['verifyThreeElement', 'verifyTwoElement'] as const).map((name) =>
      brokenFunction(artifact.fn(name), scratchDir, breakages),
    ),
  )
  const change: Change = (fn) => broken.find(({ name }) => name === fn.name) ?? fn
  const found = await keylessTokens(artifact, seed, change)
  return {
    broken: 'fingerprints that are digests without a key',
    caught: found.length > 0,
    figure: `${found.length} tokens of ${PEOPLE} people are the same under two peppers`,
  }
}
