import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const ROOT = path.resolve(import.meta.dirname, '../..')
const CLIENT = path.join(ROOT, 'client')
const run = promisify(execFile)

export type Compiler = 'typescript 5' | 'typescript 7'
const compilers: Record<Compiler, string> = {
  'typescript 5': path.join(CLIENT, 'node_modules/typescript/bin/tsc'),
  'typescript 7': path.join(ROOT, 'node_modules/typescript/bin/tsc'),
}

const STRICT = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
}

/**
 * `npm pack` on a copy of client/, which it changes while it works, and the tarball unpacked into
 * another project as npm would install it. No network is used.
 */
export async function installPackedClient() {
  const dir = await mkdtemp(path.join(tmpdir(), 'client-package-'))
  const source = path.join(dir, 'client')
  await cp(CLIENT, source, {
    recursive: true,
    filter: (file) => !['node_modules', 'dist'].includes(path.basename(file)),
  })
  await mkdir(path.join(source, 'dist'))
  await writeFile(path.join(source, 'dist/left-behind.js'), '')
  await symlink(path.join(CLIENT, 'node_modules'), path.join(source, 'node_modules'))
  await symlink(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'))
  const offline = { npm_config_offline: 'true', npm_config_cache: path.join(dir, 'npm-cache') }
  const { PATH } = process.env
  await run('npm', ['pack', '--pack-destination', dir], { cwd: source, env: { PATH, ...offline } })

  const { version } = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'))
  const tarball = path.join(dir, `bankcard-verify-client-${version}.tgz`)
  const { stdout: listed } = await run('tar', ['-tzf', tarball])

  const app = path.join(dir, 'app')
  const modules = path.join(app, 'node_modules')
  const installed = path.join(modules, '@bankcard-verify/client')
  await mkdir(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  for (const name of ['aws4fetch', '@types/node', 'undici-types']) {
    await cp(path.join(ROOT, 'node_modules', name), path.join(modules, name), { recursive: true })
  }
  await writeFile(path.join(app, 'package.json'), '{"type":"module"}')

  return {
    /** The copy of client/ that was packed. */
    source,
    /** The project that uses it. */
    app,
    installed,
    /** Paths in the tarball. */
    files: listed.trim().split('\n').toSorted(),
    /** Compiles a file of the project as strictly as can be. @returns what is wrong with it */
    async compile(file: string, compiler: Compiler, options: object): Promise<string> {
      const compilerOptions = { ...STRICT, ...options }
      const project = path.join(app, 'tsconfig.json')
      await writeFile(project, JSON.stringify({ compilerOptions, files: [file] }))
      return run(process.execPath, [compilers[compiler], '--project', project]).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      )
    },
    remove: () => rm(dir, { recursive: true }),
  }
}
