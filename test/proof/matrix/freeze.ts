import { setTimeout as sleep } from 'node:timers/promises'
import { between, pick, type Random } from '../random.ts'
import { type Expected, lost, match } from './expected.ts'

/** What becomes of an idle connection; `answered` sends an answer that nobody has asked for. */
const ends = ['closed', 'reset', 'forgotten', 'answered'] as const
export type End = (typeof ends)[number]

type Freeze = {
  length: string
  ms: { least: number; most: number }
  ends: readonly End[]
  expected: readonly [Expected, ...Expected[]]
}

/** Long enough that an idle connection is old; or so short that it still looks young. */
export const freezes: readonly Freeze[] = [
  { length: 'long', ms: { least: 4100, most: 5200 }, ends, expected: [match] },
  {
    length: 'short',
    ms: { least: 200, most: 1500 },
    // A forgotten one would be waited for until the deadline, as any silent provider is.
    ends: ['closed', 'reset', 'answered'],
    expected: [match, lost],
  },
]

/** Stops a process as Lambda does, ends its connection meanwhile, and lets it run again. */
export async function freezeProcess(
  pid: number,
  random: Random,
  { ms, ends }: Freeze,
  endConnection: (end: End) => void,
): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await sleep(between(random, 10, 100))
  endConnection(pick(random, ends))
  await sleep(between(random, ms.least, ms.most))
  process.kill(pid, 'SIGCONT')
}
