import { describe, expect, it } from 'vitest'
import { alarmMetrics, costTables, metricSeries } from './cost.ts'
import { partAgainst } from './documents.ts'

describe('docs/cost.md', () => {
  it.each(Object.entries(costTables()))('has the %s that the command prints', (name, wanted) => {
    expect(partAgainst('docs/cost.md', name, wanted)).toBe(wanted)
  })
})

describe('the metrics that are paid for', () => {
  it('are all that the alarms read of ours', () => {
    const series = metricSeries()
    const read = alarmMetrics()
      .flat()
      .map((metric) => (metric as unknown[]).map(String))
      // Without the one that the template makes of the access log, which has no second dimension.
      .filter(([namespace, , , , dimension]) => namespace === 'BankcardVerify' && dimension)
      .map(([, name, , , , value]) => `${name} ${value}`)
    const paid = [...series].map((one) => one.replace(/ \S+/, ''))
    expect(read.length).toBeGreaterThan(10)
    expect(paid).toEqual(expect.arrayContaining(read))
  })
})
