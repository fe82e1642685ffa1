import type { Artifact, FunctionName } from '../../bundle/artifact.ts'
import type { Breakage } from '../broken-copy.ts'
import { brokenFunction } from '../leaks/broken-function.ts'
import type { Control } from '../row.ts'
import { nobodies, principals } from './callers.ts'
import { openDoor } from './door.ts'
import { runMatrix } from './matrix.ts'

/** So few callers show what is wrong with a function. */
const CALLERS = principals.slice(0, 6)
const ANONYMOUS = nobodies.slice(0, 3)

type Careless = { what: string; fn: FunctionName; breakage: Breakage }

const careless: readonly [Careless, ...Careless[]] = [
  {
    what: 'a record that is found for whoever knows its id',
    fn: 'getVerification',
    breakage: {
      file: 'lib/ledger/verification-record.ts',
      from: "item?.['caller'] === caller ?",
      to: 'item ?',
    },
  },
  {
    what: "another's record that is told apart from none",
    fn: 'getVerification',
    breakage: {
      file: 'lib/ledger/verification-record.ts',
      from: "item?.['caller'] === caller ?",
      to: "item && item['caller'] !== caller ? '{}' : item ?",
    },
  },
  {
    what: 'a caller that a missing authorizer makes up',
    fn: 'listVerifications',
    breakage: {
      file: 'lib/http/caller.ts',
      from: 'subject === undefined ? undefined',
      to: "subject === undefined ? 'iam:anonymous'",
    },
  },
  {
    what: 'keys and answers that all callers share',
    fn: 'verifyTwoElement',
    breakage: {
      file: 'lib/ledger/verification-ledger.ts',
      from: 'new VerificationAttempt(options, question,',
      to: "new VerificationAttempt(options, { ...question, caller: 'everybody' },",
    },
  },
]

/** Builds of the functions that let others in, and whether a small matrix sees it. */
export async function carelessFunctions(artifact: Artifact, scratchDir: string, seed: number) {
  const [first, ...others] = careless
  const controls: [Control, ...Control[]] = [await controlOf(first, artifact, scratchDir, seed)]
  for (const other of others) controls.push(await controlOf(other, artifact, scratchDir, seed))
  return controls
}

async function controlOf(
  { what, fn, breakage }: Careless,
  artifact: Artifact,
  scratchDir: string,
  seed: number,
): Promise<Control> {
  const broken = await brokenFunction(artifact.fn(fn), scratchDir, [breakage])
  const door = await openDoor(artifact, (honest) => (honest.name === fn ? broken : honest))
  const { cells, wrong } = await runMatrix(door, seed, {
    callers: CALLERS,
    anonymous: ANONYMOUS,
    strangers: 1,
    spoilt: 0,
  })
  await door.close()
  return {
    broken: what,
    caught: wrong.length > 0,
    figure: `${wrong.length} of ${cells} cells wrong`,
  }
}
