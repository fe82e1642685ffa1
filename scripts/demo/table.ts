import { styleText } from 'node:util'

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Columns that a terminal gives to a text: two for a Chinese character. */
function columnsOf(text: string): number {
  return Array.from(text).reduce((total, character) => total + (WIDE.test(character) ? 2 : 1), 0)
}

/** One line, each cell padded to its column's width. */
export function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(cell))))
    .join('  ')
    .trimEnd()
}

export function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => columnsOf(row[at] ?? ''))),
  )
}

/** Plain text unless standard output is a terminal that wants colours (NO_COLOR is honoured). */
export function paint(style: 'green' | 'red' | 'dim' | 'bold', text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true })
}
