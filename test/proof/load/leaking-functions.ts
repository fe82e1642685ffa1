import type { Artifact } from '../../bundle/artifact.ts'
import { postEvent } from '../../bundle/api-event.ts'
import type { Breakage } from '../broken-copy.ts'
import { brokenFunction } from '../leaks/broken-function.ts'
import type { Control } from '../row.ts'
import { openLoadStage } from './load-stage.ts'
import { type Growth, growthOf, percentOf } from './memory.ts'

const FILE = 'lib/http/http-handler.ts'
const HERE = 'const http = readEvent('
/** Before the first reading, and between the two. */
const REQUESTS = { before: 2000, between: 6000 }

const leaking: readonly [name: string, Breakage][] = [
  [
    'keeps every event',
    { file: FILE, from: HERE, to: `((globalThis as any).kept ??= []).push(event); ${HERE}` },
  ],
  [
    'leaves a timer behind at every request',
    { file: FILE, from: HERE, to: `setTimeout(() => undefined, 3_600_000); ${HERE}` },
  ],
]

/** Functions that leak, on requests that they refuse, beside one that does not. */
export async function leakControls(
  artifact: Artifact,
  scratchDir: string,
  isTooMuch: (growth: Growth) => boolean,
): Promise<[Control, ...Control[]]> {
  const grow = async (breakages: readonly Breakage[]): Promise<Growth> => {
    const stage = await openLoadStage(artifact, {
      size: 1,
      change: async (fn) => brokenFunction(fn, scratchDir, breakages),
    })
    const refuse = async (count: number) => {
      for (let n = 0; n < count; n++) {
        await stage.invoke(postEvent('three-element', { name: '', reference: `leak-${n}` }))
      }
      return stage.samples()
    }
    const readings = [await refuse(REQUESTS.before), await refuse(REQUESTS.between)]
    await stage.close()
    return growthOf(readings, 0)
  }
  const honest = await grow([])
  const controls: Control[] = []
  for (const [broken, breakage] of leaking) {
    const growth = await grow([breakage])
    controls.push({
      broken,
      caught: isTooMuch(growth) && !isTooMuch(honest),
      figure: `${toldOf(growth)}; the function as it is: ${toldOf(honest)}`,
    })
  }
  return controls as [Control, ...Control[]]
}

export function toldOf({ memory, heap, handles }: Growth): string {
  const signed = (percent: number) => `${percent < 0 ? '' : '+'}${percent} %`
  const [before, after] = handles
  return `memory ${signed(percentOf(memory))}, heap ${signed(percentOf(heap))}, handles ${before} → ${after}`
}
