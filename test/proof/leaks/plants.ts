import { serviceSecrets } from '../../bundle/service-secrets.ts'
import { Draw } from '../hostile-input/draw.ts'
import type { Canary } from './canaries.ts'
import { aesKey, scannerFor, type Round } from './canary-round.ts'
import { encodings, type Value, valuesOf } from './encodings.ts'

/** So much of a real text stands around a plant. */
const AROUND = 3000
/** One of so many plants is a secret. */
const SECRETS = 0.2

/** Plants values in what really came out, each in another form, and lets the scanner look for them. */
export function findPlants({ people, texts }: Round, seed: number, count: number) {
  const scanner = scannerFor(people)
  const draw = new Draw(seed)
  const forms = Object.entries(encodings)
  const missed: string[] = []
  for (let place = 0; place < count; place++) {
    const [form, encode] = forms[place % forms.length]!
    const [where, text] = draw.one(Object.entries(texts))
    const planted = plantOf(draw, people, encode)
    const around = partOf(draw, text)
    const spot = draw.between(0, around.length)
    const spoilt = around.slice(0, spot) + planted + around.slice(spot)
    const before = new Set(scanner.scan(around).map(named))
    const found = scanner.scan(spoilt).filter((leak) => !before.has(named(leak)))
    if (found.length === 0) missed.push(`plant ${place}, ${form}, in the ${where}`)
  }
  return { planted: count, found: count - missed.length, missed }
}

const named = ({ whose, what }: { whose: number | string; what: string }) => `${whose} ${what}`

/** Some value in this form: not every one can be written in every form. */
function plantOf(
  draw: Draw,
  people: readonly Canary[],
  encode: (value: Value) => string | undefined,
): string {
  for (;;) {
    const secret = { text: draw.one(Object.values(serviceSecrets)), gbk: undefined, aesKey }
    const value = draw.happens(SECRETS) ? secret : draw.one(valuesOf(draw.one(people), aesKey))
    const planted = encode(value)
    if (planted !== undefined) return planted
  }
}

function partOf(draw: Draw, text: string): string {
  const start = draw.below(Math.max(1, text.length - AROUND))
  return text.slice(start, start + AROUND).toWellFormed()
}
