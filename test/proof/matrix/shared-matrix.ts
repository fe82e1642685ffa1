import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Artifact, packageArtifact } from '../../bundle/artifact.ts'
import type { Control, RowOptions } from '../row.ts'
import type { Breakage } from '../broken-copy.ts'
import { brokenFunctions } from './broken-functions.ts'
import type { Channel } from './channels.ts'
import { packaged } from './environment.ts'
import { measuredAgain } from './measured-again.ts'
import { type Matrix, runMatrix } from './run-matrix.ts'

const ROUNDS = { quick: 1, long: 20 }

/** A function with a fault of ours, and the cases that must show it. */
export type BrokenFunction = Breakage & {
  broken: string
  channel: Channel
  cases: readonly string[]
  rounds?: number
}

/**
 * The one matrix of a run, whichever of its rows comes first, and the same judgement passed on it
 * and on broken functions.
 */
export async function judgeMatrix(
  options: RowOptions,
  judge: (matrix: Matrix) => string[],
  brokens: readonly [BrokenFunction, ...BrokenFunction[]],
) {
  const artifact = await packageArtifact()
  try {
    const matrix = await matrixOf(options, artifact)
    const controls: Control[] = []
    for (const broken of brokens) controls.push(await controlOf(options, artifact, judge, broken))
    const [first, ...others] = controls
    if (!first) throw new Error('a row without a control')
    const failures = judge(matrix)
    return { matrix, failures, controls: [first, ...others] as const }
  } finally {
    await artifact.remove()
  }
}

async function matrixOf(options: RowOptions, artifact: Artifact): Promise<Matrix> {
  const { scratchDir, quick, seed, say } = options
  const file = path.join(scratchDir, 'matrix.json')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return JSON.parse(known) as Matrix
  const rounds = roundsOf(ROUNDS[quick ? 'quick' : 'long'])
  const functionOf = packaged(artifact)
  const matrixOptions = { functionOf, seed, rounds, scratchDir, say }
  const matrix = await measuredAgain(await runMatrix(matrixOptions), matrixOptions)
  await writeFile(file, JSON.stringify(matrix))
  return matrix
}

async function controlOf(
  { scratchDir, seed }: RowOptions,
  artifact: Artifact,
  judge: (matrix: Matrix) => string[],
  { broken, channel, cases, rounds = 1, ...breakage }: BrokenFunction,
): Promise<Control> {
  const functionOf = await brokenFunctions(artifact, scratchDir, [breakage])
  const wants = (name: string) => cases.includes(name)
  const matrix = await runMatrix({
    functionOf,
    seed,
    rounds: roundsOf(rounds),
    scratchDir,
    channels: [channel],
    wants,
  })
  // A machine that is busy must not make a control look caught.
  const inTime = matrix.observations.map((one) => ({ ...one, lateMs: 0 }))
  const failures = judge({ ...matrix, observations: inTime })
  const [first = 'nothing noticed'] = failures
  return { broken, caught: failures.length > 0, figure: `${failures.length}: ${first}` }
}

function roundsOf(count: number): number[] {
  return Array.from({ length: count }, (_, round) => round)
}
