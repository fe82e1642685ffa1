import path from 'node:path'
import { bundleFunction } from '../../../scripts/bundle.mjs'
import type { Artifact } from '../../bundle/artifact.ts'
import { type Breakage, brokenCopy } from '../broken-copy.ts'
import { channels } from './channels.ts'
import type { Stage } from './environment.ts'

const handlers = {
  verifyThreeElement: 'handlers/verify-three-element.ts',
  verifyTwoElement: 'handlers/verify-two-element.ts',
} as const

/** The packaged functions, bundled anew from a source that is wrong somewhere. */
export async function brokenFunctions(
  artifact: Artifact,
  scratchDir: string,
  breakages: readonly Breakage[],
): Promise<Stage['functionOf']> {
  const rootDir = await brokenCopy(scratchDir, breakages)
  const files = await Promise.all(
    Object.entries(handlers).map(async ([name, entry]) => {
      const outDir = path.join(rootDir, 'built', name)
      const { file } = await bundleFunction({ entry, outDir, rootDir })
      return [name, file] as const
    }),
  )
  const fileOf = new Map<string, string>(files)
  return (channel) => {
    const { functionName } = channels[channel]
    const fn = artifact.fn(functionName)
    return { ...fn, file: fileOf.get(functionName) ?? fn.file }
  }
}
