import { readdir, readFile, rm } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { BUILD_DIR, type Built } from './build-variants.ts'
import type { Stage } from './stage.ts'
import type { VariantName } from './variants.ts'

type Profile = {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number }
  }[]
  samples: number[]
  timeDeltas: number[]
}

const STARTS = 10
const INTERVAL_US = 100
const SHOWN = 40

/**
 * Where the main thread spends its time, by module: in a cold start up to the first answer, or with
 * `warm` requests in those too.
 */
export async function profileOf(
  stage: Stage,
  built: Record<VariantName, Built>,
  name: VariantName,
  warm: number,
): Promise<string> {
  const dir = path.join(BUILD_DIR, 'profiles')
  await rm(dir, { recursive: true, force: true })
  const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-interval=${INTERVAL_US}`]
  const starts = warm > 0 ? 1 : STARTS
  for (let start = 0; start < starts; start++) await stage.run(name, { warm, nodeOptions })

  const map = await readFile(`${built[name].file}.map`, 'utf8').catch(() => undefined)
  const sources = map === undefined ? undefined : new SourceMap(JSON.parse(map))
  const byModule = new Map<string, number>()
  const byFunction = new Map<string, number>()
  const add = (sums: Map<string, number>, key: string, us: number) =>
    sums.set(key, (sums.get(key) ?? 0) + us / (starts * (1 + warm)) / 1000)
  for (const file of await readdir(dir)) {
    const profile: Profile = JSON.parse(await readFile(path.join(dir, file), 'utf8'))
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
    profile.samples.forEach((id, sample) => {
      const frame = frames.get(id)
      if (!frame) return
      const module = moduleOf(frame, sources)
      const us = profile.timeDeltas[sample] ?? 0
      add(byModule, module, us)
      add(byFunction, `${frame.functionName || '(top level)'}  ${module}`, us)
    })
  }
  return [
    `${name}, self time in ms ${warm > 0 ? 'a request' : 'a start'}:`,
    ...top(byModule),
    '',
    'by function:',
    ...top(byFunction),
  ].join('\n')
}

function moduleOf(
  { url, functionName, lineNumber, columnNumber }: Profile['nodes'][number]['callFrame'],
  sources: SourceMap | undefined,
): string {
  if (url === '') return functionName
  if (!sources || !url.includes('/index.')) return url
  const entry = sources.findEntry(lineNumber, columnNumber)
  const source = 'originalSource' in entry ? entry.originalSource : url
  return source.replace(/^.*node_modules\//, '').replace(/^(?:file:\/\/)?(?:\.\.?\/)+/, '')
}

function top(sums: Map<string, number>): string[] {
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, ms]) => `${ms.toFixed(3).padStart(8)}  ${name}`)
}
