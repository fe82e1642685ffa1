import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { copyProject } from '../../local/project-copy.ts'
import { freePort } from '../../support/free-port.ts'

const GREETING = /on (http:\/\/localhost:\d+),/

/** `npm start` itself, from a copy of the project and on a port of its own. */
export async function startLocalApi() {
  const project = await copyProject(['scripts', 'lib', 'handlers', 'test/simulators'])
  const sls = path.join(project.dir, 'node_modules/serverless/bin/serverless.js')
  const child = spawn(process.execPath, [sls, 'local', '--port', String(await freePort())], {
    cwd: project.dir,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    return { url: await greeted(child), close }
  } catch (error) {
    await close()
    throw error
  }

  async function close() {
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await project.remove()
  }
}

function greeted(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
      const [, url] = GREETING.exec(said) ?? []
      if (url) resolve(url)
    })
    child.once('exit', () => reject(new Error('npm start ended')))
  })
}
