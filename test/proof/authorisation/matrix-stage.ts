import { scenarioNamed } from '../../simulators/scenarios.ts'
import { Draw } from '../hostile-input/draw.ts'
import { Canaries, type Canary, MATCH } from '../leaks/canaries.ts'
import type { Principal, Vouched } from './callers.ts'
import type { Answered, Door, Knock } from './door.ts'

/** Used by all callers, so that a reference alone would lead to everybody's records. */
export const SHARED_REFERENCE = 'shared'
export const UNUSED_REFERENCE = 'unused'
export const UNUSED_ID = '019ad000-0000-7000-8000-000000000001'

const operations = ['verifyThreeElement', 'verifyTwoElement'] as const
export type Operation = (typeof operations)[number]

/** What one caller has asked through one function: under a key of its own, and without one. */
export type Asked = { fn: Operation; key: string; keyed: Canary; plain: Canary; id: string }
export type Owner = { principal: Principal; asked: Asked[] }

type Options = Partial<Pick<Knock, 'headers' | 'payload'>>

/** Callers with their records, the requests that they make, and what was seen of the answers. */
export class MatrixStage {
  readonly door: Door
  readonly draw: Draw
  readonly #canaries: Canaries
  readonly owners: Owner[] = []
  /** How an answer reads where there is nothing. */
  nothing = { record: '', list: '' }
  cells = 0
  denied = 0
  hitsWhenDenied = 0
  readonly wrong: string[] = []

  constructor(door: Door, seed: number) {
    this.door = door
    this.draw = new Draw(seed)
    this.#canaries = new Canaries(this.draw)
  }

  /** Gives each identity its records. */
  async prepare(callers: readonly Principal[]): Promise<void> {
    const identities = Map.groupBy(callers, ({ identity }) => identity)
    for (const [place, [principal]] of [...identities.values()].entries()) {
      if (!principal) continue
      const asked: Asked[] = []
      for (const fn of operations) {
        const [keyed, plain, key] = [this.matchingPerson(), this.matchingPerson(), `${fn}-${place}`]
        const { body } = await this.verify(principal.vouched, fn, keyed, key)
        await this.verify(principal.vouched, fn, plain)
        asked.push({ fn, key, keyed, plain, id: String(body['id']) })
      }
      this.owners.push({ principal, asked })
    }
    const [first] = callers
    if (!first) return
    this.nothing.record = (await this.get(first.vouched, UNUSED_ID)).same
    this.nothing.list = (await this.list(first.vouched, { reference: UNUSED_REFERENCE })).same
  }

  /** Whose answer is kept for the next who asks the same. */
  matchingPerson(): Canary {
    return this.#canaries.person([MATCH])
  }

  faultyPerson(scenario: 'slow' | 'html'): Canary {
    return this.#canaries.personOf(scenarioNamed(scenario).number)
  }

  ownerLike({ identity }: Principal): Owner {
    const found = this.owners.find(({ principal }) => principal.identity === identity)
    if (!found) throw new Error(`${identity} has no records`)
    return found
  }

  verify(
    vouched: Vouched,
    fn: Operation,
    person: Canary,
    key?: string,
    { headers, payload }: Options = {},
  ) {
    const { name, idNumber, cardNumber } = person
    const isThree = fn === 'verifyThreeElement'
    const body = { name, ...(isThree && { idNumber }), cardNumber, reference: SHARED_REFERENCE }
    const keyHeader = key === undefined ? {} : { 'idempotency-key': key }
    return this.#knock({
      fn,
      vouched,
      body,
      headers: { ...headers, ...keyHeader },
      ...(payload && { payload }),
    })
  }

  get(vouched: Vouched, id: string, options: Options = {}) {
    return this.#knock({ fn: 'getVerification', vouched, id, ...options })
  }

  list(vouched: Vouched, query: Record<string, string>, options: Options = {}) {
    return this.#knock({ fn: 'listVerifications', vouched, query, ...options })
  }

  async listedIds(vouched: Vouched): Promise<string[]> {
    const { body } = await this.list(vouched, { reference: SHARED_REFERENCE, limit: '100' })
    const listed = (body['verifications'] ?? []) as { id: string }[]
    return listed.map(({ id }) => id)
  }

  usage(vouched: Vouched, options: Options = {}) {
    const day = new Date().toISOString().slice(0, 10)
    return this.#knock({ fn: 'getUsage', vouched, query: { from: day, to: day }, ...options })
  }

  expect(cell: string, isRight: boolean): void {
    this.cells += 1
    if (!isRight) this.wrong.push(cell)
  }

  /** @param told how the answer has to read, and every one like it */
  expectDenied(cell: string, answer: Answered, told: string): void {
    this.denied += 1
    this.hitsWhenDenied += answer.hits
    this.expect(cell, answer.same === told && answer.hits === 0)
  }

  // Drawn and not in turn: with an even number of cells for each caller, a kind of cell would always
  // have the same format.
  #knock(knock: Omit<Knock, 'payload'> & { payload?: Knock['payload'] }): Promise<Answered> {
    return this.door.knock({ payload: this.draw.happens(0.5) ? 'v2' : 'v1', ...knock })
  }
}
