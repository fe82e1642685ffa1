import { misbilled } from '../matrix/judge.ts'
import type { Observation } from '../matrix/observation.ts'
import { judgeMatrix } from '../matrix/shared-matrix.ts'
import type { Row } from '../row.ts'

export default {
  number: 6,
  name: 'billing-truth',
  measure:
    '`billable` of each request of the fault matrix against what the simulated provider charged',
  goal: '`no` wrong 0 times, `yes` wrong 0 times',
  limitSeconds: { quick: 240, long: 900 },
  timesItself: true,
  async run(options) {
    const { matrix, failures, controls } = await judgeMatrix(options, misbilled, [
      {
        broken: 'calls a timeout free of charge',
        channel: 'juhe-encrypted',
        cases: ['hang', 'late-answer', 'slow-headers', 'slow-body', 'drip'],
        // The provider charges every other one: that it charges none of twenty will not happen.
        rounds: 4,
        file: 'lib/providers/provider-client.ts',
        from: "timed_out: { problem: 'provider_timeout', fate: 'unknown', billable: 'unknown' }",
        to: "timed_out: { problem: 'provider_timeout', fate: 'unknown', billable: 'no' }",
      },
      {
        broken: 'calls a declined comparison charged',
        channel: 'juhe-plain',
        cases: ['juhe-218806', 'juhe-absent-result'],
        file: 'lib/providers/juhe/juhe-wire.ts',
        from: "reason: 'declined', billable: 'no'",
        to: "reason: 'declined', billable: 'yes'",
      },
    ])
    const said = (billable: string) =>
      matrix.observations.filter((seen) => seen.billable === billable)
    const wrong = (billable: string) =>
      misbilled({ observations: said(billable), strays: [] }).length
    return {
      figure: `\`no\` wrong ${wrong('no')} of ${said('no').length} times, \`yes\` wrong ${wrong('yes')} of ${said('yes').length} times`,
      reached: failures.length === 0,
      controls,
      failures,
      details: {
        '`unknown`': said('unknown').length,
        'of these charged by the simulated provider': said('unknown').filter(isCharged).length,
      },
    }
  },
} satisfies Row

function isCharged({ hits }: Observation): boolean {
  return hits.some(({ charged }) => charged)
}
