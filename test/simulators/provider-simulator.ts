import { REDIRECT_PATH, wireFaults } from './wire-fault.ts'
import { sendReply, startLoopbackServer } from './loopback-server.ts'
import type { LoopbackRequest, Reply, ServerOptions } from './loopback-server.ts'
import type { Answer, Scenario } from './scenarios.ts'

/**
 * A request that arrived complete, authenticated or not. `scenario` names what was answered;
 * `cardNumber` is what was sent, decrypted where it was encrypted.
 */
type Hit = { at: number; path: string; scenario: string; cardNumber: string | undefined }

export type ProviderSimulator = {
  url: string
  hits: Hit[]
  readonly connections: number
  close(): Promise<void>
}

export type ProviderOptions = ServerOptions & {
  /** How long the scenario `slow` takes. */
  slowMs?: number
}

export type Outcome = {
  scenario: Pick<Scenario, 'name' | 'fault'>
  cardNumber?: string | undefined
  reply: Reply
}

export const jsonReply = ({ status, headers, body }: Answer, contentType: string): Reply =>
  body === undefined
    ? { status, headers, body: Buffer.alloc(0) }
    : {
        status,
        headers: { 'Content-Type': contentType, ...headers },
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      }

/** `match` is the right answer behind the redirect; `answer` takes every other request. */
export async function startProviderSimulator(
  { slowMs = 1500, ...options }: ProviderOptions,
  answer: (request: LoopbackRequest) => Outcome,
  match: () => Outcome,
): Promise<ProviderSimulator> {
  const hits: Hit[] = []
  const server = await startLoopbackServer(options, (request, exchange) => {
    const { scenario, cardNumber, reply } =
      request.path === REDIRECT_PATH ? match() : answer(request)
    hits.push({ at: Date.now(), path: request.path, scenario: scenario.name, cardNumber })
    if (scenario.fault === undefined) sendReply(exchange.response, reply)
    else wireFaults[scenario.fault]({ ...exchange, reply, slowMs })
  })
  return Object.assign(server, { hits })
}

/** The fields of a form body or query; undefined unless it is UTF-8 with no field twice. */
export function readForm(text: Buffer | string): Map<string, string> | undefined {
  try {
    const form = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text))
    decodeURIComponent(form)
    const fields = [...new URLSearchParams(form)]
    const byName = new Map(fields)
    return byName.size === fields.length ? byName : undefined
  } catch {
    return undefined
  }
}

export const isForm = (contentType = '') =>
  /^application\/x-www-form-urlencoded(;|$)/i.test(contentType)
