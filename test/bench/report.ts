import type { Effort, Figure, Figures, Measured, MeasuredBy } from './experiments.ts'
import { cellName } from './experiments.ts'
import type { Facts } from './facts.ts'
import { type Goal, ratioOf, roundTripsOf } from './goals.ts'
import { type Estimate, median, spreadOf } from './statistics.ts'
import { variantOf, type VariantName } from './variants.ts'

/** All of one run, as docs/performance.json keeps it. */
export type Results = {
  at: string
  machine: { cpu: string; cores: number; memoryGb: number; kernel: string; node: string }
  effort: Effort
  seed: number
  minutes: number
  bytes: Record<string, number>
  measured: MeasuredBy
  facts: Facts
  goals: Goal[]
}

const MEGABYTE = 1e6

/** The run in Markdown; `bare` is the measure of everything. */
export function reportOf(results: Results): string {
  const { at, machine, effort, minutes } = results
  const { main, initialised, quota20, quota100, distance } = results.measured
  return [
    `${at.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node}: ${effort.rounds} rounds, ${effort.warm} warm requests a process, ${minutes} minutes.`,
    `### Goals\n\n${goalTable(results.goals)}`,
    main && `### Cold start\n\n${coldTable(main, results.bytes)}`,
    main && `### Warm requests\n\n${warmTable(main)}`,
    initialised &&
      `### First request of an initialised environment\n\n${initialisedTable(initialised, quota20, quota100)}`,
    distance && `### With 100 ms to the provider and back\n\n${distanceTable(distance)}`,
    `### What does not depend on the machine\n\n${factTable(results.facts)}`,
    ...results.facts.failures.map((failure) => `- Failed: ${failure}`),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function goalTable(goals: readonly Goal[]): string {
  return table(
    ['figure', 'of', 'goal', 'measured', 'A/A', ''],
    goals.map(({ figure, of, limit, unit, measured, control, verdict }) => [
      figure,
      of,
      `≤ ${limit} ${unit}`,
      measured ? interval(measured) : '–',
      control === undefined ? '' : control.toFixed(2),
      verdict === 'reached' ? verdict : `**${verdict}**`,
    ]),
  )
}

function coldTable(main: Measured, bytes: Results['bytes']): string {
  return table(
    [
      '',
      'bundle, KB',
      'loaded, ms',
      'first answer, ms',
      'of it the store',
      'over bare',
      'CPU, ms',
      'over bare',
    ],
    rowsOf(main, (name, figures) => [
      ((bytes[name] ?? 0) / 1000).toFixed(name === 'empty' || name.startsWith('bare') ? 1 : 0),
      spread(figures, 'loadedMs'),
      spread(figures, 'firstMs'),
      store(figures, 'storeFirstMs'),
      ratio(main, 'firstMs', name),
      spread(figures, 'cpuFirstMs'),
      ratio(main, 'cpuFirstMs', name),
    ]),
  )
}

function warmTable(main: Measured): string {
  return table(
    [
      '',
      'over the provider, median ms',
      'p99 ms',
      'of the median the store',
      'CPU a request, ms',
      'over bare',
      'memory after the first, MB',
      'over bare',
      'after all, MB',
      'over bare',
    ],
    rowsOf(main, (name, figures) => [
      spread(figures, 'warmMedianMs', 2),
      spread(figures, 'warmP99Ms', 2),
      store(figures, 'storeWarmMs'),
      spread(figures, 'cpuWarmRequestMs', 2),
      ratio(main, 'cpuWarmRequestMs', name),
      middle(figures, 'rssAfterFirst', MEGABYTE),
      ratio(main, 'rssAfterFirst', name),
      middle(figures, 'rssAfterWarm', MEGABYTE),
      ratio(main, 'rssAfterWarm', name),
    ]),
  )
}

function initialisedTable(full: Measured, ...quotas: (Measured | undefined)[]): string {
  return table(
    [
      '',
      'all of a core, ms',
      'of it the store',
      "over bare's",
      'CPU, ms',
      '0.29 core in 20 ms periods, ms over the provider',
      'in 100 ms periods',
    ],
    rowsOf(full, (name, figures) => [
      spread(figures, 'firstRequestMs'),
      store(figures, 'storeFirstMs'),
      ratio(full, 'firstRequestMs', name),
      spread(figures, 'cpuOfFirstRequestMs'),
      ...quotas.map((quota) =>
        quota?.[name] ? spread(quota[name], 'firstOverProviderMs') : 'not measured',
      ),
    ]),
  )
}

function distanceTable(distance: Measured): string {
  const names = Object.keys(distance).filter((cell) => !cell.endsWith(' far')) as VariantName[]
  const trips = (figure: Figure, name: VariantName) => {
    const found = roundTripsOf(distance, figure, name)
    return found ? interval(found) : '–'
  }
  return table(
    [
      '',
      'cold start to first answer, ms',
      'without the distance',
      'round trips',
      'warm, ms',
      'round trips',
      'connections',
    ],
    names.map((name) => {
      const near = distance[name] ?? []
      const far = distance[cellName(name, true)] ?? []
      return [
        variantOf(name).title,
        spread(far, 'firstMs'),
        spread(near, 'firstMs'),
        trips('firstMs', name),
        spread(far, 'warmMedianMs'),
        trips('warmMedianMs', name),
        middle(far, 'providerConnections'),
      ]
    }),
  )
}

function factTable({ storeWaits, ...facts }: Facts): string {
  return table(
    ['', 'waits for the store', 'requests to it', 'connections to the provider', 'undici'],
    Object.keys(storeWaits).map((name) => [
      name,
      String(storeWaits[name]),
      String(facts.storeRequests[name]),
      String(facts.providerConnections[name]),
      facts.undiciLoaded[name] ? '**loaded**' : 'not loaded',
    ]),
  )
}

function rowsOf(
  measured: Measured,
  cells: (name: VariantName, figures: readonly Figures[]) => string[],
): string[][] {
  return (Object.keys(measured) as VariantName[]).map((name) => [
    variantOf(name).title,
    ...cells(name, measured[name] ?? []),
  ])
}

function spread(figures: readonly Figures[], figure: Figure, digits?: number): string {
  const { median, q1, q3 } = spreadOf(figures.map((round) => round[figure]))
  const places = digits ?? (median < 10 ? 1 : 0)
  return `${median.toFixed(places)} (${q1.toFixed(places)}–${q3.toFixed(places)})`
}

function middle(figures: readonly Figures[], figure: Figure, unit = 1): string {
  return (median(figures.map((round) => round[figure])) / unit).toFixed(0)
}

/** What the store itself took. */
function store(figures: readonly Figures[], figure: 'storeFirstMs' | 'storeWarmMs'): string {
  const ms = median(figures.map((round) => round[figure]))
  return ms === 0 ? '' : ms.toFixed(1)
}

function ratio(measured: Measured, figure: Figure, name: VariantName): string {
  const found = name === 'bare' ? undefined : ratioOf(measured, figure, name, 'bare')
  return found ? interval(found) : ''
}

/** Median and 95 % interval. */
function interval({ median, low, high }: Estimate): string {
  if (low === high) return String(Math.round(median * 10) / 10)
  const places = median < 10 ? 2 : median < 100 ? 1 : 0
  return `${median.toFixed(places)} [${low.toFixed(places)}, ${high.toFixed(places)}]`
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, place) => (place === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n')
}
