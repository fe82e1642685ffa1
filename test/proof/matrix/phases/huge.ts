import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { shuffled } from '../../random.ts'
import { matchReply, scenarioStep } from '../case.ts'
import { openEnvironment } from '../environment.ts'
import { lost, match } from '../expected.ts'
import { charged, type Exchange, type Step, undocumented } from '../fault-provider.ts'
import { observe, type Phase, randomFor } from '../observation.ts'

const TIMEOUT_MS = 5000
const WARM_UP = 10
const MIB = 2 ** 20
const BODY_BYTES = 200 * MIB
// Packed, it stays below any sensible limit of size.
const BOMB_BYTES = 48 * MIB

/** Bodies that would fill the memory of whoever reads or unpacks them. */
export async function huge(phase: Phase): Promise<void> {
  const { channel, stage, provider, rounds, observed } = phase
  const cases = Object.entries(deliveries)
    .filter(([name]) => phase.wants(name))
    .map(([name, deliver]) => ({ name, steps: [{ ...undocumented, deliver }] }))
  if (cases.length === 0) return
  const environment = await openEnvironment(stage, channel, provider.url, TIMEOUT_MS)
  const limits = { timeoutMs: TIMEOUT_MS }
  const aMatch = { name: 'match', expected: [match], steps: [scenarioStep('match', charged)] }
  let rss = Infinity
  for (let asked = 0; asked < WARM_UP; asked++) {
    const { witness } = await observe(phase, environment, { ...aMatch, round: 0 }, limits)
    rss = witness?.rss ?? Infinity
  }
  for (const round of rounds) {
    for (const one of shuffled(randomFor(phase, 'huge order', round), cases)) {
      const { witness } = await observe(
        phase,
        environment,
        { ...one, expected: [lost], round },
        limits,
      )
      const last = observed.findLast(({ case: name }) => name === one.name)
      if (last && witness) last.grownBytes = witness.peak - rss
      rss = witness?.rss ?? Infinity
    }
  }
  await environment.stop()
}

const padding = Buffer.alloc(MIB / 16, ' ')

async function* padded(exchange: Exchange) {
  for (let sent = 0; sent < BODY_BYTES; sent += padding.length) yield padding
  yield matchReply(exchange).body
}

const endless =
  (headers: (exchange: Exchange) => object): Step['deliver'] =>
  async (exchange) => {
    const { response } = exchange
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers(exchange) })
    // That the reader hangs up is what is hoped for.
    await pipeline(Readable.from(padded(exchange)), response).catch(() => {})
  }

let packed: Buffer | undefined
const bomb = () => (packed ??= gzipSync(Buffer.alloc(BOMB_BYTES, ' ')))

const deliveries: Record<string, Step['deliver']> = {
  '200-mib-chunked': endless(() => ({})),
  '200-mib-with-length': endless((exchange) => ({
    'Content-Length': BODY_BYTES + matchReply(exchange).body.length,
  })),
  'gzip-bomb': (exchange) => {
    const body = Buffer.concat([gzipSync(matchReply(exchange).body), bomb()])
    exchange.response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body)
  },
}
