const DAY_SECONDS = 86_400
// China keeps one time zone and no summer time.
const OFFSET_SECONDS = 8 * 3600

/** Whole seconds, at least one, to the midnight at which card networks start to count anew. */
export function secondsToShanghaiMidnight(now = new Date()): number {
  const secondsOfDay = (now.getTime() / 1000 + OFFSET_SECONDS) % DAY_SECONDS
  return Math.ceil(DAY_SECONDS - secondsOfDay)
}
