import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle, type Metafile } from 'esbuild'
import { bundleFunction } from '../../scripts/bundle.mjs'
import { type Variant, type VariantName, variants } from './variants.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const BUILD_DIR = path.join(ROOT, '.build/bench')
const STORE = 'lib/ledger/dynamo-table.ts'
const STORE_AS_SHIPPED = 'dynamo-table-as-shipped.ts'
const STORE_STUB = fileURLToPath(new URL('variants/store-stub.ts', import.meta.url))

export type Built = { file: string; bytes: number; metafile: Metafile }

/** Builds every variant into a directory of its own: ours with the very build that ships. */
export async function buildVariants(): Promise<Record<VariantName, Built>> {
  const built = await Promise.all(
    variants.map(async (variant: Variant) => [variant.name, await buildVariant(variant)] as const),
  )
  return Object.fromEntries(built) as Record<VariantName, Built>
}

async function buildVariant({ name, build }: Variant): Promise<Built> {
  const outDir = path.join(BUILD_DIR, name)
  await mkdir(outDir, { recursive: true })
  switch (build.how) {
    case 'artifact':
      return bundleFunction({ entry: build.entry, outDir, rootDir: ROOT })
    case 'artifact-without-store':
      return bundleFunction({ entry: build.entry, outDir, rootDir: await projectWithoutStore() })
    case 'plain-esm':
      return bundlePlainly(build.entry, path.join(outDir, 'index.mjs'), 'esm')
    default:
      return bundlePlainly(build.entry, path.join(outDir, 'index.cjs'), 'cjs')
  }
}

/** esbuild as the frameworks' own pages call it, and minified. */
async function bundlePlainly(entry: URL, file: string, format: 'esm' | 'cjs'): Promise<Built> {
  const { metafile } = await bundle({
    absWorkingDir: ROOT,
    entryPoints: [fileURLToPath(entry)],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format,
    metafile: true,
    logLevel: 'error',
  })
  const [output] = Object.values(metafile.outputs)
  return { file, bytes: output?.bytes ?? 0, metafile }
}

/** A copy of what ships, with the store replaced. */
async function projectWithoutStore(): Promise<string> {
  const project = path.join(BUILD_DIR, 'project-without-store')
  await rm(project, { recursive: true, force: true })
  await mkdir(project, { recursive: true })
  for (const part of ['handlers', 'lib', 'package.json']) {
    await cp(path.join(ROOT, part), path.join(project, part), { recursive: true })
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(project, 'node_modules'))
  const shipped = path.join(project, STORE)
  await rename(shipped, path.join(path.dirname(shipped), STORE_AS_SHIPPED))
  const stub = await readFile(STORE_STUB, 'utf8')
  await writeFile(shipped, stub.replaceAll(`../../../${STORE}`, `./${STORE_AS_SHIPPED}`))
  return project
}
