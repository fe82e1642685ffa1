import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const POLL_MS = 100
/** Its last line at the start: ` * Running on http://127.0.0.1:43127`. */
const LISTENING = /Running on (http:\/\/127\.0\.0\.1:\d+)/

/** MOTO_SERVER, or the program in the newest virtual environment of test/external/run.ts. */
export function motoProgram(): string | undefined {
  const installed = globSync('.build/external/*/bin/moto_server').map((file) => ({
    file,
    at: statSync(file).mtimeMs,
  }))
  const [newest] = installed.sort((one, other) => other.at - one.at)
  return process.env['MOTO_SERVER'] ?? newest?.file
}

/** moto's AWS on a port of its own choice. */
export async function startMoto() {
  const program = motoProgram()
  if (program === undefined) throw new Error('moto is not installed here')
  const server = spawn(program, ['-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      if (!LISTENING.test(output)) output += chunk
    })
  }
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const url = LISTENING.exec(output)?.[1]
    if (url) {
      const close = async () => {
        server.kill()
        await once(server, 'close')
      }
      return { url, close }
    }
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill()
      throw new Error(`moto_server did not start:\n${output}`)
    }
    await sleep(POLL_MS)
  }
}
