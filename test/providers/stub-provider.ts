import {
  type LoopbackRequest,
  sendReply,
  startLoopbackServer,
} from '../simulators/loopback-server.ts'

/** One answer of a script; an object as `body` is sent as JSON. */
export type StubAnswer =
  | { status?: number; headers?: Record<string, string>; body?: unknown; afterMs?: number }
  | 'hang'
  | 'reset'

export type StubProvider = Awaited<ReturnType<typeof startStubProvider>>

/** A provider that says what a test wrote down, in order; the last answer is given for ever. */
export async function startStubProvider(tls?: { key: string; cert: string }) {
  let script: readonly StubAnswer[] = ['hang']
  const requests: LoopbackRequest[] = []
  const server = await startLoopbackServer(tls ? { tls } : {}, (request, exchange) => {
    const answer = script[Math.min(requests.length, script.length - 1)] ?? 'hang'
    requests.push(request)
    if (answer === 'hang') return
    if (answer === 'reset') return exchange.reset()
    const { status = 200, headers = {}, body, afterMs = 0 } = answer
    setTimeout(() => sendReply(exchange.response, { status, headers, body: bytes(body) }), afterMs)
  })
  return {
    url: server.url,
    /** Complete requests since the script was set. */
    requests,
    get connections() {
      return server.connections
    },
    answer(...answers: readonly StubAnswer[]) {
      script = answers
      requests.length = 0
    },
    close: () => server.close(),
  }
}

function bytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (body === undefined) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
