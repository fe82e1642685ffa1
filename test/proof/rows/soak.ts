import { packageArtifact } from '../../bundle/artifact.ts'
import { leakControls, toldOf } from '../load/leaking-functions.ts'
import { openLoadStage } from '../load/load-stage.ts'
import { type Growth, growthOf, mib, percentOf } from '../load/memory.ts'
import { faultsOf, RATE, steadyOf, steadySizes, talliedAs, toldOfAll } from '../load/steady-run.ts'
import type { Row } from '../row.ts'

const SIZE = { quick: 20, long: 25 }
const MOST_PERCENT = 5
/** Seconds after a start, code is still being compiled: the sample can tell less. */
const MOST_PERCENT_OF_SAMPLE = 15

export default {
  number: 8,
  name: 'soak',
  measure: `30 minutes at ${RATE} requests/s: what the packaged functions that work hold, garbage collected, from minute 5 on`,
  goal: `memory grows less than ${MOST_PERCENT} %, handles do not`,
  limitSeconds: { quick: 180, long: 2700 },
  timesItself: true,
  async run(options) {
    const { quick, scratchDir } = options
    const artifact = await packageArtifact()
    const size = SIZE[quick ? 'quick' : 'long']
    const { settledSeconds, warm } = steadySizes[quick ? 'quick' : 'long']
    const most = quick ? MOST_PERCENT_OF_SAMPLE : MOST_PERCENT
    const { readings, settled, whole } = await steadyOf(options, () =>
      openLoadStage(artifact, { size }),
    )
    const controls = await leakControls(artifact, scratchDir, (growth) => isTooMuch(growth, most))
    await artifact.remove()

    const wrongs = [...faultsOf(whole), ...talliedAs('problem', whole)]
    const growth = growthOf(readings, settled, warm)
    const { environments, requests, rss, memory, heap } = growth
    const told = `${toldOf(growth)}; ${wrongs.length} faults and ${whole.errors} errors of ${whole.requests} requests`
    return {
      figure: quick ? `${told} (a sample, which may grow by ${MOST_PERCENT_OF_SAMPLE} %)` : told,
      reached: !isTooMuch(growth, most) && wrongs.length === 0,
      controls,
      failures: wrongs,
      details: {
        [`environments that worked, after ${warm} requests at least`]: environments,
        'all that the half hour came to': toldOfAll(whole),
        'requests to them between the two readings': requests,
        'seconds until the first reading': settledSeconds,
        'resident memory without the young generation': changeOf(memory),
        'with it': changeOf(rss),
        'heap and buffers': changeOf(heap),
      },
    }
  },
} satisfies Row

const changeOf = (bytes: readonly number[]) => bytes.map((it) => `${mib(it)} MiB`).join(' → ')

function isTooMuch({ memory, heap, handles }: Growth, mostPercent: number): boolean {
  const [before, after] = handles
  return percentOf(memory) >= mostPercent || percentOf(heap) >= mostPercent || after > before
}
