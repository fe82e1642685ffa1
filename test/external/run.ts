import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { packageVariant, type Variant, variants } from '../template/packaged-template.ts'
import { runTool } from './run-tool.ts'

const HERE = path.relative(process.cwd(), import.meta.dirname)
const WORK = '.build/external'
const NO_REGISTRY =
  /No matching distribution|Could not fetch|Connection|timed out|Temporary failure|ProxyError|Forbidden/i

const bin = await installTools()
if ('skipped' in bin) {
  console.log(`skipped: ${bin.skipped}`)
} else {
  const findings = await scanTemplates(bin.dir)
  console.log(findings === 0 ? 'External checks: no findings.' : 'External checks: see above.')
  process.exitCode = findings === 0 ? 0 : 1
}

/** A virtual environment for these requirements; a second run finds it there. */
async function installTools(): Promise<{ dir: string } | { skipped: string }> {
  const requirements = path.join(HERE, 'requirements.txt')
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

/** cfn-lint reads every deployment, checkov the one with every optional protection. */
async function scanTemplates(dir: string): Promise<number> {
  await mkdir(WORK, { recursive: true })
  let failed = 0
  const report = (title: string, { exitCode, output }: Awaited<ReturnType<typeof runTool>>) => {
    console.log(`${exitCode === 0 ? 'ok    ' : 'FAILED'} ${title}`)
    if (exitCode !== 0) console.log(output)
    failed += exitCode === 0 ? 0 : 1
  }
  for (const variant of Object.keys(variants) as Variant[]) {
    const file = path.join(WORK, `${variant}.json`)
    await writeFile(file, JSON.stringify(await packageVariant(variant), null, 2))
    const { region } = variants[variant]
    const lint = ['--template', file, '--config-file', path.join(HERE, 'cfn-lint.yaml')]
    const linted = await runTool(path.join(dir, 'cfn-lint'), [...lint, '--regions', region])
    report(`cfn-lint, ${variant} deployment in ${region}`, linted)
  }
  const config = path.join(HERE, 'checkov.yaml')
  const hardened = path.join(WORK, 'hardened.json')
  const scanned = await runTool(path.join(dir, 'checkov'), [
    '--config-file',
    config,
    '-f',
    hardened,
  ])
  report('checkov, hardened deployment', scanned)
  return failed
}
