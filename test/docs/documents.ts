import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../..')

export function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

/** The text between `<!-- name -->` and `<!-- /name -->`. */
export function part(file: string, name: string): string {
  const [, found] = new RegExp(`<!-- ${name} -->\n(.*?)\n<!-- /${name} -->`, 's').exec(
    read(file),
  ) ?? ['']
  if (found === undefined) throw new Error(`${file} has no part ${name}`)
  return found
}

/**
 * A part of a document, to be compared with what the code says. Under
 * `UPDATE_DOCS=1 npx vitest run test/docs` it is written first.
 */
export function partAgainst(file: string, name: string, wanted: string): string {
  if (process.env['UPDATE_DOCS'] && part(file, name) !== wanted) {
    const text = read(file).replace(
      new RegExp(`(<!-- ${name} -->\n).*?(\n<!-- /${name} -->)`, 's'),
      (_, start: string, end: string) => start + wanted + end,
    )
    writeFileSync(path.join(ROOT, file), text)
  }
  return part(file, name)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** The cells of every row of a Markdown table, its head left out. */
export function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}
