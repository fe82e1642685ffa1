// What Lambda's runtime does for a function, in a process with nothing of this project in it.
const [file = '', exportName = ''] = process.argv.slice(2)
const { [exportName]: handler } = await import(file)

// For what a function does after its answer: a late log, a late failure.
const LAST_WORDS_MS = 50

process.on('message', async (/** @type {any} */ message) => {
  if (message === 'stop') {
    setTimeout(() => process.exit(0), LAST_WORDS_MS)
    return
  }
  const { call, event, context, remainingMs } = message
  const deadline = Date.now() + remainingMs
  const getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now())
  const result = await handler(event, { ...context, getRemainingTimeInMillis })
  process.send?.({ call, result })
})
process.send?.('ready')
