import { packageArtifact } from '../../bundle/artifact.ts'
import { loadControls } from '../load/load-controls.ts'
import { openLoadStage } from '../load/load-stage.ts'
import { faultsOf, MOST_P99_MS, RATE, steadyOf, talliedAs, toldOfAll } from '../load/steady-run.ts'
import { stress, type Stress } from '../load/stress.ts'
import type { Row } from '../row.ts'

/** Environments of each of two functions. */
const SIZE = { quick: 20, long: 25 }
const MOST_RECOVERY_SECONDS = 5

export default {
  number: 7,
  name: 'load',
  measure: `open-loop load of ${RATE} requests/s on the packaged functions with ledger and a 20 ms provider, distinct people, latency from when a request was due; then five times as much`,
  goal: `0 errors, p99 below ${MOST_P99_MS} ms; under overload no wrong answer, no second hit, recovery within ${MOST_RECOVERY_SECONDS} s`,
  limitSeconds: { quick: 240, long: 2700 },
  timesItself: true,
  async run(options) {
    const { quick } = options
    const artifact = await packageArtifact()
    const size = SIZE[quick ? 'quick' : 'long']
    const openStage = () => openLoadStage(artifact, { size })
    const controls = await loadControls(artifact, options.seed)
    const { load, p99OfThirds, whole } = await steadyOf(options, openStage)
    const stage = await openStage()
    const stressed = await stress(stage, options)
    await stage.close()
    await artifact.remove()

    const { overload, after, recoverySeconds } = stressed
    const phases = [load, overload, after]
    // In a sample only the even load: what is too much for a machine is the machine's.
    const problems = (quick ? [load] : phases).flatMap((phase) => talliedAs('problem', phase))
    const wrongs = [...phases.flatMap(faultsOf), ...problems]
    const isInTime =
      load.errors === 0 && load.p99 < MOST_P99_MS && recoverySeconds <= MOST_RECOVERY_SECONDS
    const told = [
      `${load.errors} errors of ${load.requests}, p99 ${load.p99} ms`,
      `under overload ${overload.wrong.length} wrong, ${overload.twice.length} second hits`,
      `recovery ${recoverySeconds} s`,
    ].join('; ')
    return {
      // How fast the machine is decides nothing in a sample, which CI takes on any machine.
      figure: quick ? `${told} (a sample, which may turn away and be late)` : told,
      reached: wrongs.length === 0 && (quick || isInTime),
      controls,
      failures: [...wrongs, ...talliedAs('turned away', load)],
      details: {
        'environments of each function': size,
        'requests in the whole steady time': whole.requests,
        'p99 of its thirds': `${p99OfThirds.join(', ')} ms`,
        ...detailsOf(stressed),
      },
    }
  },
} satisfies Row

function detailsOf({ overload, answeredPerSecond, cores, ceiling }: Stress) {
  const shares = (used: Stress['cores']) =>
    Object.entries(used)
      .map(([part, share]) => `${part} ${share}`)
      .join(', ')
  return {
    'requests under overload': overload.requests,
    'of these answered a second': answeredPerSecond,
    'p99 of those not turned away': `${overload.p99} ms`,
    'all that they came to': toldOfAll(overload),
    'cores used under overload': shares(cores),
    ...(ceiling && {
      'highest rate in time and without an error': `${ceiling.rate}/s`,
      'cores used at it': shares(ceiling.cores),
    }),
  }
}
