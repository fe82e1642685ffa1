import { carelessFunctions } from '../authorisation/careless-functions.ts'
import { openDoor } from '../authorisation/door.ts'
import { runMatrix } from '../authorisation/matrix.ts'
import { packageArtifact } from '../../bundle/artifact.ts'
import type { Row } from '../row.ts'

const sizes = {
  long: { strangers: Infinity, spoilt: 5000 },
  quick: { strangers: 3, spoilt: 500 },
}

export default {
  number: 11,
  name: 'authorisation',
  measure:
    'every kind of caller at every route of the packaged functions, before records of its own, of others, of nobody and such as are gone',
  goal: '100 % of the cells as expected, 0 provider hits when denied',
  limitSeconds: { quick: 120, long: 600 },
  async run({ quick, seed, scratchDir }) {
    const artifact = await packageArtifact()
    const controls = await carelessFunctions(artifact, scratchDir, seed)
    const door = await openDoor(artifact)
    const { cells, denied, hitsWhenDenied, wrong } = await runMatrix(
      door,
      seed,
      sizes[quick ? 'quick' : 'long'],
    )
    await door.close()
    await artifact.remove()
    const share = Math.floor((10_000 * (cells - wrong.length)) / cells) / 100
    return {
      figure: `${share} % of ${cells} cells, ${hitsWhenDenied} provider hits when denied`,
      reached: wrong.length === 0 && hitsWhenDenied === 0,
      controls,
      details: { cells, 'of these denied': denied },
      failures: wrong,
    }
  },
} satisfies Row
