import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A running `npm start`, as `npm run ops -- … --local` finds it. */
export type LocalState = {
  pid: number
  url: string
  /** Leads to its simulators; nothing in it is a secret. */
  environment: Record<string, string>
}

/** Variables of the developer's shell that could lead to a real AWS account. */
export const leadsToAws = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
]

const FILE = path.join(import.meta.dirname, '../../.build/local-api.json')

export async function writeLocalState(state: LocalState): Promise<void> {
  await mkdir(path.dirname(FILE), { recursive: true })
  await writeFile(FILE, JSON.stringify(state, null, 2))
}

/** Leaves alone what another one has written since. */
export async function removeLocalState(): Promise<void> {
  if (readFile()?.pid === process.pid) await rm(FILE, { force: true })
}

/** @returns nothing where none runs, the file of one that was killed included */
export function readLocalState(): LocalState | undefined {
  const state = readFile()
  return state && isAlive(state.pid) ? state : undefined
}

function readFile(): LocalState | undefined {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
