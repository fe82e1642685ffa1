import { describe, expect, it } from 'vitest'

import {
  answerOf,
  scenarioCard,
  scenarioFor,
  scenarioNamed,
  scenarioOf,
  scenarios,
} from './scenarios.ts'

describe('scenarioCard', () => {
  it.each([
    [1, 16, '6299990000000017'],
    [2, 16, '6299990000000025'],
    [3, 16, '6299990000000033'],
    [4, 16, '6299990000000041'],
    [1, 19, '6299990000000000012'],
  ] as const)('puts scenario %i on a card of %i digits', (number, length, cardNumber) => {
    expect(scenarioCard(number, length)).toBe(cardNumber)
    expect(scenarioOf(cardNumber)).toBe(number)
  })

  it('is undone by scenarioOf for every scenario and both lengths', () => {
    for (const { number } of scenarios) {
      expect(scenarioOf(scenarioCard(number))).toBe(number)
      expect(scenarioOf(scenarioCard(number, 19))).toBe(number)
    }
  })
})

describe('scenarioOf', () => {
  it('ignores the check digit', () => {
    expect(scenarioOf('6299990000000018')).toBe(1)
  })

  it.each(['6299980000000017', '62999900000000017', '629999000000001', 'toString', ''])(
    'finds nothing in %j',
    (cardNumber) => {
      expect(scenarioOf(cardNumber)).toBeUndefined()
    },
  )
})

describe('scenarioFor', () => {
  it.each([
    [100_000_000, 'match'],
    [199_999_999, 'match'],
    [200_000_000, 'mismatch'],
    [299_999_999, 'mismatch'],
    [300_000_000, 'unverifiable'],
    [399_999_999, 'unverifiable'],
    [400_000_000, 'match'],
    [99_999_999, 'match'],
    [7, 'match'],
  ])('takes number %i as %s', (number, name) => {
    expect(scenarioFor('databao', scenarioCard(number)).name).toBe(name)
    expect(scenarioFor('juhe', scenarioCard(number, 19)).name).toBe(name)
  })

  it('knows no card off the prefix', () => {
    expect(scenarioFor('databao', '6217000000000000').name).toBe('databao-10016')
    expect(scenarioFor('juhe', '6217000000000000').name).toBe('juhe-218806')
  })

  it("takes the other provider's number as a match", () => {
    expect(scenarioFor('juhe', scenarioCard(400_001)).name).toBe('match')
    expect(scenarioFor('databao', scenarioCard(218_801)).name).toBe('match')
  })

  it('tells the same code of two providers apart', () => {
    expect(scenarioFor('databao', scenarioCard(10_012)).name).toBe('databao-10012')
    expect(scenarioFor('juhe', scenarioCard(10_012)).name).toBe('juhe-10012')
  })
})

describe('the scenarios', () => {
  it('have names of their own, in kebab-case', () => {
    const names = scenarios.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })

  it('have one number each for a provider, below those of people', () => {
    const keys = scenarios.flatMap(({ number, providers }) =>
      providers.map((provider) => `${provider} ${number}`),
    )
    expect(new Set(keys).size).toBe(keys.length)
    expect(Math.max(...scenarios.map(({ number }) => number))).toBeLessThan(100_000_000)
  })

  it('have a title that fits a line and a table cell', () => {
    for (const { title } of scenarios) expect(title).toMatch(/^[\x20-\x7b\x7d\x7e]{3,100}$/)
  })

  it('are found by name, or not at all', () => {
    expect(scenarioNamed('hang').number).toBe(52)
    expect(() => scenarioNamed('toString')).toThrow('no scenario is named toString')
  })

  it('have an answer only for the providers they name', () => {
    expect(() => answerOf('juhe', scenarioNamed('databao-10001'))).toThrow('juhe has no scenario')
  })
})
