import { exitCodes } from './command-line.ts'
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), process, interruption)

/** Aborted at the first Ctrl-C; the second ends the process, which the journal survives. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return controller.signal
}
