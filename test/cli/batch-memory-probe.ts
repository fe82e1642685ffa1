import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { run } from '../../cli/src/run.ts'
import { startStubApi } from './stub-api.ts'

/** What this process prints last: the least that it held just before each of some rows, in bytes. */
export type Probed = { exitCode: number; heapAt: Record<string, number>; cpuMs: number }

const [file = '', output = '', ...rows] = process.argv.slice(2)
const heapAt: Probed['heapAt'] = {}

// A single look also sees what only the next collection frees.
const LOOKS = { every: 30, within: 300 }

// The test runner itself keeps something for each request, so it is left out.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const api = await startStubApi({
  remembers: false,
  onHit({ number }) {
    const row = rows.find((row) => number <= Number(row) && number > Number(row) - LOOKS.within)
    if (row === undefined || number % LOOKS.every !== 0) return
    collectGarbage()
    heapAt[row] = Math.min(heapAt[row] ?? Infinity, process.memoryUsage().heapUsed)
  },
})
const terminal = {
  stdin: Readable.from([]),
  stdout: process.stderr,
  stderr: process.stderr,
  env: { BANKCARD_VERIFY_URL: api.url },
}
const never = new AbortController().signal
const exitCode = await run(['batch', file, '-o', output], terminal, () => never)
await api.close()
const { user, system } = process.cpuUsage()
const cpuMs = (user + system) / 1000
process.stdout.write(JSON.stringify({ exitCode, heapAt, cpuMs } satisfies Probed))
