import { type Language, problemCatalog, type Row } from '../../lib/errors/problem-catalog.ts'

const words = {
  en: { head: ['Code', 'Status', 'Repeat', 'Meaning'], repeat: 'retryable', stop: ':' },
  zh: { head: ['代码', '状态码', '重试', '含义'], repeat: '可重试', stop: '：' },
}

/** Every problem code, by status, as a table in Markdown. */
export function problemTable(language: Language): string {
  const { head, repeat, stop } = words[language]
  const rows = Object.entries<Row>(problemCatalog)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, retryable, title, detail }]) => [
      `\`${code}\``,
      status,
      retryable ? repeat : '–',
      `**${title[language]}**${stop} ${detail[language]}`,
    ])
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}
