import { problemCodes, sampleOf, STEPS } from './sample-data.mjs'

const STEP_SECONDS = 900
const COLORS = ['#1c7ed6', '#7048e8', '#e03131', '#f08c00', '#0c8599']

/** @typedef {{ label: string, color: string, values: number[] }} Series */

/**
 * What a widget shows, from sample data: its own metrics, statistics and expressions.
 *
 * @param {any} properties of a metric widget
 * @returns {Series[]}
 */
export function seriesOf({ metrics, stat: usual, period }) {
  /** @type {Record<string, number[]>} */
  const byId = {}
  const shown = metrics.flatMap((/** @type {any[]} */ metric) => {
    const look = typeof metric.at(-1) === 'object' ? metric.at(-1) : {}
    if (look.expression !== undefined) return { look, expression: String(look.expression) }
    const dimensions = metric.filter((part) => typeof part !== 'object')
    const stat = look.stat ?? usual
    const values = inPeriods(sampleOf(dimensions[1], dimensions.at(-1), stat), period, stat)
    if (look.id) byId[look.id] = values
    return look.visible === false ? [] : { look, values }
  })
  return shown.flatMap((/** @type {any} */ { look, values, expression }) => {
    if (values) return { label: look.label, color: look.color, values }
    return evaluate(expression, byId, period).map((found, at) => ({
      label: look.label ?? found.label,
      color: look.color ?? COLORS[at % COLORS.length],
      values: found.values,
    }))
  })
}

/**
 * The few kinds of expression that the dashboard uses; any other is an error.
 *
 * @param {string} expression
 * @param {Record<string, number[]>} byId
 * @param {number} period
 * @returns {{ label: string, values: number[] }[]}
 */
function evaluate(expression, byId, period) {
  const [, id = '', divisor] = /^(\w+) \/ (\d+)$/.exec(expression) ?? []
  if (divisor)
    return [{ label: id, values: (byId[id] ?? []).map((value) => value / Number(divisor)) }]

  const search = /^(SUM\()?SEARCH\('\{\w+,Service,(Provider|Code)\} MetricName="(\w+)"/.exec(
    expression,
  )
  if (!search) throw new Error(`The picture knows no expression like ${expression}`)
  const [, sums, dimension, name = ''] = search
  const found = (dimension === 'Code' ? problemCodes : ['databao', 'juhe']).map((label) => ({
    label,
    values: inPeriods(sampleOf(name, label, 'Sum'), period, 'Sum'),
  }))
  if (!sums) return found
  const [first, ...rest] = found.map(({ values }) => values)
  const total = (first ?? []).map((value, at) =>
    rest.reduce((all, one) => all + (one[at] ?? 0), value),
  )
  return [{ label: name, values: total }]
}

/** @param {number[]} values @param {number} period @param {string} stat */
function inPeriods(values, period, stat) {
  const size = Math.max(1, period / STEP_SECONDS)
  return Array.from({ length: STEPS / size }, (_, at) => {
    const part = values.slice(at * size, (at + 1) * size)
    return stat === 'Sum' ? part.reduce((all, one) => all + one, 0) : Math.max(...part)
  })
}
