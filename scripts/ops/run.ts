import { exportCalls, unknown } from './calls.ts'
import { exitCodeOf, exitCodes, readArguments, sentenceOf, stageOptions } from './command-line.ts'
import type { Command } from './command.ts'
import { deletePerson } from './delete-person.ts'
import { openDeployment } from './deployment.ts'
import { lift, pause } from './pause.ts'
import { usage } from './usage.ts'

const commands = new Map<string | undefined, Command>([
  ['pause', pause],
  ['lift', lift],
  ['unknown', unknown],
  ['export', exportCalls],
  ['usage', usage],
  ['delete-person', deletePerson],
])

const shared = {
  ...stageOptions,
  table: { type: 'string' },
  local: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const HELP = [
  'npm run --silent ops -- <command> --stage <stage> [--region …] [--table …] [--json]',
  'npm run --silent ops -- <command> --local [--json]',
  '',
  ...[...commands.values()].flatMap(({ usage, does }) => [`  ${usage}`, `      ${does}`]),
  '',
  'Days are those of Asia/Shanghai. Exit codes: 0 done, 1 failed, 2 wrongly called, 3 run it again.',
].join('\n')

export type Outcome = { exitCode: number; stdout: string; stderr: string }

/** One operator's command, to what it prints. */
export async function runOps(
  [name, ...args]: readonly string[],
  readInput: () => Promise<string | undefined>,
): Promise<Outcome> {
  if (name === 'help' || name === '--help') return { exitCode: 0, stdout: `${HELP}\n`, stderr: '' }
  const command = commands.get(name)
  if (!command) return { exitCode: exitCodes.wrongUse, stdout: '', stderr: `${HELP}\n` }
  try {
    const { values, positionals } = readArguments(
      args,
      { ...shared, ...command.options },
      {
        mostPositionals: command.positionals,
        advice: `There is an argument that this command does not have. It is: ${command.usage}`,
      },
    )
    const open = () => openDeployment(values)
    const report = await command.run({ values, positionals, open, readInput })
    const { text, data, notes = [], exitCode = 0 } = report
    const stdout = values['json'] === true ? JSON.stringify(data, null, 2) : text
    return { exitCode, stdout: lines(stdout), stderr: notes.map(lines).join('') }
  } catch (error) {
    return { exitCode: exitCodeOf(error), stdout: '', stderr: lines(sentenceOf(error)) }
  }
}

function lines(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
