import { shanghaiDay } from '../verification/shanghai-day.ts'
import type { Table } from './dynamo-table.ts'

/** What is counted of each request, by Shanghai day, provider and caller. */
export const usageCounters = [
  'asked',
  'reached',
  'billedYes',
  'billedNo',
  'reused',
  'replayed',
  'refused',
  'matches',
  'mismatches',
  'unverifiable',
] as const
export type UsageCounter = (typeof usageCounters)[number]
export type UsageCounts = Partial<Record<UsageCounter, number>>
export type UsageLine = { day: string; provider: string; caller: string } & Record<
  UsageCounter,
  number
>

const KEPT_SECONDS = 396 * 86_400

/** Best effort: a count that is lost must not cost a caller the answer. */
export async function countUsage(
  table: Table,
  { provider, caller, at }: { provider: string; caller: string; at: number },
  counts: UsageCounts,
): Promise<void> {
  const entries = Object.entries(counts)
  if (entries.length === 0) return
  const day = shanghaiDay(at)
  await table
    .update(
      { pk: `usage#${day.slice(0, 7)}`, sk: `${day}#${provider}#${caller}` },
      {
        update: `ADD ${entries.map(([name]) => `${name} :${name}`).join(', ')} SET expiresAt = :expires`,
        values: {
          ...Object.fromEntries(entries.map(([name, count]) => [`:${name}`, count])),
          ':expires': Math.floor(at / 1000) + KEPT_SECONDS,
        },
      },
    )
    .catch(() => false)
}

/** @param from first Shanghai day, `YYYY-MM-DD`; @param to the last one */
export async function readUsage(table: Table, from: string, to: string): Promise<UsageLine[]> {
  const months = await Promise.all(
    monthsBetween(from, to).map((month) =>
      // `~` sorts behind every provider's name.
      table.query({ partition: ['pk', `usage#${month}`], sortKey: [`${from}#`, `${to}#~`] }),
    ),
  )
  return months.flat().map((item) => {
    const [day = '', provider = '', ...caller] = String(item['sk']).split('#')
    const counts = usageCounters.map((name) => [name, Number(item[name] ?? 0)] as const)
    return {
      day,
      provider,
      caller: caller.join('#'),
      ...(Object.fromEntries(counts) as Record<UsageCounter, number>),
    }
  })
}

function monthsBetween(from: string, to: string): string[] {
  const months = [from.slice(0, 7)]
  for (let month = from.slice(0, 7); month < to.slice(0, 7);) {
    const [year = 0, number = 0] = month.split('-').map(Number)
    month = new Date(Date.UTC(year, number)).toISOString().slice(0, 7)
    months.push(month)
  }
  return months
}
