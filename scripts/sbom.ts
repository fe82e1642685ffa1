import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { billOfMaterials } from './sbom/bill-of-materials.ts'

// Writes the software bill of materials beside the zips; `npm run package` does, once they are there.
const FILE = '.serverless/sbom.cdx.json'

await mkdir(path.dirname(FILE), { recursive: true })
await writeFile(FILE, await billOfMaterials())
console.log(`The bill of materials is ${FILE}`)
