import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SLS = path.join(ROOT, 'node_modules/serverless/bin/serverless.js')

type Finished = { exitCode: number; stdout: string; stderr: string; output: string }

/**
 * A copy of the project in a directory of its own: `sls` empties `.serverless` first, which must
 * not happen to the package that another test looks at.
 */
export async function copyProject(parts: string[]) {
  const dir = await mkdtemp(path.join(tmpdir(), 'bankcard-verify-'))
  for (const part of ['serverless.yml', 'package.json', ...parts]) {
    await cp(path.join(ROOT, part), path.join(dir, part), { recursive: true })
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'))
  return {
    dir,
    /** Runs `sls` with nothing in its environment but PATH, an absent home and `env`. */
    sls: (args: string[], env: Record<string, string> = {}, nodeArgs: string[] = []) =>
      run([...nodeArgs, SLS, ...args], dir, env),
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

function run(args: string[], cwd: string, env: Record<string, string>): Promise<Finished> {
  const { PATH = '' } = process.env
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { cwd, env: { PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env } },
      (_error, stdout, stderr) =>
        resolve({ exitCode: child.exitCode ?? -1, stdout, stderr, output: stdout + stderr }),
    )
    child.stdin?.end()
  })
}
