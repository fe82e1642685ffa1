import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { copyProject } from '../local/project-copy.ts'
import { person } from '../ledger/open-ledger.ts'
import { freePort } from '../support/free-port.ts'
import { runScript } from './run-script.ts'

let project: Awaited<ReturnType<typeof copyProject>>
let api: ChildProcess
let url: string

beforeAll(async () => {
  project = await copyProject(['scripts', 'lib', 'handlers', 'test/simulators'])
  const port = await freePort()
  url = `http://localhost:${port}`
  const sls = path.join(project.dir, 'node_modules/serverless/bin/serverless.js')
  api = spawn(process.execPath, [sls, 'local', '--port', String(port)], {
    cwd: project.dir,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: 'ignore',
  })
  const state = path.join(project.dir, '.build/local-api.json')
  await vi.waitUntil(() => existsSync(state), { timeout: 20_000, interval: 50 })
}, 30_000)
afterAll(async () => {
  api.kill('SIGKILL')
  await project.remove()
})

describe('npm start', () => {
  it('listens on port 3000 where none is named, and says so where it is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => {
      // Whoever else holds the port serves this test as well.
      taken.once('error', () => resolve()).listen(3000, 'localhost', () => resolve())
    })
    const { exitCode, output } = await project.sls(['local'])
    taken.close()
    expect(exitCode).toBe(1)
    expect(output).toContain('Cannot listen on port 3000 (EADDRINUSE)')
  })
})

const run = (script: string, args: string[], input = '') =>
  runScript(script, args, {
    root: project.dir,
    input,
    // A developer's shell, which must not lead the command to a real account.
    env: { AWS_PROFILE: 'production', AWS_SESSION_TOKEN: 'real' },
  })
const ops = (...args: string[]) => run('ops.ts', [...args, '--local', '--json'])

describe('the API on this machine', () => {
  it('fails the smoke test loudly: it lets in whoever comes', async () => {
    const { exitCode, stdout } = await run('smoke.ts', ['--url', url, '--stage', 'dev'])
    expect(exitCode).toBe(1)
    expect(stdout.match(/^✘ .*/gm)).toEqual([
      expect.stringMatching(/an unsigned GET is refused/),
      expect.stringMatching(/an unsigned POST is refused/),
    ])
    expect(stdout).toContain('ANYONE WHO FINDS THIS ADDRESS CAN CALL IT')
  })

  it('is found by npm run ops -- … --local while it runs', async () => {
    const ask = () =>
      fetch(`${url}/v1/verifications/three-element`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(person(1)),
      })
    expect((await ops('pause', 'databao')).exitCode).toBe(0)
    expect((await ask()).status).toBe(503)
    expect((await ops('lift', 'databao')).exitCode).toBe(0)
    expect((await ask()).status).toBe(200)
    const { totals } = JSON.parse((await ops('usage')).stdout)
    expect(totals).toMatchObject([{ provider: 'databao', asked: 2, refused: 1, billedYes: 1 }])

    const { cardNumber } = person(1)
    const input = JSON.stringify({ cardNumber })
    const deleted = await run('ops.ts', ['delete-person', '--yes', '--local', '--json'], input)
    expect(JSON.parse(deleted.stdout).deleted).toMatchObject({ person: 1, verification: 1 })

    api.kill('SIGINT')
    await once(api, 'exit')
    const gone = await ops('usage')
    expect(gone).toMatchObject({
      exitCode: 1,
      stderr: 'No local API is running: start it with npm start.\n',
    })
  })
})
