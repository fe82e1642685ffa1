import { openEnvironment } from '../environment.ts'
import { neverSent } from '../expected.ts'
import { lateMsOf, type Phase } from '../observation.ts'
import { closedPort, startDeafPort, UNKNOWN_HOST } from '../unreachable.ts'

const HTTPS = 443
// After five failures in a row the breaker is open: the sixth request tries nothing.
const UNTIL_OPEN = 5
const TIMEOUT_MS = 1500
// Of four processes; the last one sees the connect timeout of 3 s, and a second attempt.
const DEAF_TIMEOUTS_MS = [800, 800, 800, 3700]

/** No connection at all, and a breaker that opens. */
export async function unreached(phase: Phase): Promise<void> {
  await Promise.all([
    failingName(phase, 'dns-failure', UNKNOWN_HOST, HTTPS),
    failingName(phase, 'refused', `https://127.0.0.1:${await closedPort()}`),
  ])
  await deaf(phase)
}

async function failingName(phase: Phase, name: string, url: string, port = portOf(url)) {
  if (!phase.wants(name)) return
  for (const rounds of chunks(phase.rounds, UNTIL_OPEN)) {
    await failing(phase, name, url, port, rounds, TIMEOUT_MS)
  }
}

async function deaf(phase: Phase): Promise<void> {
  const name = 'connect-timeout'
  if (!phase.wants(name)) return
  const { port, close } = await startDeafPort()
  const url = `https://127.0.0.1:${port}`
  for (const rounds of chunks(phase.rounds, UNTIL_OPEN)) {
    const [first = 0] = rounds
    const place = Math.floor(first / UNTIL_OPEN)
    const timeoutMs = DEAF_TIMEOUTS_MS[place % DEAF_TIMEOUTS_MS.length] ?? TIMEOUT_MS
    await failing(phase, name, url, port, rounds, timeoutMs)
  }
  await close()
}

async function failing(
  { stage, channel, person, observed }: Phase,
  name: string,
  url: string,
  port: number,
  rounds: readonly number[],
  timeoutMs: number,
) {
  const environment = await openEnvironment(stage, channel, url, timeoutMs)
  const names = rounds.length < UNTIL_OPEN ? [] : [`circuit-open-after-${name}`]
  for (const [place, one] of [...rounds.map(() => name), ...names].entries()) {
    const seen = await environment.ask(person())
    const connects = seen.witness?.connects.filter((to) => to === port).length ?? 0
    const { told, billable } = seen
    const lateMs = lateMsOf(seen, { timeoutMs })
    const round = rounds[place] ?? rounds[0] ?? 0
    observed.push({
      case: one,
      channel,
      round,
      expected: [neverSent],
      told,
      billable,
      lateMs,
      hits: [],
      connects,
    })
  }
  await environment.stop()
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, place) =>
    items.slice(place * size, (place + 1) * size),
  )
}
