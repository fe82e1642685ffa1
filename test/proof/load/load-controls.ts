import type { Artifact } from '../../bundle/artifact.ts'
import { noReservation } from '../../ledger/long/cluster-properties.ts'
import type { Spoil } from '../../ledger/long/store-proxy.ts'
import type { Control } from '../row.ts'
import { arrivalsOf } from './arrivals.ts'
import { openLoadStage } from './load-stage.ts'
import { runOpenLoop } from './open-loop.ts'
import { phaseOf, warmUp } from './steady-run.ts'

const SIZE = 8
const load = { rate: 40, seconds: 4, repeatShare: 0.5 }

/** Load on a stack that is broken, and whether what is counted shows it. */
export async function loadControls(artifact: Artifact, seed: number): Promise<[Control, Control]> {
  const run = async ({ spoil, confused }: { spoil?: Spoil; confused: boolean }) => {
    const stage = await openLoadStage(artifact, { size: SIZE, ...(spoil && { spoil }) })
    const firstPerson = await warmUp(stage)
    if (confused) await stage.confuseProvider()
    const seen = await runOpenLoop(stage, arrivalsOf({ ...load, seed, firstPerson }))
    const phase = phaseOf(seen, await stage.takeHits())
    await stage.close()
    return phase
  }
  const crossed = await run({ confused: true })
  const unconditional = await run({ confused: false, spoil: noReservation })
  return [
    {
      broken: 'a provider that answers with the verdict of the request before',
      caught: crossed.wrong.length > 0,
      figure: `${crossed.wrong.length} wrong answers of ${crossed.requests}`,
    },
    {
      broken: 'a store that lets everybody reserve',
      caught: unconditional.twice.length > 0,
      figure: `${unconditional.twice.length} people asked about twice, of ${unconditional.requests} requests`,
    },
  ]
}
