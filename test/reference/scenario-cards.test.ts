import { beforeAll, describe, expect, it } from 'vitest'
import {
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../lib/verification/verification-request.ts'
import { wordsOf } from '../../scripts/openapi/words.ts'
import { pageDocument } from '../../scripts/reference/page-document.ts'
import { scenarioCards, scenarioExamples } from '../../scripts/reference/scenario-cards.ts'
import { askEveryScenario, type AskedScenario } from '../docs/scenario-outcomes.ts'

const words = wordsOf('en')
const providers = { verifyThreeElement: 'databao', verifyTwoElement: 'juhe' } as const

let asked: AskedScenario[]
beforeAll(async () => {
  asked = await askEveryScenario()
}, 30_000)

describe.each(['verifyThreeElement', 'verifyTwoElement'] as const)('a card of %s', (operation) => {
  const cards = scenarioCards(operation, words)

  it('names the answer that the simulator gives', () => {
    const said = cards.filter(({ example }) => example !== 'bad-input')
    expect(said.length).toBeGreaterThan(10)
    for (const { example, answer } of said) {
      const found = asked.find(
        ({ scenario, provider }) => scenario.name === example && provider === providers[operation],
      )
      const [, got] = found?.outcome.answer.split(/[ ,]+/) ?? []
      expect({ example, answer: got }).toEqual({ example, answer })
    }
  })

  it('fills in its own card number, and a body that is valid but for the bad one', () => {
    const parse = {
      verifyThreeElement: parseThreeElementRequest,
      verifyTwoElement: parseTwoElementRequest,
    }
    const examples = scenarioExamples(operation, words)
    for (const { example, cardNumber } of cards) {
      const { value } = examples[example] as { value: Record<string, unknown> }
      expect(value['cardNumber']).toBe(cardNumber)
      const parsed = parse[operation](value)
      expect('errors' in parsed).toBe(example === 'bad-input')
    }
  })

  it('is offered beside its operation, and only where requests can be sent', async () => {
    const tried = JSON.stringify(await pageDocument('en', 'try'))
    for (const { title } of cards) expect(tried).toContain(`\\"title\\":\\"${title}\\"`)
    expect(JSON.stringify(await pageDocument('en', 'read'))).not.toContain('x-scenarios')
  })
})
