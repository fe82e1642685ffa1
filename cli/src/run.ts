import { traceOf } from '../../lib/telemetry/log.ts'
import packageJson from '../package.json' with { type: 'json' }
import { batch } from './batch.ts'
import { check } from './check.ts'
import { CommandFailure, exitCodes, type Terminal } from './command-line.ts'

const USAGE = `Ask whether Chinese bank cards belong to the people who claim them.

  bankcard-verify check   [--name … --card … [--id …]] [--stdin] [--elements 2|3]
                          [--reference …] [--idempotency-key …] [--json]
  bankcard-verify batch   people.csv -o results.csv [--dry-run] [--elements 2|3]
                          [--concurrency 4] [--price 0.42] [--encoding utf-8|gbk]
                          [--keep-columns] [--json]

Both take --url and --region. The environment has the address of the API in BANKCARD_VERIFY_URL,
and a token in BANKCARD_VERIFY_TOKEN or AWS credentials. docs/cli.md of its repository tells more.
`

/**
 * Runs one command to its exit code; of a failure it prints a sentence.
 *
 * @param interruption asked for where a command can be ended early
 */
export async function run(
  [command, ...args]: readonly string[],
  terminal: Terminal,
  interruption: () => AbortSignal,
): Promise<number> {
  try {
    switch (command) {
      case 'check':
        return await check(args, terminal)
      case 'batch':
        return await batch(args, terminal, interruption())
      case '--version':
        terminal.stdout.write(`${packageJson.version}\n`)
        return exitCodes.done
      case '--help':
        terminal.stdout.write(USAGE)
        return exitCodes.done
      default:
        terminal.stderr.write(USAGE)
        return exitCodes.wrongUse
    }
  } catch (error) {
    terminal.stderr.write(`${sentenceOf(error)}\n`)
    return error instanceof CommandFailure ? error.exitCode : exitCodes.unexpected
  }
}

/** Never another's message: it may repeat what was read. */
function sentenceOf(error: unknown): string {
  if (error instanceof CommandFailure) return error.message
  const { error: kind, stack = '' } = traceOf(error)
  return `It failed unexpectedly (${kind}).\n${stack}`.trimEnd()
}
