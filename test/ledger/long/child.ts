import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the SDK wants of any environment; the simulators look at none of it. */
const AWS = {
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
}

/** Nothing but the ledger's promises refuses: a proof sets the limit that it is about. */
const NO_LIMITS = Object.fromEntries(
  [
    'CARD_DAILY_CALLS',
    'CARD_DAILY_MISMATCHES',
    'ID_DAILY_CALLS',
    'PROVIDER_DAILY_LIMIT',
    'CALLER_DAILY_LIMIT',
  ].map((name) => [name, '1000000']),
)

/** Halves the start of a process, of which there are thousands. */
const COMPILE_CACHE = path.join(tmpdir(), 'bankcard-verify-proofs')

/** Starts a process of these proofs; it is ready once its first message has come. */
export async function startChild(
  file: URL,
  environment: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = fork(fileURLToPath(file), {
    env: { ...AWS, ...NO_LIMITS, ...environment, NODE_COMPILE_CACHE: COMPILE_CACHE },
    // Its log is a line for each request.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const died = once(child, 'exit').then(() => {
    throw new Error(`${file.pathname} ended before it was ready`)
  })
  await Promise.race([once(child, 'message'), died])
  died.catch(() => {})
  return child
}

/** Sends a message, and waits for the one that answers it. */
export function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answered = (answer: unknown) => {
      child.off('exit', died)
      resolve(answer as Answer)
    }
    const died = () => reject(new Error('a child ended in place of an answer'))
    child.once('message', answered).once('exit', died)
    child.send(message)
  })
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
