import path from 'node:path'
import { bundleFunction } from '../../../scripts/bundle.mjs'
import type { PackagedFunction } from '../../bundle/artifact.ts'
import { type Breakage, brokenCopy } from '../broken-copy.ts'

/** The same function, bundled anew from a source that is wrong somewhere. */
export async function brokenFunction(
  fn: PackagedFunction,
  scratchDir: string,
  breakages: readonly Breakage[],
): Promise<PackagedFunction> {
  return bundledFrom(await brokenCopy(scratchDir, breakages), fn)
}

async function bundledFrom(rootDir: string, fn: PackagedFunction): Promise<PackagedFunction> {
  const handler = fn.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const dir = path.join(rootDir, 'built')
  const { file } = await bundleFunction({ entry: `handlers/${handler}.ts`, outDir: dir, rootDir })
  return { ...fn, dir, file }
}
