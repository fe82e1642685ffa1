import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { PUBLISHED, publishedText } from './openapi/published.ts'

// Writes docs/openapi.json; with --check it only tells whether that is what the code says.
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const wanted = await publishedText()

if (!values.check) {
  await writeFile(PUBLISHED, wanted)
} else if ((await readFile(PUBLISHED, 'utf8').catch(() => '')) !== wanted) {
  console.error('docs/openapi.json is not what the code says: run `npm run openapi`.')
  process.exitCode = 1
}
