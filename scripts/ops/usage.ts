import {
  readUsage,
  type UsageCounter,
  usageCounters,
  type UsageLine,
} from '../../lib/ledger/usage.ts'
import { textOption, wrongUse } from './command-line.ts'
import { type Command, isProvider } from './command.ts'
import { tableText } from './report.ts'
import { checkedDay, startOfDay, today } from './shanghai-time.ts'

// Usage is kept for 396 days.
const MOST_DAYS = 396
const DAY_MS = 86_400_000
/** Prices in these parts of a yuan: whole numbers, so that sums are exact. */
const PARTS = 10_000

type Spent = { yuan: string; yuanAtMost: string }

export const usage: Command = {
  usage: 'usage [--from YYYY-MM-DD] [--to YYYY-MM-DD] [--price databao=0.28,juhe=0.25]',
  does: 'counts calls by day, provider and caller, this month by default; prices: OPS_PRICES too',
  options: { from: { type: 'string' }, to: { type: 'string' }, price: { type: 'string' } },
  positionals: 0,
  async run({ values, open }) {
    const to = checkedDay(textOption(values, 'to') ?? today(), 'to')
    const from = checkedDay(textOption(values, 'from') ?? `${to.slice(0, 7)}-01`, 'from')
    const days = (startOfDay(to) - startOfDay(from)) / DAY_MS + 1
    if (days < 1 || days > MOST_DAYS) {
      throw wrongUse(`--from and --to must span 1 to ${MOST_DAYS} days.`)
    }
    const prices = pricesOf(textOption(values, 'price') ?? process.env['OPS_PRICES'] ?? '')
    const { name, table } = await open()
    const lines = await readUsage(table, from, to)
    const totals = [...Map.groupBy(lines, (line) => line.provider)].map(([provider, own]) =>
      sumOf(provider, own),
    )
    const spent = totals.flatMap((line) => (prices.has(line.provider) ? [line] : []))
    const sum = spent.length > 0 && spent.length === totals.length ? spentOn(spent, prices) : {}
    return {
      text:
        lines.length === 0
          ? `Nothing was asked from ${from} to ${to} (${name}).`
          : tableText(HEADINGS, [
              ...lines.map((line) => rowOf(line, prices)),
              ...totals.map((line) => rowOf({ ...line, day: 'total', caller: 'all' }, prices)),
            ]),
      data: {
        from,
        to,
        usage: lines.map((line) => dataOf(line, prices)),
        totals: totals.map((line) => dataOf(line, prices)),
        ...sum,
      },
      notes: prices.size === 0 ? ['No price is set: --price databao=0.28,juhe=0.25.'] : [],
    }
  },
}

const HEADINGS = [
  'day',
  'provider',
  'asked',
  'reused',
  'replayed',
  'refused',
  'reached',
  'billed',
  'unknown',
  'yuan',
  'at most',
  'caller',
]

type Prices = ReadonlyMap<string, number>
type Counts = Omit<UsageLine, 'day' | 'caller'>

function pricesOf(text: string): Prices {
  const entries = text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [, provider = '', price] = /^\s*(\w+)=(\d{1,4}(?:\.\d{1,4})?)\s*$/.exec(entry) ?? []
      if (!isProvider(provider)) {
        throw wrongUse('Prices are written like databao=0.28,juhe=0.25 (yuan a call).')
      }
      return [provider, Math.round(Number(price) * PARTS)] as const
    })
  return new Map(entries)
}

function sumOf(provider: string, lines: readonly UsageLine[]): Counts {
  const sums = usageCounters.map(
    (name) => [name, lines.reduce((sum, line) => sum + line[name], 0)] as const,
  )
  return { provider, ...(Object.fromEntries(sums) as Record<UsageCounter, number>) }
}

/** What is neither charged for certain nor spared for certain. */
function unknownOf({ reached, billedYes, billedNo }: Counts): number {
  return Math.max(0, reached - billedYes - billedNo)
}

function spentOn(lines: readonly Counts[], prices: Prices): Spent {
  const sum = (callsOf: (line: Counts) => number) =>
    yuan(lines.reduce((parts, line) => parts + callsOf(line) * (prices.get(line.provider) ?? 0), 0))
  return {
    yuan: sum(({ billedYes }) => billedYes),
    yuanAtMost: sum((line) => line.billedYes + unknownOf(line)),
  }
}

/** To the tenth of a fen where the price has one, and else to the fen. */
function yuan(parts: number): string {
  const text = (parts / PARTS).toFixed(4)
  return text.replace(/0{1,2}$/, '')
}

function rowOf(line: UsageLine, prices: Prices): string[] {
  const spent = prices.has(line.provider) ? spentOn([line], prices) : undefined
  return [
    line.day,
    line.provider,
    ...[line.asked, line.reused, line.replayed, line.refused, line.reached].map(String),
    String(line.billedYes),
    String(unknownOf(line)),
    spent?.yuan ?? '-',
    spent?.yuanAtMost ?? '-',
    line.caller,
  ]
}

function dataOf<Line extends Counts>(line: Line, prices: Prices) {
  const spent = prices.has(line.provider) ? spentOn([line], prices) : {}
  return { ...line, billedUnknown: unknownOf(line), ...spent }
}
