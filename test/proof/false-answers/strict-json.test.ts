import { assert, boolean, json, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomOf } from '../random.ts'
import { damagedAnswer } from './damaged-answers.ts'
import { type Json, strictJson } from './strict-json.ts'

const SEED = 6
const DAMAGED = 5000

/** As `JSON.parse` would have it. */
function plain(value: Json | undefined): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  }
  return Array.isArray(value) ? value.map(plain) : value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

describe('the second reader of JSON', () => {
  it('reads all that is JSON', () => {
    assert(
      property(json({ depthSize: 'medium' }), boolean(), (text, spaced) => {
        const written = spaced ? JSON.stringify(JSON.parse(text), null, 2) : text
        expect(plain(strictJson(written))).toEqual(JSON.parse(text))
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })

  it('reads of damaged texts what JSON.parse reads, or nothing', () => {
    const random = randomOf(SEED, 'strict json')
    const texts = Array.from({ length: DAMAGED }, () =>
      String(damagedAnswer(random)?.answer.body ?? ''),
    )
    const read = texts.filter((text) => strictJson(text) !== undefined)
    expect(read.map((text) => plain(strictJson(text)))).toEqual(read.map(parsed))
    expect(read.length).toBeGreaterThan(DAMAGED / 20)
    expect(read.length).toBeLessThan(DAMAGED / 2)
  })

  it.each(['', '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '01', '1.', '+1', "{'a':1}", '[1,]', '1 1'])(
    'has no value for %j',
    (text) => {
      expect(strictJson(text)).toBeUndefined()
    },
  )
})
