import { isLate } from './judge.ts'
import type { Observation } from './observation.ts'
import { type Matrix, type MatrixOptions, runMatrix } from './run-matrix.ts'

const TIMES = 3
/** More of them are not the machine's doing. */
const MOST_LATE = 20

/**
 * An answer may be late because the machine was busy: its case is asked three times more, in the
 * same round and with nothing else beside it, and is as late as the latest of these. What these
 * come to besides is judged like all else.
 */
export async function measuredAgain(
  { observations, strays }: Matrix,
  options: MatrixOptions,
): Promise<Matrix> {
  const late = observations.filter(isLate)
  if (late.length > MOST_LATE) return { observations, strays }
  const again = new Map<Observation, Matrix[]>()
  for (const one of late) {
    const { channel, round, case: name } = one
    const alone = {
      channels: [channel],
      rounds: [round],
      wants: (it: string) => name.startsWith(it),
    }
    const found: Matrix[] = []
    for (let time = 0; time < TIMES; time++) {
      found.push(await runMatrix({ ...options, ...alone }))
    }
    again.set(one, found)
  }
  const more = [...again.values()].flat()
  return {
    observations: [
      ...observations.map((one) => latestOf(one, again.get(one) ?? [])),
      ...more.flatMap((matrix) => matrix.observations),
    ],
    strays: [...strays, ...more.flatMap((matrix) => matrix.strays)],
  }
}

function latestOf(one: Observation, again: readonly Matrix[]): Observation {
  const same = again
    .flatMap((matrix) => matrix.observations)
    .filter((other) => other.case === one.case)
  if (same.length === 0) return one
  return { ...one, lateMs: Math.max(...same.map(({ lateMs }) => lateMs)), measuredAgain: true }
}
