import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { awsCredentials } from '../bundle/function-process.ts'
import type { startLocalApi } from './local-api.ts'

const CLIENT = path.resolve(import.meta.dirname, '../../client')

/** The example as client/README.md has it; the file of client/examples/ must be the same. */
export async function exampleOf(name: string): Promise<{ shown: string; file: string }> {
  const readme = await readFile(path.join(CLIENT, 'README.md'), 'utf8')
  const block = new RegExp(`<!-- examples/${name} -->\\n\`\`\`[a-z]+\\n(.*?)\`\`\`\\n`, 's')
  return {
    shown: block.exec(readme)?.[1] ?? '',
    file: await readFile(path.join(CLIENT, 'examples', name), 'utf8'),
  }
}

/** `person.json` as client/README.md has it. */
export async function personFile(): Promise<string> {
  const readme = await readFile(path.join(CLIENT, 'README.md'), 'utf8')
  return /^`person\.json` is `(.*?)`/m.exec(readme)?.[1] ?? ''
}

/** Runs a program that calls the signing gateway, and trusts its certificate in every language. */
export async function runExample(
  { gatewayUrl, certificate }: Awaited<ReturnType<typeof startLocalApi>>,
  program: string,
  args: readonly string[],
  { cwd, sessionToken = '' }: { cwd: string; sessionToken?: string },
): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    API: gatewayUrl,
    ...awsCredentials,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    NODE_EXTRA_CA_CERTS: certificate,
    CURL_CA_BUNDLE: certificate,
    REQUESTS_CA_BUNDLE: certificate,
  }
  const { stdout } = await promisify(execFile)(program, args, { cwd, env, timeout: 30_000 })
  return stdout
}
