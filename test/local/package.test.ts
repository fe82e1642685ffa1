import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertOnlyShippable, bundleFunction } from '../../scripts/bundle.mjs'
import { copyProject } from './project-copy.ts'

// Every outgoing connection of the process fails.
const NO_CONNECT = `import net from 'node:net'
net.Socket.prototype.connect = () => { throw new Error('the network was used') }`
const OFFLINE = ['--import', `data:text/javascript,${encodeURIComponent(NO_CONNECT)}`]
const FUNCTIONS = ['verifyThreeElement', 'verifyTwoElement']

let project: Awaited<ReturnType<typeof copyProject>>

beforeAll(async () => {
  project = await copyProject(['scripts', 'lib', 'handlers'])
})

afterAll(() => project.remove())

async function packageFor(stage: string, region: string, env: Record<string, string>) {
  const args = ['package', '--stage', stage, '--region', region]
  const { exitCode, output } = await project.sls(args, env, OFFLINE)
  expect(output).not.toContain('Error')
  expect(exitCode).toBe(0)
  const read = (name: string) => readFile(path.join(project.dir, '.serverless', name))
  return {
    zips: await Promise.all(FUNCTIONS.map((name) => read(`${name}.zip`))),
    template: JSON.parse(String(await read('cloudformation-template-update-stack.json'))),
  }
}

describe('sls package', () => {
  it('needs no network and no credentials, and gives the same bytes again', async () => {
    const singapore = await packageFor('prod', 'ap-southeast-1', { TZ: 'America/New_York' })
    const beijing = await packageFor('local', 'cn-north-1', { TZ: 'Asia/Shanghai' })

    expect(beijing.zips.map(sha256)).toEqual(singapore.zips.map(sha256))
    for (const zip of singapore.zips) expect(entriesOf(zip)).toEqual(['index.mjs'])
    for (const { template } of [singapore, beijing]) {
      const text = JSON.stringify(template)
      expect(text).not.toMatch(/localhost|127\.0\.0\.1|AWS_ENDPOINT|arn:aws/)
      expect(text).toContain('"Handler":"index.handler"')
    }
  })

  it.each(['deploy', 'deploy function -f verifyTwoElement', 'remove'])(
    'is the furthest that stage local goes: "%s" is refused',
    async (command) => {
      const { exitCode, output } = await project.sls(command.split(' '), {}, OFFLINE)
      expect(exitCode).toBe(1)
      expect(output).toContain('Stage "local" never leaves this machine')
      expect(output).not.toContain('    at ')
    },
  )
})

describe('a bundle', () => {
  it('holds the handler, lib and packages only', async () => {
    const outDir = path.join(project.dir, '.build/test')
    const entry = 'handlers/verify-two-element.ts'
    const { metafile } = await bundleFunction({ entry, outDir, rootDir: project.dir })
    const folders = new Set(Object.keys(metafile.inputs).map((input) => input.split(/[/:]/)[0]))
    expect(folders).toEqual(new Set(['handlers', 'lib', 'node-builtin', 'node_modules']))
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([])
  })

  it.each(['test/simulators/scenarios.ts', 'scripts/bundle.mjs', '../elsewhere/lib/x.ts'])(
    'is refused with %s in it',
    (input) => {
      const inputs = { 'lib/a.ts': { bytes: 1, imports: [] }, [input]: { bytes: 1, imports: [] } }
      expect(() => assertOnlyShippable({ inputs, outputs: {} })).toThrow(input)
    },
  )

  it('is refused where it needs something from outside', () => {
    const imports = [{ path: 'uuid', kind: 'import-statement' as const, external: true }]
    const output = { bytes: 1, inputs: {}, imports, exports: [] }
    expect(() => assertOnlyShippable({ inputs: {}, outputs: { 'index.mjs': output } })).toThrow(
      'uuid',
    )
  })
})

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** File names in a zip's central directory. */
function entriesOf(zip: Buffer): string[] {
  const names: string[] = []
  const signature = Buffer.from('PK\x01\x02', 'latin1')
  for (let at = zip.indexOf(signature); at !== -1; at = zip.indexOf(signature, at + 1)) {
    names.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)))
  }
  return names
}
