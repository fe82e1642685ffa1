import { tableLine, widthsOf } from '../demo/table.ts'

/** What a command has to say. */
export type Report = {
  /** For people. */
  text: string
  /** For machines (`--json`). */
  data: object
  /** Beside either, on standard error. */
  notes?: string[]
  exitCode?: number
}

/** Aligned columns under their headings. */
export function tableText(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = widthsOf([headings, ...rows])
  return [headings, ...rows].map((row) => tableLine(row, widths)).join('\n')
}

/** RFC 4180. A cell that a spreadsheet would take for a formula starts with an apostrophe. */
export function csvText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
