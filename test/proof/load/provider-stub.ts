import { createDecipheriv, createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen, optionsOfMock, serveCommands } from '../../bench/servers/mock-protocol.ts'
import { answerOf, scenarioFor } from '../../simulators/scenarios.ts'

/**
 * Both providers in one process: each person's own answer, after `latencyMs`. It keeps count of
 * how often each card was asked about.
 */
const { latencyMs, openId }: { latencyMs: number; openId: string } = optionsOfMock()
const key = createHash('md5').update(openId).digest('hex').slice(0, 16)

const hits = new Map<string, number>()
let isConfused = false
let before = ''

const server = createServer(async (request, response) => {
  const form = new URLSearchParams((await buffer(request)).toString())
  const provider = form.has('acct_no') ? 'databao' : 'juhe'
  const card = form.get('acct_no') ?? decrypted(form.get('bankcard') ?? '')
  hits.set(card, (hits.get(card) ?? 0) + 1)
  const asked = isConfused && before !== '' ? before : card
  before = card
  const { body } = answerOf(provider, scenarioFor(provider, asked))
  setTimeout(() => {
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(JSON.stringify(body))
  }, latencyMs)
})
// Longer than any pause between two requests of an environment.
server.keepAliveTimeout = 60_000

function decrypted(text: string): string {
  const decipher = createDecipheriv('aes-128-ecb', key, null)
  return decipher.update(text, 'base64', 'utf8') + decipher.final('utf8')
}

serveCommands(`http://127.0.0.1:${await listen(server)}`, {
  /** How often each card was asked about, since the last time. */
  takeHits: () => {
    const counted = Object.fromEntries(hits)
    hits.clear()
    return counted
  },
  /** Answers everybody with what it knows of the one before. */
  confuse: (confused: boolean) => {
    isConfused = confused
  },
  cpuMs: () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
})
