import { text } from 'node:stream/consumers'
import { runOps } from './ops/run.ts'

const readInput = async () => (process.stdin.isTTY ? undefined : text(process.stdin))

const { exitCode, stdout, stderr } = await runOps(process.argv.slice(2), readInput)
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = exitCode
