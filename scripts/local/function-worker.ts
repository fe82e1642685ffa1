import { parentPort, workerData } from 'node:worker_threads'

export type Invocation = {
  event: unknown
  context: Record<string, unknown>
  deadline: number
}

export type Outcome = { result: string } | { failed: true }

// One worker is one execution environment: the bundle is loaded once and kept.
const { handler } = await import(workerData.bundleUrl)

parentPort?.on('message', async ({ event, context, deadline }: Invocation) => {
  const getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now())
  try {
    const result: unknown = await handler(event, { ...context, getRemainingTimeInMillis })
    answer({ result: JSON.stringify(result ?? null) })
  } catch (error) {
    console.error(`The function failed: ${nameAndFrames(error)}`)
    answer({ failed: true })
  }
})

function answer(outcome: Outcome) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  parentPort?.postMessage(outcome)
}

/** Never the message, which may quote what the caller sent. */
function nameAndFrames(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return [error.name, ...frames].join('\n')
}
