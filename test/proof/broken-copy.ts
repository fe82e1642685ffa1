import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../docs/documents.ts'

/** One place in the source, made wrong. */
export type Breakage = { file: string; from: string; to: string }

/**
 * A copy of lib/ and handlers/ with these breakages in it, below `scratchDir`.
 * @returns its directory
 * @throws Error where the source no longer reads as a breakage expects it
 */
export async function brokenCopy(
  scratchDir: string,
  breakages: readonly Breakage[],
): Promise<string> {
  const dir = await mkdtemp(path.join(scratchDir, 'broken-'))
  for (const part of ['lib', 'handlers', 'package.json']) {
    await cp(path.join(ROOT, part), path.join(dir, part), { recursive: true })
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'))
  for (const { file, from, to } of breakages) {
    const source = await readFile(path.join(dir, file), 'utf8')
    if (!source.includes(from)) throw new Error(`${file} does not say ${from}`)
    await writeFile(
      path.join(dir, file),
      source.replaceAll(from, () => to),
    )
  }
  return dir
}
