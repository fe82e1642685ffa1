import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runTool } from './run-tool.ts'

const HERE = path.relative(process.cwd(), import.meta.dirname)
/** What is not kept in the repository. */
export const WORK = '.build/external'
// A version that is not there is an error, where the registry answers at all.
const NO_REGISTRY = /Could not fetch|Connection|timed out|Temporary failure|ProxyError|Forbidden/i

/**
 * A virtual environment for the requirements in this file; a second run finds it there.
 * @returns the directory of its programs, or why there is none
 */
export async function installTools(file: string): Promise<{ dir: string } | { skipped: string }> {
  const requirements = path.join(HERE, file)
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const venv = path.join(WORK, `venv-${hash}`)
  const dir = path.join(venv, 'bin')
  const done = path.join(venv, 'installed')
  if (existsSync(done)) return { dir }

  await rm(venv, { recursive: true, force: true })
  const made = await runTool('python3', ['-m', 'venv', venv])
  if (made.exitCode !== 0) return { skipped: `no Python 3 with venv here (${made.lastLine}).` }
  const install = ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const installed = await runTool(path.join(dir, 'pip'), install)
  if (installed.exitCode !== 0) {
    if (!NO_REGISTRY.test(installed.output)) throw new Error(installed.output)
    return { skipped: `the Python registry cannot be reached (${installed.lastLine}).` }
  }
  await writeFile(done, '')
  return { dir }
}
