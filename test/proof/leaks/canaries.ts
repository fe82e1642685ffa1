import { scenarioCard } from '../../simulators/scenarios.ts'
import { withCheckCharacter } from '../../verification/sample-id-number.ts'
import type { Draw } from '../hostile-input/draw.ts'
import { runsOf } from './digit-index.ts'

/** An invented person, every value of which is searched for afterwards. */
export type Canary = {
  name: string
  /** The name in GBK, where GBK has all of it. */
  nameInGbk?: Buffer
  idNumber: string
  cardNumber: string
}

/** A card number below it means a fault; from it on, so many have the same verdict. */
const PEOPLE = 100_000_000
export const MATCH = 1
const MISMATCH = 2
const UNVERIFIABLE = 3
const AREAS = ['110101', '310101', '440101', '510101', '610101']
const LATIN = 'abcdefghijklmnopqrstuvwxyz'
const HOUR_MS = 3_600_000

/** Makes people of whom no two share a name or an ID number. */
export class Canaries {
  readonly #draw: Draw
  readonly #taken = new Set<string>()
  readonly #clock: ReadonlySet<string>

  constructor(draw: Draw, now = Date.now()) {
    this.#draw = draw
    this.#clock = clockDigits(now)
  }

  /** Whose card number chooses a verdict: one of these, as the simulators number them. */
  person(verdicts: readonly number[] = [MATCH, MISMATCH, UNVERIFIABLE]): Canary {
    return this.#personWith(() => {
      const number = this.#draw.one(verdicts) * PEOPLE + this.#draw.below(PEOPLE)
      return scenarioCard(number, this.#draw.one([16, 19]))
    })
  }

  /** Whose card number chooses this scenario, whatever its check digit. */
  personOf(scenario: number): Canary {
    return this.#personWith(() => scenarioCard(scenario).slice(0, -1) + this.#draw.below(10))
  }

  #personWith(card: () => string): Canary {
    const cardNumber = this.#apartFromTheClock(card)
    const idNumber = this.#unique(() => this.#apartFromTheClock(() => this.#idNumber()))
    return { ...this.#name(), idNumber, cardNumber }
  }

  #idNumber(): string {
    const draw = this.#draw
    const birth = `${draw.between(1950, 1999)}${pad(draw.between(1, 12), 2)}${pad(draw.between(1, 28), 2)}`
    return withCheckCharacter(`${draw.one(AREAS)}${birth}${pad(draw.below(1000), 3)}`)
  }

  #name(): Pick<Canary, 'name' | 'nameInGbk'> {
    const draw = this.#draw
    if (draw.happens(0.1)) return { name: this.#unique(() => `${this.#word()} ${this.#word()}`) }
    if (draw.happens(0.1)) return { name: this.#unique(() => `${decode(this.#han(3))}𠮷`) }
    if (draw.happens(0.1)) {
      return { name: this.#unique(() => `${decode(this.#han(3))}·${decode(this.#han(3))}`) }
    }
    let bytes: Buffer = Buffer.alloc(0)
    const name = this.#unique(() => decode((bytes = this.#han(draw.between(3, 4)))))
    return { name, nameInGbk: bytes }
  }

  #word(): string {
    const word = this.#draw.text(this.#draw.between(6, 9), LATIN)
    return word.charAt(0).toUpperCase() + word.slice(1)
  }

  /** Characters of GB 2312, so that their bytes are known. */
  #han(length: number): Buffer {
    const characters = Array.from({ length }, () => [
      this.#draw.between(0xb0, 0xd6),
      this.#draw.between(0xa1, 0xfe),
    ])
    return Buffer.from(characters.flat())
  }

  #unique(make: () => string): string {
    for (;;) {
      const value = make()
      if (this.#taken.has(value)) continue
      this.#taken.add(value)
      return value
    }
  }

  // A time that is logged must not look like ten digits of somebody, nor they like one.
  #apartFromTheClock(make: () => string): string {
    for (;;) {
      const number = make()
      if (!runsOf(number).some((run) => /^1[78]/.test(run) || this.#clock.has(run.slice(0, 5)))) {
        return number
      }
    }
  }
}

const decoder = new TextDecoder('gbk', { fatal: true })
const decode = (bytes: Buffer) => decoder.decode(bytes)
const pad = (number: number, length: number) => String(number).padStart(length, '0')

/** With which five digits ten digits in a row of an epoch time of the next hour can begin. */
function clockDigits(now: number): Set<string> {
  const times = Array.from({ length: 40 }, (_, step) => String(now + (step * HOUR_MS) / 36))
  return new Set(times.flatMap((time) => [0, 1, 2, 3].map((at) => time.slice(at, at + 5))))
}
