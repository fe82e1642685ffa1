import { spawn } from 'node:child_process'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const ROOT = path.resolve(import.meta.dirname, '../..')
const AWS = {
  AWS_REGION: 'ap-southeast-1',
  AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
  AWS_SECRET_ACCESS_KEY: 'invented/51a7c0de51a7c0de+secret/access/key',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  HOME: '/nonexistent',
}

export type Finished = { exitCode: number | null; stdout: string; stderr: string }

/** Runs a script as npm does, with nothing of this shell in its environment. */
export async function runScript(
  script: string,
  args: readonly string[],
  { env = {}, input = '', root = ROOT }: { env?: object; input?: string; root?: string } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [path.join(root, 'scripts', script), ...args], {
    env: { PATH: process.env['PATH'], ...AWS, ...env },
    cwd: root,
  })
  child.stdin.on('error', () => undefined).end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await ended, stdout, stderr }
}
