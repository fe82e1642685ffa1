import { seriesOf } from './widget-series.mjs'

const COLUMN = 60
const ROW = 42
const GAP = 8
const MARGIN = 20
const HEADER = 56
const GRID_COLUMNS = 24
const INK = { text: '#16191f', faint: '#687078', line: '#d5dbdb', grid: '#eaeded', page: '#f2f3f3' }

/** @typedef {import('./widget-series.mjs').Series} Series */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A picture of the dashboard in a packaged template, with sample data.
 *
 * @param {any} template
 * @param {{ alarming?: string[] }} options names of the alarms that are shown as such
 * @returns {string} SVG
 */
export function drawDashboard(template, { alarming = [] } = {}) {
  const { DashboardName, DashboardBody } = template.Resources.Dashboard.Properties
  const { widgets } = JSON.parse(DashboardBody['Fn::Sub'])
  const { boxes, bottom } = place(widgets)
  const width = GRID_COLUMNS * COLUMN + 2 * MARGIN
  const height = HEADER + bottom + MARGIN
  const cards = widgets.map((/** @type {any} */ widget, /** @type {number} */ at) => {
    const box = /** @type {Box} */ (boxes[at])
    const body =
      widget.type === 'alarm'
        ? drawAlarms(widget.properties.alarms, template, alarming, box)
        : drawMetrics(widget.properties, box)
    return drawCard(widget.properties.title, box) + body
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'Amazon Ember', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif">
<title>${escape(DashboardName)}: the CloudWatch dashboard, with sample data</title>
<rect width="${width}" height="${height}" fill="${INK.page}"/>
${text(MARGIN, 36, DashboardName, { size: 20, weight: 700 })}
${text(width - MARGIN, 36, 'One day, sample data', { size: 13, fill: INK.faint, anchor: 'end' })}
${cards.join('\n')}
</svg>
`
}

/**
 * From left to right, as CloudWatch places widgets that name no place.
 *
 * @param {{ width: number, height: number }[]} widgets
 */
function place(widgets) {
  let column = 0
  let row = 0
  let tallest = 0
  const boxes = widgets.map(({ width, height }) => {
    if (column + width > GRID_COLUMNS) {
      column = 0
      row += tallest
      tallest = 0
    }
    const box = {
      x: MARGIN + column * COLUMN + GAP / 2,
      y: HEADER + row * ROW + GAP / 2,
      width: width * COLUMN - GAP,
      height: height * ROW - GAP,
    }
    column += width
    tallest = Math.max(tallest, height)
    return box
  })
  return { boxes, bottom: (row + tallest) * ROW }
}

/** @param {string} title @param {Box} box */
function drawCard(title, { x, y, width, height }) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#fff" stroke="${INK.line}"/>
${text(x + 14, y + 24, title, { size: 14, weight: 700 })}
`
}

/** @param {string[]} arns @param {any} template @param {string[]} alarming @param {Box} box */
function drawAlarms(arns, template, alarming, { x, y, width }) {
  const perRow = Math.ceil(arns.length / 2)
  const chipWidth = (width - 28) / perRow
  return arns
    .map((arn, at) => {
      const id = arn.replace(/^\$\{(\w+)\.Arn\}$/, '$1')
      const { AlarmName } = template.Resources[id].Properties
      const name = AlarmName.replace(
        `${template.Resources.Dashboard.Properties.DashboardName}-`,
        '',
      )
      const isAlarm = alarming.includes(id)
      const color = isAlarm ? '#d13212' : '#1d8102'
      const left = x + 14 + (at % perRow) * chipWidth
      const top = y + 36 + Math.floor(at / perRow) * 38
      return `<rect x="${left}" y="${top}" width="${chipWidth - 8}" height="32" rx="4" fill="${isAlarm ? '#fdf3f1' : '#f2f8f0'}" stroke="${color}" stroke-opacity="0.4"/>
<circle cx="${left + 16}" cy="${top + 16}" r="5" fill="${color}"/>
${text(left + 29, top + 21, name, { size: 13 })}
${text(left + chipWidth - 20, top + 21, isAlarm ? 'In alarm' : 'OK', { size: 12, fill: color, weight: 700, anchor: 'end' })}`
    })
    .join('\n')
}

/** @param {any} properties @param {Box} box */
function drawMetrics(properties, box) {
  const series = seriesOf(properties)
  return properties.view === 'singleValue'
    ? drawValues(series, properties.stat, box)
    : drawChart(series, properties, box)
}

/** @param {Series[]} series @param {string} stat @param {Box} box */
function drawValues(series, stat, { x, y, width, height }) {
  const cell = (width - 28) / series.length
  const middle = y + height / 2 + 14
  return series
    .map(({ label, color, values }, at) => {
      const value =
        stat === 'Sum' ? values.reduce((all, one) => all + one, 0) : (values.at(-1) ?? 0)
      const left = x + 14 + at * cell
      return `<rect x="${left}" y="${middle - 26}" width="4" height="46" rx="2" fill="${color}"/>
${text(left + 14, middle, number(value), { size: 28, weight: 700 })}
${text(left + 14, middle + 20, label, { size: 13, fill: INK.faint })}`
    })
    .join('\n')
}

/** @param {Series[]} series @param {any} properties @param {Box} box */
function drawChart(series, { stacked, yAxis, annotations }, box) {
  const legend = drawLegend(series, box)
  const plot = {
    left: box.x + 52,
    right: box.x + box.width - 16,
    top: box.y + 40,
    bottom: legend.top - 34,
  }
  const layers = stacked ? stack(series) : series.map(({ values }) => values)
  const lines = annotations?.horizontal ?? []
  const highest = Math.max(
    1,
    ...layers.flat(),
    ...lines.map((/** @type {any} */ line) => line.value),
  )
  const { top, ticks } = scale(Math.max(highest, yAxis?.left?.max ?? 0))
  const atY = (/** @type {number} */ value) =>
    round(plot.bottom - (value / top) * (plot.bottom - plot.top))
  const atX = (/** @type {number} */ at, /** @type {number} */ count) =>
    round(plot.left + (at / (count - 1)) * (plot.right - plot.left))
  const points = (/** @type {number[]} */ values) =>
    values.map((value, at) => `${atX(at, values.length)},${atY(value)}`)

  const grid = ticks.map(
    (
      tick,
    ) => `<line x1="${plot.left}" x2="${plot.right}" y1="${atY(tick)}" y2="${atY(tick)}" stroke="${INK.grid}"/>
${text(plot.left - 8, atY(tick) + 4, number(tick), { size: 11, fill: INK.faint, anchor: 'end' })}`,
  )
  const hours = [0, 6, 12, 18, 24].map((hour) =>
    text(atX(hour, 25), plot.bottom + 18, `${String(hour).padStart(2, '0')}:00`, {
      size: 11,
      fill: INK.faint,
      anchor: hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle',
    }),
  )
  const shapes = series.map(({ color }, at) => {
    const values = layers[at] ?? []
    const line = `<polyline points="${points(values).join(' ')}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round"/>`
    if (!stacked) return line
    const below = layers[at - 1] ?? values.map(() => 0)
    const area = [...points(values), ...points(below).toReversed()].join(' ')
    return `<polygon points="${area}" fill="${color}" fill-opacity="0.55"/>${line}`
  })
  const limits = lines.map(
    (
      /** @type {any} */ { value, label, color },
    ) => `<line x1="${plot.left}" x2="${plot.right}" y1="${atY(value)}" y2="${atY(value)}" stroke="${color}" stroke-dasharray="5 4"/>
${text(plot.left + 6, atY(value) - 5, `${label} ${number(Number(value))}`, { size: 11, fill: color })}`,
  )
  return [...grid, ...hours, ...shapes, ...limits, legend.svg].join('\n')
}

/** @param {Series[]} series @param {Box} box */
function drawLegend(series, { x, y, width, height }) {
  /** @type {{ left: number, row: number, label: string, color: string }[]} */
  const marks = []
  let left = x + 16
  let row = 0
  for (const { label, color } of series) {
    const space = 30 + label.length * 7.2
    if (left + space > x + width - 8) {
      left = x + 16
      row += 1
    }
    marks.push({ left, row, label, color })
    left += space
  }
  const top = y + height - 14 - row * 18
  const svg = marks
    .map(
      (
        mark,
      ) => `<rect x="${round(mark.left)}" y="${top + mark.row * 18 - 8}" width="10" height="10" rx="2" fill="${mark.color}"/>
${text(mark.left + 15, top + mark.row * 18 + 1, mark.label, { size: 12 })}`,
    )
    .join('\n')
  return { svg, top }
}

/** Each series on top of those before it. @param {Series[]} series */
function stack(series) {
  /** @type {number[][]} */
  const layers = []
  for (const { values } of series) {
    const below = layers.at(-1)
    layers.push(values.map((value, at) => value + (below?.[at] ?? 0)))
  }
  return layers
}

/** @param {number} highest */
function scale(highest) {
  const rough = highest / 4
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(
    1,
    [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((one) => one >= rough) ?? 1,
  )
  const count = Math.ceil(highest / step)
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, at) => at * step) }
}

/** @param {number} x @param {number} y @param {string} content @param {{ size: number, weight?: number, fill?: string, anchor?: string }} look */
function text(x, y, content, { size, weight = 400, fill = INK.text, anchor = 'start' }) {
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escape(content)}</text>`
}

/** @param {number} value */
function number(value) {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 })
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}

/** @param {string} content */
function escape(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
