import http, { type IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { onceConnected } from '../net/connection.ts'
import { inMemoryAgent } from '../net/in-memory-agent.ts'
import { keepAliveAgent } from '../net/keep-alive-agent.ts'

export type FormAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/**
 * What became of one POST.
 * - `never_sent`: no byte of the request left this machine.
 * - `timed_out`, `broken`: the request may have run.
 */
export type Exchange =
  | { outcome: 'answered'; answer: FormAnswer }
  | { outcome: 'never_sent' | 'timed_out' | 'broken' }

export type FormRequest = {
  headers?: Record<string, string>
  form: Record<string, string>
  /** `performance.now()` at which the whole exchange must be over, its body included. */
  deadline: number
}

export type PostForm = {
  (request: FormRequest): Promise<Exchange>
  /** Opens the connection for the first request, and sends nothing. */
  connectAhead(): Promise<void>
}

/** Answers of both providers stay under 1 KiB; anything beyond this is not one of them. */
const MAX_ANSWER_BYTES = 64 * 1024
const CONNECT_TIMEOUT_MS = 3000
// Below the 5 s after which many servers close an idle connection. A Lambda freeze counts as idle.
const MAX_IDLE_MS = 4000

/**
 * The only outbound call to a provider: a form POST that follows no redirect and retries nothing.
 * The body is written once the connection stands, so `never_sent` is known and not guessed.
 */
export function postFormTo(address: string): PostForm {
  const url = new URL(address)
  const { agent, dropIdle, connectAhead } = keepAliveAgent(url)
  const post = (request: FormRequest) => {
    dropIdle(MAX_IDLE_MS)
    return exchange(url, agent, request)
  }
  return Object.assign(post, { connectAhead: () => connectAhead(1) })
}

/** What a POST does within this process, with an answer of our own: nothing of it is sent. */
export function rehearsePost(request: FormRequest, answer: string): Promise<Exchange> {
  // Such an address leads nowhere (RFC 5737), and Node need not find out whether a name is one.
  return exchange(new URL('https://192.0.2.1'), inMemoryAgent(answer), request)
}

function exchange(
  url: URL,
  agent: http.Agent,
  { headers, form, deadline }: FormRequest,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const body = Buffer.from(new URLSearchParams(form).toString())
    const millisecondsLeft = deadline - performance.now()
    if (millisecondsLeft <= 0) return resolve({ outcome: 'never_sent' })
    let sent = false
    const request = http.request(url, {
      method: 'POST',
      // Which also knows whether it is TLS.
      agent,
      headers: {
        ...headers,
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'content-length': body.length,
        accept: 'application/json',
        'accept-encoding': 'identity',
      },
    })

    const settle = (exchange: Exchange) => {
      clearTimeout(connectTimer)
      clearTimeout(deadlineTimer)
      resolve(exchange)
      if (exchange.outcome !== 'answered') request.destroy()
    }
    const fail = (outcome: 'timed_out' | 'broken') =>
      settle({ outcome: sent ? outcome : 'never_sent' })
    const broken = () => fail('broken')
    const deadlineTimer = setTimeout(() => fail('timed_out'), millisecondsLeft)
    const connectTimer = setTimeout(broken, CONNECT_TIMEOUT_MS)

    const send = () => {
      clearTimeout(connectTimer)
      sent = true
      request.end(body)
    }
    request.on('socket', (socket: Socket) => onceConnected(socket, send))
    request.on('error', broken)
    request.on('close', broken)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) return broken()
        chunks.push(chunk)
      })
      response.on('error', broken)
      response.on('end', () => {
        if (!response.complete) return broken()
        const { statusCode = 0, headers } = response
        settle({
          outcome: 'answered',
          answer: { status: statusCode, headers, body: Buffer.concat(chunks) },
        })
      })
    })
  })
}
