import { attemptsOf, mib, unexpected } from '../matrix/judge.ts'
import type { Observation } from '../matrix/observation.ts'
import { judgeMatrix } from '../matrix/shared-matrix.ts'
import type { Row } from '../row.ts'

export default {
  number: 1,
  name: 'fault-matrix',
  measure:
    'faults of names, connections, TLS and HTTP, bodies without end, crossed answers, every gateway class and provider code, for each provider and channel, in packaged functions',
  goal: '100 % as expected; no answer later than its deadline + 250 ms; memory grows by less than 20 MiB; no crash',
  limitSeconds: { quick: 240, long: 900 },
  timesItself: true,
  async run(options) {
    const { matrix, failures, controls } = await judgeMatrix(options, unexpected, [
      {
        broken: 'takes an unknown code for a match',
        channel: 'databao',
        cases: ['databao-unknown-code', 'databao-code-to-string'],
        file: 'lib/providers/databao/databao-wire.ts',
        from: 'if (!isIn(databaoCodes, code)) return withReference(unreadable, reference)',
        to: "if (!isIn(databaoCodes, code)) return withReference({ verdict: 'match', billable: 'yes' }, reference)",
      },
      {
        broken: 'reads bodies of any size',
        channel: 'juhe-plain',
        cases: ['200-mib-chunked'],
        file: 'lib/providers/post-form.ts',
        from: 'if (bytes > MAX_ANSWER_BYTES) return broken()',
        to: '',
      },
      {
        broken: 'its deadline ends with the headers',
        channel: 'juhe-encrypted',
        cases: ['drip', 'slow-body'],
        file: 'lib/providers/post-form.ts',
        from: "request.on('response', (response) => {",
        to: "request.on('response', (response) => { clearTimeout(deadlineTimer)",
      },
      {
        broken: 'trusts every certificate',
        channel: 'databao',
        cases: ['tls-untrusted', 'tls-expired', 'tls-wrong-host'],
        file: 'lib/net/connection.ts',
        from: 'rejectUnauthorized: true',
        to: 'rejectUnauthorized: false',
      },
    ])
    const { observations } = matrix
    const right = observations.filter(({ told, expected }) => expected.includes(told)).length
    const crashes = observations.filter(({ told }) => told.startsWith('crashed')).length
    const latest = Math.max(...observations.map(({ lateMs }) => lateMs))
    const grown = Math.max(...observations.map(({ grownBytes = 0 }) => grownBytes))
    return {
      figure: `${right} of ${observations.length} as expected; latest ${latest} ms past its deadline; memory +${mib(grown)}; ${crashes} crashes`,
      reached: failures.length === 0,
      controls,
      failures,
      details: detailsOf(observations),
    }
  },
} satisfies Row

function detailsOf(observations: readonly Observation[]): Record<string, number> {
  const channels = Map.groupBy(observations, ({ channel }) => channel)
  const cases = [...channels].map(([channel, seen]) => [
    `cases of ${channel}`,
    new Set(seen.map(({ case: name }) => name)).size,
  ])
  return {
    requests: observations.length,
    ...Object.fromEntries(cases),
    'late answers that were measured again': observations.filter((seen) => seen.measuredAgain)
      .length,
    'hits and connections': observations.reduce((sum, seen) => sum + attemptsOf(seen), 0),
  }
}
