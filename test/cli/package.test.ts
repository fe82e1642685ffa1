import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventedPerson } from '../ledger/long/invented-person.ts'
import { peopleCsv, runCli, temporaryFolder } from './run-cli.ts'
import { startStubApi } from './stub-api.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
const folder = temporaryFolder()
let dir: string
let unpacked: string

/** `npm pack` on a copy, unpacked where no `node_modules` is in sight. */
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cli-package-'))
  for (const part of ['cli', 'client', 'lib', 'LICENSE']) {
    const filter = (file: string) => !['node_modules', 'dist'].includes(path.basename(file))
    await cp(path.join(ROOT, part), path.join(dir, 'copy', part), { recursive: true, filter })
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(dir, 'copy/node_modules'))
  await run('npm', ['pack', '--offline', '--pack-destination', dir], {
    cwd: path.join(dir, 'copy/cli'),
    env: { PATH: process.env['PATH'], npm_config_cache: path.join(dir, 'cache') },
  })
  await run('tar', ['-xzf', 'bankcard-verify-cli-0.1.0.tgz'], { cwd: dir })
  unpacked = path.join(dir, 'package')
}, 120_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('the packed command', () => {
  it('holds its bundle and the licences of what is in it, and needs no package', async () => {
    const { stdout } = await run('tar', ['-tzf', path.join(dir, 'bankcard-verify-cli-0.1.0.tgz')])
    expect(stdout.trim().split('\n').toSorted()).toEqual([
      'package/bin/bankcard-verify.mjs',
      'package/dist/LICENSES.txt',
      'package/dist/main.mjs',
      'package/package.json',
    ])
    const manifest = JSON.parse(await readFile(path.join(unpacked, 'package.json'), 'utf8'))
    expect(manifest.bin).toEqual({ 'bankcard-verify': 'bin/bankcard-verify.mjs' })
    expect(manifest).not.toHaveProperty('dependencies')

    const bundle = await readFile(path.join(unpacked, 'dist/main.mjs'), 'utf8')
    const imported = [...bundle.matchAll(/^import .*? from "([^"]+)"/gm)].map(
      ([, name = '']) => name,
    )
    const strangers = imported.filter((name) => !builtinModules.includes(name.replace('node:', '')))
    expect(imported.length).toBeGreaterThan(10)
    expect(strangers).toEqual([])
    const licences = await readFile(path.join(unpacked, 'dist/LICENSES.txt'), 'utf8')
    for (const name of [
      'aws4fetch',
      'cli-progress',
      'csv-parse',
      'csv-stringify',
      '@inquirer/core',
    ]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
  })

  it('checks one person and a list', async () => {
    const api = await startStubApi()
    const env = { BANKCARD_VERIFY_URL: api.url }
    const cli = path.join(unpacked, 'bin/bankcard-verify.mjs')
    const input = JSON.stringify(inventedPerson(1))
    const checked = await runCli(['check', '--stdin'], { cli, env, input })
    expect(checked.stdout).toMatch(/^match: name, ID number and card number belong together/)

    const file = await folder.write('people.csv', peopleCsv(5))
    const listed = await runCli(['batch', file, '-o', folder.at('results.csv')], { cli, env })
    expect(listed.exitCode).toBe(0)
    expect(await folder.results()).toHaveLength(5)
    await api.close()
  })

  it('knows its version', async () => {
    const { stdout } = await runCli(['--version'], {
      cli: path.join(unpacked, 'bin/bankcard-verify.mjs'),
    })
    expect(stdout).toBe('0.1.0\n')
  })
})
