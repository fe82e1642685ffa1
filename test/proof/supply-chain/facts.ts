import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Metafile } from 'esbuild'
import { billOfMaterials } from '../../../scripts/sbom/bill-of-materials.ts'
import { bundleFunction } from '../../../scripts/bundle.mjs'
import { shipped } from '../../bench/variants.ts'
import { read, ROOT } from '../../docs/documents.ts'

export type Locked = {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
  hasInstallScript?: boolean
  dependencies?: Record<string, string>
}
type Installed = { name: string; version: string; license: string }

/** Everything that is said anywhere of what ships. */
export type Facts = {
  /** Of package.json: name and version. */
  dependencies: Record<string, string>
  /** Of package-lock.json, by place. */
  lock: Record<string, Locked>
  /** Packages of which any byte is in a bundle, as they say of themselves. */
  bundled: Installed[]
  decisions: string
  /** Written twice. */
  bills: readonly [string, string]
}

export async function readFacts(scratchDir: string): Promise<Facts> {
  const { dependencies } = JSON.parse(read('package.json'))
  const { packages } = JSON.parse(read('package-lock.json'))
  return {
    dependencies,
    lock: packages,
    bundled: await bundledPackages(scratchDir),
    decisions: read('docs/decisions.md'),
    bills: [await billOfMaterials(), await billOfMaterials()],
  }
}

async function bundledPackages(scratchDir: string): Promise<Installed[]> {
  const names = new Set<string>()
  for (const [name, entry] of Object.entries(shipped)) {
    const outDir = path.join(scratchDir, 'supply-chain', name)
    const { metafile } = await bundleFunction({ entry, outDir, rootDir: ROOT })
    for (const found of packagesIn(metafile)) names.add(found)
  }
  return Promise.all(
    [...names].sort().map(async (name) => {
      const file = path.join(ROOT, 'node_modules', name, 'package.json')
      const { version, license } = JSON.parse(await readFile(file, 'utf8'))
      return { name, version, license }
    }),
  )
}

/** By the bytes that came into the output, not by what was merely read. */
function packagesIn({ outputs }: Metafile): string[] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((input) => {
      const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? []
      return name === undefined ? [] : [name]
    })
}
