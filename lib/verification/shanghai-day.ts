const DAY_MS = 86_400_000
// China keeps one time zone and no summer time.
const OFFSET_MS = 8 * 3600_000

/** Whether a day that is written `YYYY-MM-DD` is in the calendar. */
export function isCalendarDay(day: string): boolean {
  const date = new Date(day)
  // `Date` turns 31 June into 1 July: a real day comes back as it went in.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** Calendar day in Asia/Shanghai, `YYYY-MM-DD`: the day by which card networks count. */
export function shanghaiDay(at: number): string {
  return new Date(at + OFFSET_MS).toISOString().slice(0, 10)
}

/** Epoch milliseconds of the next midnight in Asia/Shanghai. */
export function nextShanghaiMidnight(at: number): number {
  return at + DAY_MS - ((at + OFFSET_MS) % DAY_MS)
}

/** Whole seconds, at least one, to the midnight at which card networks start to count anew. */
export function secondsToShanghaiMidnight(now = Date.now()): number {
  return Math.ceil((nextShanghaiMidnight(now) - now) / 1000)
}
