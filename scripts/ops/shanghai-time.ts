import { shanghaiDay } from '../../lib/verification/shanghai-day.ts'
import { wrongUse } from './command-line.ts'

const OFFSET_MS = 8 * 3600_000
const DAY_MS = 86_400_000

/** As the providers' bills have it: `2026-11-22T11:35:00.000+08:00`. */
export function shanghaiTime(at: number): string {
  return new Date(at + OFFSET_MS).toISOString().replace('Z', '+08:00')
}

/** @throws CommandFailure unless it is a calendar day, `YYYY-MM-DD` */
export function checkedDay(text: string, option: string): string {
  const at = Date.parse(`${text}T00:00:00Z`)
  // `Date` turns 31 June into 1 July: a real day comes back as it went in.
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at)
  if (isDay && new Date(at).toISOString().startsWith(text)) return text
  throw wrongUse(`--${option} must be a calendar day, as in --${option} 2026-11-22.`)
}

/** Epoch milliseconds of the first moment of a day in Asia/Shanghai. */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`)
}

export function endOfDay(day: string): number {
  return startOfDay(day) + DAY_MS
}

/** First and last day of a month, `YYYY-MM`. */
export function daysOfMonth(month: string): { from: string; to: string } {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month) ?? []
  if (!year) throw wrongUse('--month must be a month, as in --month 2026-11.')
  const last = new Date(Date.UTC(Number(year), Number(number), 0))
  return { from: `${month}-01`, to: last.toISOString().slice(0, 10) }
}

export function today(): string {
  return shanghaiDay(Date.now())
}
