// Lambda's runtime for one function, in a process with nothing of this project in it, which tells
// what the process holds when it is asked.
const [file = '', exportName = ''] = process.argv.slice(2)
const v8 = process.getBuiltinModule('node:v8')
const { [exportName]: handler } = await import(file)

process.on('message', async (/** @type {any} */ { event, context, remainingMs }) => {
  if (event === undefined) {
    process.send?.({ sample: sample() })
    return
  }
  const deadline = Date.now() + remainingMs
  const getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now())
  try {
    process.send?.({ result: await handler(event, { ...context, getRemainingTimeInMillis }) })
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.name : typeof error })
  }
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

/** After garbage is collected: with `--expose-gc` alone. */
function sample() {
  globalThis.gc?.()
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const young = v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  const { user, system } = process.cpuUsage()
  return {
    rss,
    // The young generation is empty by now, and of a fixed size.
    memory: rss - (young?.physical_space_size ?? 0),
    heap: heapUsed + external,
    handles: process.getActiveResourcesInfo().length,
    cpuMs: (user + system) / 1000,
  }
}
