import { type Answer as ScenarioAnswer, answerOf, scenarios } from '../../simulators/scenarios.ts'
import { between, pick, type Random } from '../random.ts'
import { mutations } from './mutations.ts'
import { type Answer, plainReading, type Provider, type Said } from './plain-reading.ts'

export type Damaged = {
  provider: Provider
  answer: Answer
  /** What the bytes say after the damage: what they said before it, or nothing. */
  says: Said
  /** Answer and mutations, to find it again. */
  origin: string
}

type Original = { provider: Provider; name: string; answer: Answer; says: Said }

// As a provider completes them; the echo is of the plain channel.
const REFERENCE = { databao: '4XU29Z4D1795425229', juhe: 'JH1881261123120000000017DG' }
const ECHO = { realname: '张三', bankcard: '629999*****', message: '认证信息' }

const originals: readonly Original[] = scenarios
  .filter(({ fault }) => !fault)
  .flatMap((scenario) =>
    scenario.providers.map((provider) => {
      const { status, headers, body } = answerOf(provider, scenario)
      const answer: Answer = { status, headers: lowerCase(headers), body: bytesOf(provider, body) }
      return { provider, name: scenario.name, answer, says: plainReading(provider, answer) }
    }),
  )
const bySaid = [...Map.groupBy(originals, ({ says }) => says).values()]

const MOST_MUTATIONS = 3

/**
 * One answer of a provider, damaged. Damage that turns it into another answer, plain and whole, is
 * set aside (`undefined`): no reader could tell that from the truth.
 */
export function damagedAnswer(random: Random): Damaged | undefined {
  const { provider, name, answer, says } = pick(random, pick(random, bySaid))
  const sameProvider = originals.filter((original) => original.provider === provider)
  const { answer: other } = pick(random, sameProvider)
  let damaged = answer
  const origin = [`${provider} ${name}`]
  for (let left = between(random, 1, MOST_MUTATIONS); left > 0; left--) {
    const [what, mutation] = pick(random, Object.entries(mutations))
    damaged = mutation(damaged, random, other)
    origin.push(what)
  }
  const now = plainReading(provider, damaged)
  if (now !== undefined && now !== says) return undefined
  return { provider, answer: damaged, says: now, origin: origin.join(' + ') }
}

function bytesOf(provider: Provider, body: ScenarioAnswer['body']): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  const reference = REFERENCE[provider]
  if (provider === 'databao') return Buffer.from(JSON.stringify({ ...body, seqNo: reference }))
  const { result } = body
  const completed = result && { ...ECHO, ...result, jobid: reference }
  return Buffer.from(JSON.stringify({ ...body, result: completed }))
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
