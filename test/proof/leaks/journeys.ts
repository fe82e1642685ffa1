import {
  asPayloadV1,
  getEvent,
  inBase64,
  payouts,
  postEvent,
  refunds,
} from '../../bundle/api-event.ts'
import type { LambdaResponse } from '../../bundle/function-process.ts'
import type { Draw } from '../hostile-input/draw.ts'
import type { Canary } from './canaries.ts'
import type { CanaryStage, MemberName } from './canary-stage.ts'

/** Whom a person's request goes to, mostly without a fault of its surroundings. */
const addressees: readonly (readonly [weight: number, member: MemberName])[] = [
  [30, 'three'],
  [30, 'encrypted'],
  [30, 'plain'],
  [2, 'three, echoed'],
  [2, 'plain, echoed'],
  [2, 'encrypted, echoed'],
  [1, 'three, refused'],
  [1, 'three, no TLS'],
  [1, 'plain, bad secret'],
  [1, 'three, bad pepper'],
  [1, 'plain, no store'],
]

const HURRIED_MS = 700

export const anyAddressee = (draw: Draw): MemberName => draw.weighted(addressees)

/** One plain question about a person. */
export function ask(
  stage: CanaryStage,
  { name, idNumber, cardNumber }: Canary,
  to: MemberName,
  headers: Record<string, string> = {},
) {
  const event = to.startsWith('three')
    ? postEvent('three-element', { name, idNumber, cardNumber }, { headers })
    : postEvent('two-element', { name, cardNumber }, { headers })
  return stage.ask(to, event)
}

/** What one person's request meets, from the first answer to whoever looks at it later. */
export async function travel(
  stage: CanaryStage,
  draw: Draw,
  person: Canary,
  to: MemberName,
): Promise<void> {
  const isThree = to.startsWith('three')
  const route = isThree ? 'three-element' : 'two-element'
  const body = bodyOf(draw, person, isThree)
  const reference = draw.happens(0.4) ? `payout-${draw.text(8, 'abcdefghjk')}` : undefined
  const sent = reference === undefined ? body : { ...body, reference }
  const headers = headersOf(draw, person)
  const text = draw.happens(0.12) ? spoilt(draw, person, sent) : JSON.stringify(sent)
  const event = wrapped(
    draw,
    postEvent(route, text, { headers, caller: draw.happens(0.02) ? null : payouts }),
  )
  const first = await stage.ask(to, event, draw.happens(0.02) ? HURRIED_MS : undefined)

  if (draw.happens(0.15)) await stage.ask(to, event)
  if (draw.happens(0.1)) {
    await stage.ask(to, postEvent(route, text, { headers: { 'cache-control': 'no-cache' } }))
  }
  if (draw.happens(0.1)) await look(stage, draw, person, first, reference)
}

function bodyOf(draw: Draw, { name, idNumber, cardNumber }: Canary, isThree: boolean) {
  const card = draw.happens(0.2) ? cardNumber.replaceAll(/.{4}(?=.)/g, '$& ') : cardNumber
  const id = draw.happens(0.2) ? idNumber.toLowerCase() : idNumber
  const spelt = draw.happens(0.1) ? Array.from(name).join(' ').replaceAll('   ', ' ') : name
  const isHan = /\p{Script=Han}/u.test(name)
  return { name: isHan ? spelt : name, ...(isThree ? { idNumber: id } : {}), cardNumber: card }
}

/** Headers in which a person may stand, none of which is for it. */
function headersOf(draw: Draw, { name, idNumber, cardNumber }: Canary): Record<string, string> {
  return {
    ...(draw.happens(0.3)
      ? {
          'idempotency-key': draw.one([
            cardNumber,
            idNumber,
            `${cardNumber}-1`,
            encodeURIComponent(name).slice(0, 200),
          ]),
        }
      : {}),
    ...(draw.happens(0.02) ? { 'idempotency-key': name } : {}),
    ...(draw.happens(0.1)
      ? { 'user-agent': `${name} ${cardNumber}`, referer: `https://shop.example/?id=${idNumber}` }
      : {}),
    ...(draw.happens(0.1) ? { 'accept-language': draw.one(['zh-CN', cardNumber]) } : {}),
    ...(draw.happens(0.02)
      ? {
          'content-type': draw.one([
            'text/plain',
            `application/${cardNumber}`,
            `application/json; charset=${idNumber}`,
          ]),
        }
      : {}),
  }
}

/** A body that is refused, with the person in it. */
function spoilt(
  draw: Draw,
  { name, idNumber, cardNumber }: Canary,
  sent: Record<string, string>,
): string {
  const whole = JSON.stringify(sent)
  return draw.one<() => string>([
    () => whole.slice(0, draw.between(1, whole.length - 1)),
    () => JSON.stringify({ ...sent, [cardNumber]: idNumber, [name]: name }),
    () => whole.replace(`"${cardNumber}"`, cardNumber),
    () => JSON.stringify({ ...sent, name: { first: name, last: [idNumber] } }),
    () =>
      JSON.stringify({
        ...sent,
        reference: draw.one([cardNumber, idNumber, `pay-${idNumber}`, name]),
      }),
    () => JSON.stringify({ ...sent, cardNumber: `${cardNumber}${idNumber}` }),
    () => JSON.stringify({ ...sent, name: `${name} ${cardNumber}` }),
    () => JSON.stringify({ ...sent, idNumber: `${idNumber}1` }),
    () => `${whole}${name}`,
    () => whole.padEnd(9000, cardNumber),
    () => `name=${name}&idcard=${idNumber}&acct_no=${cardNumber}`,
    () => `[${whole}]`,
    () => JSON.stringify(whole),
  ])()
}

type Posted = ReturnType<typeof postEvent>

function wrapped(draw: Draw, event: Posted): unknown {
  return draw.weighted<() => unknown>([
    [16, () => event],
    [2, () => asPayloadV1(event)],
    [2, () => inBase64(event)],
    [1, () => ({ ...event, isBase64Encoded: true })],
  ])()
}

async function look(
  stage: CanaryStage,
  draw: Draw,
  person: Canary,
  first: LambdaResponse,
  reference = 'none',
) {
  const { id = person.cardNumber }: { id?: string } = JSON.parse(first.body)
  const caller = draw.one([payouts, refunds])
  const { cardNumber, name, idNumber } = person
  const query = draw.one([
    { reference },
    { reference: cardNumber },
    { reference, limit: idNumber, [name]: name },
  ])
  const day = new Date().toISOString().slice(0, 10)
  const days = draw.one([
    { from: day, to: day },
    { from: cardNumber, to: idNumber, name },
  ])
  await stage.ask('get', getEvent(`/v1/verifications/${id}`, { id, caller }))
  await stage.ask('list', getEvent('/v1/verifications', { query, caller }))
  await stage.ask('usage', getEvent('/v1/usage', { query: days, caller }))
}
