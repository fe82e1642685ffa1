import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../lib/errors/app-error.ts'
import { problemOf } from '../../lib/errors/problem.ts'
import type { ProviderAnswer } from '../../lib/verification/verdict.ts'
import { verificationId, verificationOf, withLast4 } from '../../lib/verification/verification.ts'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'
import { scenarioFor } from '../simulators/scenarios.ts'

export type Reply = { status: number; headers: Record<string, string>; body: string }

/** One request as it came. `number` counts them from 1. */
type Hit = {
  number: number
  key: string
  card: string
  reference: string | undefined
  headers: IncomingMessage['headers']
}

type StubOptions = {
  /** In place of a verdict; it is not kept under the key. `hang-up` loses the connection. */
  instead?: (hit: Hit) => Reply | 'hang-up' | undefined
  delayMs?: () => number
  onHit?: (hit: Hit) => void
  /** Off where only numbers of requests matter, and many of them come. */
  remembers?: boolean
}

/**
 * Stands in for the API: verdicts by the scenario of a card, kept under the key as the ledger does,
 * and a count of the calls that it would have paid for.
 */
export async function startStubApi({
  instead = () => undefined,
  delayMs = () => 0,
  onHit = () => undefined,
  remembers = true,
}: StubOptions = {}) {
  const hits: Hit[] = []
  /** Calls to a provider by the card that was asked about, each with its key. */
  const calls = new Map<string, string[]>()
  const kept = new Map<string, Reply | 'running'>()
  let number = 0

  async function answer(request: IncomingMessage): Promise<Reply | 'hang-up'> {
    const fields = JSON.parse(await text(request))
    const key = String(request.headers['idempotency-key'])
    const { cardNumber: card, reference } = fields
    const hit = { number: ++number, key, card, reference, headers: request.headers }
    if (remembers) hits.push(hit)
    onHit(hit)
    const other = instead(hit)
    if (other) return other
    const earlier = kept.get(key)
    if (earlier === 'running') return problem(new AppError('verification_in_progress'))
    if (earlier) return replayed(earlier)

    if (remembers) {
      kept.set(key, 'running')
      calls.set(card, [...(calls.get(card) ?? []), key])
    }
    await sleep(delayMs())
    const reply = verdict(request.url ?? '', fields)
    if (remembers) kept.set(key, reply)
    return reply
  }

  const server = createServer(async (request, response) => {
    const reply = await answer(request)
    if (reply === 'hang-up') request.socket.destroy()
    else response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits,
    calls,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const databao = { provider: 'databao', elements: ['name', 'idNumber', 'cardNumber'] } as const
const juhe = { provider: 'juhe', elements: ['name', 'cardNumber'] } as const
const answers: Readonly<Record<string, ProviderAnswer>> = {
  mismatch: { verdict: 'mismatch', billable: 'yes' },
  unverifiable: { verdict: 'unverifiable', reason: 'abnormal', billable: 'unknown' },
}

function verdict(url: string, fields: Record<string, unknown>): Reply {
  const isThree = url.endsWith('/three-element')
  const parsed = isThree ? parseThreeElementRequest(fields) : parseTwoElementRequest(fields)
  if ('errors' in parsed) {
    return problem(new AppError('validation_failed', { errors: parsed.errors }))
  }
  const { request } = parsed
  const { name } = scenarioFor('databao', request.person.cardNumber)
  const answer = answers[name] ?? { verdict: 'match', billable: 'yes' }
  const operation = isThree ? databao : juhe
  const time = new Date().toISOString()
  const verification = verificationOf(operation, request, answer, verificationId(), time)
  return json(200, withLast4(verification, request.person))
}

export function json(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** As the API's functions tell a failure. */
export function problem(error: AppError): Reply {
  const { problem, retryAfterSeconds } = problemOf(
    error,
    'c0ffee00-0000-4000-8000-000000000000',
    'en',
  )
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problem),
  }
}

function replayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, 'idempotency-replayed': 'true' } }
}
