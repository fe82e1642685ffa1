import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quickenDynalite } from '../../ledger/long/quick-dynalite.ts'
import { startSimulators } from '../../simulators/start-simulators.ts'
import { randomOf } from '../random.ts'
import { certificates } from './certificates.ts'
import { type Channel, channelNames } from './channels.ts'
import type { Stage } from './environment.ts'
import { startFaultProvider } from './fault-provider.ts'
import type { Observation, Phase } from './observation.ts'
import { inventedPeople } from './people.ts'
import { answered } from './phases/answered.ts'
import { connected } from './phases/connected.ts'
import { crossed } from './phases/crossed.ts'
import { frozen } from './phases/frozen.ts'
import { huge } from './phases/huge.ts'
import { late } from './phases/late.ts'
import { unreached } from './phases/unreached.ts'

export type Matrix = {
  observations: Observation[]
  /** Requests that nobody was to make. */
  strays: string[]
}

export type MatrixOptions = {
  functionOf: Stage['functionOf']
  seed: number
  /** Each asks every case once, with people, order, chunks and pauses of its own. */
  rounds: readonly number[]
  scratchDir: string
  channels?: readonly Channel[]
  /** Leaves out cases by their name. */
  wants?: (name: string) => boolean
  say?: (line: string) => void
}

/** For a second attempt that comes when the caller has gone. */
const AFTERMATH_MS = 500

/** Every case for every channel, in processes of the packaged functions. */
export async function runMatrix(options: MatrixOptions): Promise<Matrix> {
  const { functionOf, seed, rounds, scratchDir, channels = channelNames } = options
  const { wants = () => true, say = () => {} } = options
  quickenDynalite()
  const certificate = certificates()
  const trusted = path.join(scratchDir, 'trusted.pem')
  await writeFile(trusted, certificate.trusted)
  const simulators = await startSimulators()
  const provider = await startFaultProvider(certificate.good)
  const person = inventedPeople(randomOf(seed, 'people'))
  const observed: Observation[] = []
  const stage: Stage = { functionOf, simulators, trusted }
  const shared = { stage, provider, seed, rounds, person, wants, observed }

  const onEachChannel = async (name: string, run: (phase: Phase) => Promise<void>) => {
    const startedAt = performance.now()
    const before = observed.length
    await Promise.all(channels.map((channel) => run({ ...shared, channel })))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const asked = observed.length - before
    if (asked > 0) say(`${name}: ${asked} requests in ${seconds} s`)
  }
  await onEachChannel('answers and wire faults', answered)
  await onEachChannel('bodies without end', huge)
  await onEachChannel('crossed answers', crossed)
  await onEachChannel('deadlines', late)
  await onEachChannel('connections', (phase) => connected(phase, certificate))
  await onEachChannel('unreachable hosts', unreached)
  await onEachChannel('freezes', (phase) => frozen(phase, certificate))
  await sleep(AFTERMATH_MS)
  await provider.close()
  await simulators.close()
  return { observations: observed, strays: provider.strays }
}
