import { packageArtifact } from '../../bundle/artifact.ts'
import { brokenValidators } from '../hostile-input/broken-validators.ts'
import { inProcessHandlers } from '../hostile-input/in-process.ts'
import { runLocalApiCases } from '../hostile-input/local-api.ts'
import { runPackagedCases } from '../hostile-input/packaged.ts'
import { runHandlerCases, runValidatorCases } from '../hostile-input/run-cases.ts'
import { SLOW_MS, type Tally } from '../hostile-input/tally.ts'
import type { Row } from '../row.ts'

const counts = {
  long: { validators: 1_000_000, handlers: 200_000, packaged: 3000 },
  quick: { validators: 20_000, handlers: 4000, packaged: 300 },
}

export default {
  number: 3,
  name: 'hostile-input',
  measure:
    'hostile input on the validators, the handlers, the packaged functions and the local API, against an oracle that was written from the contract alone',
  goal: `0 answers 5xx, 0 provider hits that should not be, 0 crashes, 0 cases above ${SLOW_MS} ms of CPU`,
  limitSeconds: { quick: 90, long: 900 },
  async run({ quick, seed, say }) {
    const { validators, handlers, packaged } = counts[quick ? 'quick' : 'long']
    const controls = await brokenValidators(seed)
    const artifact = await packageArtifact()
    const tallies: Record<string, Tally> = {
      'cases on the validators': runValidatorCases({ seed, count: validators, say }),
      'cases through the handlers': await runHandlerCases(inProcessHandlers(), {
        seed,
        count: handlers,
        say,
      }),
      'cases through the packaged functions': await runPackagedCases(artifact, {
        seed,
        count: packaged,
      }),
      'cases through the local HTTP API': await runLocalApiCases(artifact, {
        seed,
        count: packaged,
      }),
    }
    await artifact.remove()

    const all = Object.values(tallies)
    const sum = (fault: string) => all.reduce((total, tally) => total + tally.count(fault), 0)
    return {
      figure: `${sum('5xx')} answers 5xx, ${sum('provider hit')} provider hits, ${sum('crash')} crashes, ${sum('slow')} slow`,
      reached: all.every(({ allFaults }) => allFaults === 0),
      controls,
      details: {
        ...Object.fromEntries(Object.entries(tallies).map(([what, { cases }]) => [what, cases])),
        'answers other than the oracle allows': sum('answer') + sum('wrong'),
      },
      failures: Object.entries(tallies).flatMap(([what, { failures }]) =>
        failures.map((failure) => `${what}: ${failure}`),
      ),
    }
  },
} satisfies Row
