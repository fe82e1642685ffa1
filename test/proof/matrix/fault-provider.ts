import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type LoopbackResponse,
  type Reply,
  startLoopbackServer,
} from '../../simulators/loopback-server.ts'
import { jsonReply } from '../../simulators/provider-simulator.ts'
import { answerOf, scenarioNamed } from '../../simulators/scenarios.ts'
import { between, type Random } from '../random.ts'
import { type Channel, channels, type Person, type Question, questionOf } from './channels.ts'

/** What became of a request at the provider's, whatever the caller was told. */
export type Truth = {
  /** Not turned away by the gateway before the backend. */
  ran: boolean
  /** `perhaps`: the documents do not say, so a coin decides. */
  charged: 'always' | 'never' | 'perhaps'
}

export const charged: Truth = { ran: true, charged: 'always' }
export const free: Truth = { ran: true, charged: 'never' }
export const undocumented: Truth = { ran: true, charged: 'perhaps' }
export const turnedAway: Truth = { ran: false, charged: 'never' }

/** One exchange as the provider sees it. */
export type Exchange = LoopbackResponse & { question: Question; random: Random }

/** What the provider does with one hit. */
export type Step = Truth & { deliver: (exchange: Exchange) => void | Promise<void> }

export type Hit = { ran: boolean; charged: boolean }

/** What it is to do with the hits of one person, and those that came; the last step is repeated. */
type Plan = { steps: readonly Step[]; random: Random; hits: Hit[] }

export type FaultProvider = Awaited<ReturnType<typeof startFaultProvider>>

/** All providers and channels at one address: it does with a request what a case wants, and keeps count. */
export async function startFaultProvider(tls: { key: string; cert: string }) {
  const plans = new Map<string, Plan>()
  const strays: string[] = []
  const nameOf = (channel: Channel, cardNumber: string) => `${channel} ${cardNumber}`

  const server = await startLoopbackServer({ tls }, (request, exchange) => {
    const question = questionOf(request)
    const plan = question && plans.get(nameOf(question.channel, question.cardNumber))
    if (!plan) {
      strays.push(`${request.method} ${request.path}`)
      exchange.response.writeHead(404).end()
      return
    }
    void take(plan, { ...exchange, question, random: plan.random })
  })
  return {
    url: server.url,
    /** Requests that nobody was to make: not as documented, or to where a redirect led. */
    strays,
    expect(channel: Channel, { cardNumber }: Person, steps: readonly Step[], random: Random) {
      const hits: Hit[] = []
      plans.set(nameOf(channel, cardNumber), { steps, random, hits })
      return hits
    },
    close: () => server.close(),
  }
}

async function take({ steps, random, hits }: Plan, exchange: Exchange): Promise<void> {
  const step = steps[Math.min(hits.length, steps.length - 1)] as Step
  hits.push(hitOf(step, random))
  await step.deliver(exchange)
}

export function hitOf({ ran, charged }: Truth, random: Random): Hit {
  return { ran, charged: charged === 'always' || (charged === 'perhaps' && random() < 0.5) }
}

/** The answer of a scenario with what differs from call to call. */
export function replyOf(
  scenario: string,
  { question, random }: Pick<Exchange, 'question' | 'random'>,
): Reply {
  const { channel, name, cardNumber } = question
  const { provider } = channels[channel]
  const answer = answerOf(provider, scenarioNamed(scenario))
  const reference = `4X${between(random, 1e9, 9e9)}${between(random, 1e9, 9e9)}`
  const { body } = answer
  if (typeof body !== 'object') return jsonReply(answer, 'application/json')
  if (provider === 'databao') {
    const headers = { ...answer.headers, 'X-Ca-Request-Id': reference }
    return jsonReply(
      { ...answer, headers, body: { ...body, seqNo: reference } },
      'application/json',
    )
  }
  const echo =
    channel === 'juhe-plain' ? { realname: name, bankcard: `${cardNumber.slice(0, 6)}*****` } : {}
  const result = body['result'] && { ...echo, ...body['result'], jobid: reference }
  return jsonReply({ ...answer, body: { ...body, result } }, 'application/json;charset=utf-8')
}

/** The connection of an exchange, once the answers before it are through. */
export async function socketOf({ response }: Pick<Exchange, 'response'>): Promise<Socket> {
  if (response.socket) return response.socket
  const [socket] = await once(response, 'socket')
  return socket
}

/** An answer as it stands on the wire, whoever has asked. */
export function asBytes({ status, body }: Reply): Buffer {
  const head = `HTTP/1.1 ${status} OK\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

const MOST_PIECES = 4
const PIECE_DELAY_MS = 8

/** The whole reply, in as many pieces and with as many pauses as chance has it. */
export async function sendInPieces(
  { response, random }: Pick<Exchange, 'response' | 'random'>,
  { status, headers, body }: Reply,
): Promise<void> {
  const framed = body.length === 0 || random() < 0.5
  response.writeHead(status, framed ? { ...headers, 'Content-Length': body.length } : headers)
  const pieces = between(random, 1, MOST_PIECES)
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = [piece, piece + 1].map((edge) => Math.floor((edge * body.length) / pieces))
    await sleep(random() * PIECE_DELAY_MS)
    response.write(body.subarray(from, to))
  }
  response.end()
}
