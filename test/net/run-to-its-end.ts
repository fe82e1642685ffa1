import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const ROOT = path.resolve(import.meta.dirname, '../..')
// Ten times what such a process takes on two busy cores.
const LONGEST_MS = 10_000

/**
 * Runs a module in a process of its own, which has to end by itself.
 *
 * @param lines of the module; `lib` is the folder's URL
 * @param env where `TRUSTED` is the certificate that it trusts
 * @returns what it printed; no exit code where it had to be ended
 */
export async function runToItsEnd(
  lines: readonly string[],
  env: { TRUSTED: string; [name: string]: string },
) {
  const lib = JSON.stringify(pathToFileURL(path.join(ROOT, 'lib')).href)
  const source = [
    "import tls from 'node:tls'",
    'tls.setDefaultCACertificates([process.env.TRUSTED])',
    `const lib = ${lib}`,
    ...lines,
  ].join('\n')
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: { PATH: process.env['PATH'], ...env },
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode] = await ended
  return { exitCode: exitCode as number | null, stdout, stderr }
}
