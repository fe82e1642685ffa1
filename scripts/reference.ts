import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { referenceFiles } from './reference/reference-files.ts'

// Writes the reference page into .build/reference, for reading from any static host.
const FOLDER = path.join(import.meta.dirname, '../.build/reference')

const files = await referenceFiles('read')
await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })
for (const [name, { body }] of files) await writeFile(path.join(FOLDER, name), body)
process.stdout.write(`.build/reference/index.html\n`)
