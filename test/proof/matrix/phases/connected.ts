import { shuffled } from '../../random.ts'
import { openEnvironment } from '../environment.ts'
import { type Expected, lost, match, neverSent } from '../expected.ts'
import { type LineFault, startLine } from '../line.ts'
import type { certificates } from '../certificates.ts'
import { lateMsOf, type Phase, randomFor } from '../observation.ts'

const TIMEOUT_MS = 2000
// One more in a row opens the circuit breaker.
const FAILURES_IN_A_ROW = 4

/** Of the first connection and the next; the last fault is repeated. */
const lineCases: readonly (readonly [Expected, ...LineFault[]])[] = [
  [neverSent, 'tls-untrusted'],
  [neverSent, 'tls-expired'],
  [neverSent, 'tls-wrong-host'],
  [neverSent, 'tls-old-version'],
  [neverSent, 'tls-plain-http'],
  [neverSent, 'tls-closed-in-handshake'],
  [neverSent, 'tls-stalled'],
  [neverSent, 'reset-before-handshake'],
  [neverSent, 'reset-in-handshake'],
  [lost, 'reset-before-writing'],
  [lost, 'reset-while-writing'],
  [match, 'reset-in-handshake', 'answers'],
  [match, 'tls-untrusted', 'answers'],
  [lost, 'tls-closed-in-handshake', 'reset-while-writing'],
]

/** Connections that fail, before and after the request may have been written. */
export async function connected(
  phase: Phase,
  certificate: ReturnType<typeof certificates>,
): Promise<void> {
  const { channel, stage, rounds } = phase
  const cases = lineCases
    .map(([expected, ...faults]) => ({ name: faults.join(', then '), expected, faults }))
    .filter(({ name }) => phase.wants(name))
  if (cases.length === 0) return
  const line = await startLine(certificate)
  const environment = await openEnvironment(stage, channel, line.url, TIMEOUT_MS)

  async function ask(
    name: string,
    expected: Expected,
    faults: readonly LineFault[],
    round: number,
  ) {
    const hits = line.play(faults, randomFor(phase, name, round))
    const seen = await environment.ask(phase.person())
    const connects = seen.witness?.connects.filter((port) => port === line.port).length ?? 0
    const { told, billable } = seen
    const lateMs = lateMsOf(seen, { timeoutMs: TIMEOUT_MS })
    phase.observed.push({
      case: name,
      channel,
      round,
      expected: [expected],
      told,
      billable,
      lateMs,
      hits,
      connects,
    })
  }

  let asked = 0
  // It may have connected ahead.
  await ask('answers', match, ['answers'], 0)
  for (const round of rounds) {
    for (const one of shuffled(randomFor(phase, 'line order', round), cases)) {
      await ask(one.name, one.expected, one.faults, round)
      if (++asked % FAILURES_IN_A_ROW === 0) await ask('answers', match, ['answers'], round)
    }
  }
  await environment.stop()
  await line.close()
}
