import { describe, expect, it } from 'vitest'

import { runCluster } from './cluster.ts'
import { noCap, noReservation, notCapped, notOneHitEach } from './cluster-properties.ts'

const processes = 4

const report = (title: string, result: object) => console.log(title, JSON.stringify(result))

describe('100,000 requests in 4 processes', () => {
  it.each([
    ['on 1,000 keys', true],
    ['without keys, for 1,000 people', false],
  ])('%s are exactly 1,000 hits', async (title, keyed) => {
    const size = { processes, requests: 100_000, people: 1000 }
    const result = await runCluster({ route: 'three-element', keyed, ...size })
    report(`100,000 requests ${title}:`, result)
    expect(notOneHitEach(result, size)).toEqual([])
  })

  it('are more where a reservation never fails', async () => {
    const size = { processes, requests: 2000, people: 50 }
    const result = await runCluster({ route: 'three-element', spoil: noReservation, ...size })
    report('negative control, no reservation:', result)
    expect(notOneHitEach(result, size)).toContain(`${result.hits} hits`)
  })
})

describe('10,000 requests of distinct people in 4 processes, with a cap of 100', () => {
  const cap = 100
  const settings = { PROVIDER_DAILY_LIMIT: String(cap) }

  it('are exactly 100 hits', async () => {
    const size = { processes, requests: 10_000, people: 10_000 }
    const result = await runCluster({ route: 'two-element', settings, ...size })
    report('10,000 requests, cap of 100:', result)
    expect(notCapped(result, { ...size, cap })).toEqual([])
  })

  it('are more where the cap has no condition', async () => {
    const size = { processes, requests: 1000, people: 1000 }
    const result = await runCluster({ route: 'two-element', settings, spoil: noCap, ...size })
    report('negative control, no cap:', result)
    expect(notCapped(result, { ...size, cap })).toContain(`${result.hits} hits`)
  })
})
