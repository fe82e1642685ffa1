import { describe, expect, it } from 'vitest'
import {
  estimate,
  median,
  pairwise,
  quantile,
  seededRandom,
  shuffled,
  spreadOf,
} from './statistics.ts'

describe('quantile', () => {
  it('lies between the two nearest values', () => {
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75)
    expect(quantile([1, 2, 3, 4, 5], 0.99)).toBeCloseTo(4.96)
  })

  it('is the middle, or the mean of both middles, at a half', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
  })

  it('gives quartiles, and leaves what it was given as it was', () => {
    const values = [30, 10, 20, 50, 40]
    expect(spreadOf(values)).toEqual({ median: 30, q1: 20, q3: 40 })
    expect(values).toEqual([30, 10, 20, 50, 40])
  })
})

describe('pairwise', () => {
  it('compares within a round, so a slow round does not count twice', () => {
    const ours = [20, 200, 22]
    const bare = [10, 100, 11]
    expect(pairwise(ours, bare, (a, b) => a / b)).toEqual([2, 2, 2])
  })

  it('refuses rounds that do not pair', () => {
    expect(() => pairwise([1], [1, 2], (a, b) => a / b)).toThrow('do not pair')
  })
})

describe('estimate', () => {
  it('has no width where every round says the same', () => {
    expect(estimate([2, 2, 2, 2], seededRandom(1))).toEqual({ median: 2, low: 2, high: 2 })
  })

  it('stands around the median, within what was seen', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    const { median, low, high } = estimate(values, seededRandom(1))
    expect(median).toBe(8)
    // Binomial: the 4th and the 12th value enclose the median with 96 %.
    expect(low).toBeGreaterThanOrEqual(3)
    expect(low).toBeLessThanOrEqual(5)
    expect(high).toBeGreaterThanOrEqual(11)
    expect(high).toBeLessThanOrEqual(13)
  })

  it('covers the true median in about 95 of 100 samples', () => {
    const random = seededRandom(7)
    const covered = Array.from({ length: 60 }, () => {
      const sample = Array.from({ length: 15 }, () => random() + random())
      const { low, high } = estimate(sample, random)
      return low <= 1 && 1 <= high
    }).filter(Boolean)
    expect(covered.length).toBeGreaterThanOrEqual(52)
  })

  it('comes out the same for the same seed', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    expect(estimate(values, seededRandom(42))).toEqual(estimate(values, seededRandom(42)))
  })
})

describe('shuffled', () => {
  it('keeps every value, in an order that the seed determines', () => {
    const values = [1, 2, 3, 4, 5, 6]
    const order = shuffled(values, seededRandom(3))
    expect(order.toSorted((a, b) => a - b)).toEqual(values)
    expect(shuffled(values, seededRandom(3))).toEqual(order)
    expect(values).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('puts each value into each place about as often', () => {
    const random = seededRandom(5)
    const firsts = Array.from({ length: 6000 }, () => shuffled([0, 1, 2], random)[0])
    for (const value of [0, 1, 2]) {
      const share = firsts.filter((first) => first === value).length / firsts.length
      expect(share).toBeCloseTo(1 / 3, 1)
    }
  })
})
