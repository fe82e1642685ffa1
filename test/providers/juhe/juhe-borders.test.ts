import { describe, expect, it } from 'vitest'
import { juheCodes, type juheOldCodes } from '../../../lib/providers/juhe/juhe-codes.ts'
import { recogniseJuhe } from '../../../lib/providers/juhe/juhe-wire.ts'
import { unreadable } from '../../../lib/providers/provider-client.ts'

const recognise = (body: object) =>
  recogniseJuhe({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) })

describe('a refusal of Juhe', () => {
  // Whatever its gateway says of keys, quotas, access and flow; 10014 is its system's own failure.
  const refusals = new Set<string>(
    '10001 10002 10003 10004 10005 10007 10008 10009 10011 10012 10013 10020 10021'.split(' '),
  )

  it.each(Object.keys(juheCodes))(
    '%s was turned away before any bank was asked, or not',
    (code) => {
      const fate = refusals.has(code) ? 'refused' : 'answered'
      expect(recognise({ error_code: Number(code), reason: 'x' })).toMatchObject({ fate })
    },
  )
})

describe('a code of Juhe that is not listed', () => {
  it('is free of charge', () => {
    const failure = { problem: 'provider_error', fate: 'answered', billable: 'no' }
    expect(recognise({ error_code: 299999 })).toStrictEqual(failure)
  })

  it.each(['x299999', '299999x', '0299999', ''])('is none as %j, and nothing is sure', (code) => {
    expect(recognise({ error_code: code })).toStrictEqual({ ...unreadable })
  })
})

describe('an answer of Juhe', () => {
  it('without a code has no reference either', () => {
    expect(recognise({ result: { jobid: 'JH1' } })).toStrictEqual({ ...unreadable })
  })

  it('without a jobid has no member for it', () => {
    const answer = recognise({ error_code: 0, result: { res: 1 } })
    expect(answer).toStrictEqual({ verdict: 'match', billable: 'yes' })
  })

  it('is not contradicted by an old code that no table has', () => {
    const unlisted = 'toString' satisfies Exclude<string, keyof typeof juheOldCodes>
    const answer = recognise({ error_code: 0, resultcode: unlisted, result: { res: 1 } })
    expect(answer).toMatchObject({ verdict: 'match' })
  })
})
