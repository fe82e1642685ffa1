import { attemptsOf, mayHaveRun, repeated } from '../matrix/judge.ts'
import { judgeMatrix } from '../matrix/shared-matrix.ts'
import type { Row } from '../row.ts'

export default {
  number: 5,
  name: 'amplification',
  measure: 'hits at a provider for each request of the fault matrix',
  goal: 'at most 1.00 where the request may have run; at most 2 connects where it never did',
  limitSeconds: { quick: 240, long: 900 },
  timesItself: true,
  async run(options) {
    const { matrix, failures, controls } = await judgeMatrix(options, repeated, [
      {
        broken: 'sends again after a lost answer',
        channel: 'juhe-plain',
        cases: ['reset-before-answer', 'truncated-with-length', 'reset-while-writing'],
        file: 'lib/providers/provider-client.ts',
        from: "broken: { problem: 'provider_error', fate: 'unknown', billable: 'unknown' }",
        to: "broken: { problem: 'provider_error', fate: 'unknown', billable: 'unknown', safeToRetry: true }",
      },
      {
        broken: 'tries three times',
        channel: 'databao',
        cases: ['refused', 'gateway-t429id', 'tls-expired'],
        file: 'lib/providers/provider-client.ts',
        from: 'const MAX_ATTEMPTS = 2',
        to: 'const MAX_ATTEMPTS = 3',
      },
    ])
    const { observations } = matrix
    const ran = observations.filter(mayHaveRun)
    const never = observations.filter((seen) => !mayHaveRun(seen))
    const runs = Math.max(...ran.map(({ hits }) => hits.filter((hit) => hit.ran).length))
    const connects = Math.max(...never.map(attemptsOf))
    return {
      figure: `at most ${runs.toFixed(2)} where it may have run; at most ${connects} connects where it never did`,
      reached: failures.length === 0,
      controls,
      failures,
      details: {
        'requests that may have run': ran.length,
        'requests that never ran': never.length,
        'of these tried twice': never.filter((seen) => attemptsOf(seen) === 2).length,
      },
    }
  },
} satisfies Row
