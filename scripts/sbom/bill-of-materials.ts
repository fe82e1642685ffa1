import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

const ROOT = path.resolve(import.meta.dirname, '../..')
const CLI = path.join(ROOT, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js')

type Bom = { metadata: { tools?: { components: { name: string }[] } } }

/**
 * What ships, in CycloneDX: the runtime dependencies as package-lock.json has them. The same lock
 * gives the same text on every machine.
 *
 * @throws Error where npm is not there
 */
export async function billOfMaterials(): Promise<string> {
  // The lock alone: what else lies in node_modules differs between machines.
  const args = ['--package-lock-only', '--omit', 'dev', '--no-workspaces', '--output-reproducible']
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { cwd: ROOT })
  const bom = JSON.parse(stdout) as Bom
  // So does npm, which is listed among the tools.
  const tools = bom.metadata.tools?.components.filter(({ name }) => name !== 'npm') ?? []
  bom.metadata.tools = { components: tools }
  return `${JSON.stringify(bom, null, 2)}\n`
}
