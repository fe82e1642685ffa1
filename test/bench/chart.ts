import type { Figure, Measured } from './experiments.ts'
import { spreadOf } from './statistics.ts'
import { type VariantName, variantOf } from './variants.ts'

type Panel = { title: string; measured: Measured; figure: Figure; names: readonly VariantName[] }

const WIDTH = 920
const LABELS = 400
const ROW = 26
const HEAD = 40
const GAP = 24
const SCALE = WIDTH - LABELS - 120

/** Horizontal bars of the medians, with a line from the first to the third quartile. */
export function chartOf(panels: readonly Panel[]): string {
  let top = 0
  const drawn = panels.map((panel) => {
    const group = `<g transform="translate(0 ${top})">${drawPanel(panel)}</g>`
    top += HEAD + panel.names.length * ROW + GAP
    return group
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${panels.map(({ title }) => escaped(title)).join('; ')}</title>`,
    '<style>text{fill:#24292f}.head{font-weight:600}.bar{fill:#afb8c1}.ours{fill:#0969da}.range{stroke:#24292f;stroke-width:1.5}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#57606a}.ours{fill:#2f81f7}.range{stroke:#e6edf3}}</style>',
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function drawPanel({ title, measured, figure, names }: Panel): string {
  const bars = names.map((name) => ({
    name,
    ...spreadOf((measured[name] ?? []).map((round) => round[figure])),
  }))
  const most = Math.max(...bars.map(({ q3 }) => q3))
  const x = (value: number) => (LABELS + (value / most) * SCALE).toFixed(1)
  const rows = bars.map(({ name, median, q1, q3 }, row) => {
    const middle = HEAD + row * ROW + ROW / 2
    const { title, build } = variantOf(name)
    const ours = build.how.startsWith('artifact') ? ' ours' : ''
    return [
      `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(title)}</text>`,
      `<rect class="bar${ours}" x="${LABELS}" y="${middle - 8}" width="${(Number(x(median)) - LABELS).toFixed(1)}" height="16" rx="2"/>`,
      `<line class="range" x1="${x(q1)}" x2="${x(q3)}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${Number(x(q3)) + 8}" y="${middle + 4}">${median.toFixed(median < 10 ? 1 : 0)} ms</text>`,
    ].join('')
  })
  return [`<text class="head" x="0" y="24">${escaped(title)}</text>`, ...rows].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll(/[*`]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
