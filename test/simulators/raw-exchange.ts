import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'

export type RawAnswer = {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** False where the connection ended before the body did. */
  complete: boolean
}

type RawRequest = RequestOptions & { ca?: string; body?: string | Buffer }

/** One exchange as it stands on the wire: nothing decoded, followed, retried or pooled. */
export function rawExchange(url: string, { body = '', ...options }: RawRequest = {}) {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise<RawAnswer>((resolve, reject) => {
    const outgoing = send(url, { agent: false, method: 'POST', ...options }, (incoming) => {
      // From here on the answer's own end tells, also where it is cut short.
      outgoing.off('error', reject).on('error', () => {})
      const chunks: Buffer[] = []
      const finish = () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
          complete: incoming.complete,
        })
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', finish)
      incoming.on('error', finish)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
