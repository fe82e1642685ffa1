import { type Artifact, functionNames } from '../../bundle/artifact.ts'
import { FunctionProcess, settingsOf } from '../../bundle/function-process.ts'
import { type Simulators, startSimulators } from '../../simulators/start-simulators.ts'
import { Draw } from './draw.ts'
import { hostileRead } from './hostile-read.ts'
import { hostileEvent } from './hostile-event.ts'
import { judgeAnswer, judgeRead } from './judge-answer.ts'
import { openSettings } from '../open-settings.ts'
import { ANONYMOUS, type Cases, nameOf, READS } from './run-cases.ts'
import { Tally } from './tally.ts'

/** The same person may be asked about again and again, and is sent each time. */
export const settings = { ...openSettings, REUSE_SECONDS: '0' }

/** Whom the providers were asked about since the last time, as far as a simulator tells. */
export function takeHits({ databao, juhe }: Simulators) {
  return [...databao.hits.splice(0), ...juhe.hits.splice(0)].map(({ cardNumber }) =>
    cardNumber === undefined ? {} : { cardNumber },
  )
}

/** Events through the packaged functions, each in its own process, against the oracle. */
export async function runPackagedCases(artifact: Artifact, { seed, count }: Cases): Promise<Tally> {
  const tally = new Tally()
  const simulators = await startSimulators()
  const started = await Promise.all(
    functionNames.map(async (name) => {
      const fn = artifact.fn(name)
      return [name, await FunctionProcess.start(fn, settingsOf(fn, simulators, settings))] as const
    }),
  )
  const processes = new Map<string, FunctionProcess>(started)
  const invoke = (name: string, event: unknown) => {
    const found = processes.get(name)
    if (!found?.isRunning) throw new Error(`${name} has ended`)
    return found.invoke(event)
  }
  for (let place = 0; place < count; place++) {
    const draw = new Draw(seed, place)
    tally.cases += 1
    if (draw.happens(READS)) {
      const { route, event, mayBe, how } = hostileRead(draw, draw.happens(ANONYMOUS))
      await attempt(tally, place, how, async () =>
        judgeRead(await invoke(route, event), takeHits(simulators), mayBe),
      )
      continue
    }
    const { event, operation, ruling, how } = hostileEvent(draw)
    const name = operation === 'three-element' ? 'verifyThreeElement' : 'verifyTwoElement'
    await attempt(tally, place, how, async () =>
      judgeAnswer(await invoke(name, asLambdaReads(event)), takeHits(simulators), ruling),
    )
  }
  await Promise.all([...processes.values()].map((process) => process.stop()))
  await simulators.close()
  return tally
}

/** One case, of which anything thrown is a crash. */
export async function attempt(
  tally: Tally,
  place: number,
  how: string,
  judged: () => Promise<string | undefined>,
): Promise<void> {
  try {
    const fault = await judged()
    if (fault) tally.fail(fault, place, how)
  } catch (error) {
    tally.fail('crash', place, `${how}: ${nameOf(error)}`)
  }
}

/** An event is JSON by the time it comes to a function, and so holds no circle. */
function asLambdaReads(event: unknown): unknown {
  const seen = new Set<unknown>()
  return JSON.parse(
    JSON.stringify(event ?? null, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value
      if (seen.has(value)) return undefined
      seen.add(value)
      return value
    }),
  )
}
