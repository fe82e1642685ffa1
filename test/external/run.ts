import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { packageVariant, type Variant, variants } from '../template/packaged-template.ts'
import { installTools, WORK } from './install-tools.ts'
import { runTool } from './run-tool.ts'

const HERE = path.relative(process.cwd(), import.meta.dirname)

const bin = await installTools('requirements.txt')
if ('skipped' in bin) {
  console.log(`skipped: ${bin.skipped}`)
} else {
  const findings = await scanTemplates(bin.dir)
  console.log(findings === 0 ? 'External checks: no findings.' : 'External checks: see above.')
  process.exitCode = findings === 0 ? 0 : 1
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
