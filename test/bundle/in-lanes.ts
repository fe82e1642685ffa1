// As many as the smallest machine that this runs on has cores.
const LANES = 2

/** Does a few jobs at a time, and returns the results in the order of the items. */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  job: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const lane = async () => {
    for (const [place, item] of queue) results[place] = await job(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}
