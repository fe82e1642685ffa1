import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Metafile } from 'esbuild'
import { bundleFunction } from '../../scripts/bundle.mjs'
import { BUILD_DIR, type Built, ROOT } from './build-variants.ts'
import { type FunctionName, shipped } from './variants.ts'

const BUDGET_FILE = fileURLToPath(new URL('budget.json', import.meta.url))
/** Room for small changes: beyond it somebody has to say that the growth is meant. */
const ROOM = 1.02

/** Never in a function: what it must not load, and what its cold start would pay for. */
const FORBIDDEN = [
  /^undici$/,
  /^zod$/,
  /^axios$/,
  /^ajv$/,
  /^hono$/,
  /^express$/,
  /^@aws-sdk\//,
  /^@smithy\//,
  /^aws-xray-sdk/,
]

type Parts = Record<string, number>
type Budgets = Record<FunctionName, { budgetBytes: number; parts: Parts }>

export async function buildFunctions(): Promise<Record<FunctionName, Built>> {
  const built = await Promise.all(
    Object.entries(shipped).map(async ([name, entry]) => {
      const outDir = path.join(BUILD_DIR, 'size', name)
      return [name, await bundleFunction({ entry, outDir, rootDir: ROOT })] as const
    }),
  )
  return Object.fromEntries(built) as Record<FunctionName, Built>
}

/** @returns one sentence for each function that is over its budget or holds what it must not */
export async function sizeFailures(built: Record<FunctionName, Built>): Promise<string[]> {
  const budgets: Budgets = JSON.parse(await readFile(BUDGET_FILE, 'utf8'))
  return (Object.keys(shipped) as FunctionName[]).flatMap((name) => {
    const { bytes, metafile } = built[name]
    const parts = partsOf(metafile)
    const { budgetBytes, parts: before } = budgets[name]
    const forbidden = Object.keys(parts).filter((part) =>
      FORBIDDEN.some((pattern) => pattern.test(part)),
    )
    return [
      ...(bytes > budgetBytes
        ? [`${name} has ${bytes} bytes of ${budgetBytes}; grown: ${grown(parts, before)}`]
        : []),
      ...(forbidden.length > 0 ? [`${name} must not hold ${forbidden.join(', ')}`] : []),
    ]
  })
}

/** Takes the sizes of now for granted. */
export async function acceptSizes(built: Record<FunctionName, Built>): Promise<void> {
  const budgets = Object.fromEntries(
    Object.entries(built).map(([name, { bytes, metafile }]) => [
      name,
      { budgetBytes: Math.ceil((bytes * ROOM) / 100) * 100, parts: partsOf(metafile) },
    ]),
  )
  await writeFile(BUDGET_FILE, `${JSON.stringify(budgets, null, 2)}\n`)
}

/** Bytes in the bundle by package, or by folder of ours. */
export function partsOf({ outputs }: Metafile): Parts {
  const parts: Parts = {}
  for (const { inputs, entryPoint } of Object.values(outputs)) {
    if (entryPoint === undefined) continue
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const part = partOf(file)
      parts[part] = (parts[part] ?? 0) + bytesInOutput
    }
  }
  return Object.fromEntries(
    Object.entries(parts)
      .filter(([, bytes]) => bytes > 0)
      .sort(([, a], [, b]) => b - a),
  )
}

function partOf(file: string): string {
  // The last one: a package may have packages of its own.
  const [, owner] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? []
  return owner ?? (/^[a-z-]+:/.test(file) ? file.split(':')[0] : path.dirname(file)) ?? file
}

function grown(parts: Parts, before: Parts): string {
  return Object.entries(parts)
    .map(([part, bytes]) => [part, bytes - (before[part] ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([part, more]) => `${part} +${more}`)
    .join(', ')
}
