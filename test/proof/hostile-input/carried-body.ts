import type { Draw } from './draw.ts'

/** A body as an event carries it. */
export type Carried = { body: string | undefined; isBase64Encoded: boolean; how?: string }

/** As it should be carried, or as a gateway or a forged event might. */
export function carriedSomehow(draw: Draw, content: string | Buffer): Carried {
  const bytes = Buffer.from(content)
  const base64 = () => bytes.toString('base64')
  const inBase64 = (body: string, how?: string): Carried => ({
    body,
    isBase64Encoded: true,
    ...(how && { how }),
  })
  const inText = (body: string, how?: string): Carried => ({
    body,
    isBase64Encoded: false,
    ...(how && { how }),
  })
  if (draw.happens(0.75)) return typeof content === 'string' ? inText(content) : inBase64(base64())
  return draw.weighted<() => Carried>([
    [8, () => inBase64(base64())],
    [2, () => inBase64(base64().replace(/=+$/, ''), 'base64 without padding')],
    [2, () => inBase64(bytes.toString('base64url'), 'base64 for URLs')],
    [2, () => inBase64(base64().replaceAll(/.{76}/g, '$&\r\n'), 'base64 in lines')],
    [2, () => inBase64(`${base64()}=`, 'base64 with too much padding')],
    [2, () => inBase64(bytes.toString(), 'text flagged as base64')],
    [2, () => inText(base64(), 'base64 not flagged')],
    [1, () => inBase64('!'.repeat(100), 'no base64')],
    [1, () => ({ body: undefined, isBase64Encoded: draw.happens(0.5), how: 'no body' })],
    [0.02, () => inBase64('A'.repeat(6_000_000), '6 MB of base64')],
    [0.02, () => inText('{"name":"'.padEnd(6_000_000, '\ud842'), '6 MB of text')],
  ])()
}

const TEXT_TYPE = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i

/** As API Gateway does: what is text by its type is passed on as such, whatever bytes it has. */
export function carriedByGateway(content: string | Buffer, type: string | undefined): Carried {
  const bytes = Buffer.from(content)
  if (bytes.length === 0) return { body: undefined, isBase64Encoded: false }
  const isText = TEXT_TYPE.test(type ?? '')
  return { body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}
