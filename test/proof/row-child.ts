import type { Finding, Row, RowOptions } from './row.ts'

/** What the run sends to the process of a row, once. */
export type Order = Omit<RowOptions, 'say'> & { file: string }
/** What it hears from there. */
export type Report = { line: string } | { finding: Finding }

const report = (sent: Report) =>
  new Promise<void>((resolve) => process.send?.(sent, () => resolve()))

process.once('message', async ({ file, ...options }: Order) => {
  const { default: row }: { default: Row } = await import(file)
  const finding = await row.run({ ...options, say: (line) => void report({ line }) })
  await report({ finding })
  // Whatever a row leaves open ends with it.
  process.exit(0)
})
