import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyProject } from './project-copy.ts'

const ECHO = `export const handler = async (event: unknown) => ({ event, env: process.env })\n`
const event = { body: '张三' }
const invoke = ['invoke', 'local', '-f', 'verifyThreeElement', '-d', JSON.stringify(event)]
const shell = {
  AWS_PROFILE: 'production',
  AWS_SESSION_TOKEN: 'real',
  AWS_ACCESS_KEY_ID: 'AKIAREAL',
  AWS_SECRET_ACCESS_KEY: 'real',
}

let project: Awaited<ReturnType<typeof copyProject>>

beforeAll(async () => {
  project = await copyProject(['scripts', 'lib', 'test/simulators'])
  await mkdir(path.join(project.dir, 'handlers'))
  await writeFile(path.join(project.dir, 'handlers/verify-three-element.ts'), ECHO)
})

afterAll(() => project.remove())

describe('sls invoke local', () => {
  it('points a function at the simulators and away from AWS, at stage local', async () => {
    const { exitCode, stdout, stderr } = await project.sls(invoke, shell)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const { env, event: received } = JSON.parse(stdout)
    expect(received).toEqual(event)
    const loopback = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(env).toMatchObject({
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: loopback,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: loopback,
      DATABAO_BASE_URL: loopback,
      DATABAO_SECRET_ID: 'bankcard-verify/local/databao',
    })
    expect(env).not.toHaveProperty('AWS_PROFILE')
    expect(env).not.toHaveProperty('AWS_SESSION_TOKEN')
  })

  it('injects nothing at any other stage, and needs nothing local there', async () => {
    await rm(path.join(project.dir, 'test'), { recursive: true })
    await rm(path.join(project.dir, 'scripts/local'), { recursive: true })
    // What osls would ask the deployed stack for.
    const config = path.join(project.dir, 'serverless.yml')
    const text = await readFile(config, 'utf8')
    await writeFile(config, text.replaceAll(/!Ref (LedgerTable|FingerprintSecret)$/gm, 'deployed'))
    const { exitCode, stdout, stderr } = await project.sls([...invoke, '--stage', 'dev'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const { env } = JSON.parse(stdout)
    expect(env).toMatchObject({
      DATABAO_BASE_URL: 'https://yhkr.market.alicloudapi.com',
      DATABAO_SECRET_ID: 'bankcard-verify/dev/databao',
    })
    expect(Object.keys(env).filter((name) => /ENDPOINT|ACCESS_KEY|CONFIG_FILE/.test(name))).toEqual(
      [],
    )
    expect(stdout).not.toContain('127.0.0.1')
  })

  it('says what to do on a Node that cannot run TypeScript', async () => {
    const { exitCode, output } = await project.sls(invoke, {}, ['--no-strip-types'])
    expect(exitCode).toBe(1)
    expect(output).toContain('run it through npx or npm')
    expect(output).not.toContain('    at ')
  })
})
