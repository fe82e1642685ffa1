import { type Ruling, ruleBody } from './body-oracle.ts'
import { type Carried, carriedByGateway, carriedSomehow } from './carried-body.ts'
import type { Draw } from './draw.ts'
import { hostileHeaders } from './hostile-headers.ts'
import { hostileBody, type Operation } from './hostile-json.ts'

/** What a caller sends, before a gateway makes an event of it. */
export type Sent = Carried & {
  operation: Operation
  headers: Record<string, string>
  /** The body as the caller has written it. */
  content: Buffer
  how: string
  /** What the contract allows as the answer, provided that the gateway vouches for the caller. */
  ruling: Ruling
}

/** @param forHttp only what an HTTP client can send, in the way in which the gateway passes it on */
export function hostileRequest(draw: Draw, forHttp = false): Sent {
  const operation = draw.one(['three-element', 'two-element'] as const)
  const { content, how } = hostileBody(draw, operation)
  const { headers, refusals, either, hows } = hostileHeaders(draw, forHttp)
  const carried = forHttp
    ? carriedByGateway(content, headers['content-type'])
    : carriedSomehow(draw, content)
  const ruling = ruleBody(operation, carried.body, carried.isBase64Encoded)
  return {
    ...carried,
    operation,
    headers,
    content: Buffer.from(content),
    how: [how, ...hows, carried.how ?? []].flat().join(', '),
    ruling: mergedRuling(ruling, refusals, either),
  }
}

/** A refusal of one part refuses the whole, and which of several is told first is left open. */
export function mergedRuling(
  ruling: Ruling,
  refusals: Iterable<string>,
  either: Iterable<string> = [],
): Ruling {
  const all = new Set([...ruling.refusals, ...refusals, ...either])
  const isRefused = [...refusals].length > 0 || !ruling.asks
  return { refusals: all, ...(isRefused ? {} : { asks: ruling.asks }) }
}
