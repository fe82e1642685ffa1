import { parseArgs, type ParseArgsConfig } from 'node:util'
import { AppError } from '../../lib/errors/app-error.ts'
import { traceOf } from '../../lib/telemetry/log.ts'

/** 0 is success; 3: done in part, so run it again. */
export const exitCodes = { failed: 1, wrongUse: 2, incomplete: 3 } as const

/** A failure that its message explains to an operator. */
export class CommandFailure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

export function wrongUse(message: string): CommandFailure {
  return new CommandFailure(message, exitCodes.wrongUse)
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

/**
 * Reads a command's arguments. One that is not expected is never repeated: it may be a secret or a
 * card number that was typed in the wrong place.
 *
 * @param advice what to do about an argument that is not expected
 */
export function readArguments(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  { mostPositionals, advice }: { mostPositionals: number; advice: string },
): { values: OptionValues; positionals: string[] } {
  try {
    const read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    if (read.positionals.length > mostPositionals) throw new Error()
    return read as { values: OptionValues; positionals: string[] }
  } catch {
    throw wrongUse(advice)
  }
}

export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

// Longer than any name of a stage, shorter than a secret in the wrong place.
const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/
const REGION = /^[a-z]{2}(?:-[a-z]+)+-[0-9]$/
const DEFAULT_REGION = 'ap-southeast-1'

/** Stage and region as serverless.yml settles them; the SDK finds the region in its own variable. */
export function stageAndRegion(values: OptionValues): { stage: string; region: string } {
  const stage = textOption(values, 'stage')
  if (stage === undefined) throw wrongUse('Name the stage, as in --stage dev.')
  if (!STAGE.test(stage)) throw wrongUse('--stage must be the name of a stage, like dev or prod.')
  if (stage === 'local') throw wrongUse('Stage local runs on this machine only: see --local.')
  const region = textOption(values, 'region') ?? process.env['AWS_REGION'] ?? DEFAULT_REGION
  if (!REGION.test(region)) throw wrongUse('--region must be an AWS region, like ap-southeast-1.')
  process.env['AWS_REGION'] = region
  return { stage, region }
}

export const stageOptions = {
  stage: { type: 'string' },
  region: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** Runs a command to its exit code; of a failure it prints one sentence. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command()
  } catch (error) {
    console.error(sentenceOf(error))
    process.exitCode = exitCodeOf(error)
  }
}

export function exitCodeOf(error: unknown): number {
  return error instanceof CommandFailure ? error.exitCode : exitCodes.failed
}

/** Never an error's own message, unless it is ours: another's may repeat what was sent. */
export function sentenceOf(error: unknown): string {
  if (error instanceof CommandFailure) return error.message
  if (error instanceof AppError) return appErrorSentences[error.code] ?? `It failed: ${error.code}.`
  const { name = '', code = '' } = error as { name?: string; code?: string }
  const sentence = awsSentences.get(name) ?? awsSentences.get(code)
  if (sentence) return sentence
  const { error: kind, stack = '' } = traceOf(error)
  return `It failed unexpectedly (${kind}).\n${stack}`.trimEnd()
}

const appErrorSentences: Partial<Record<AppError['code'], string>> = {
  ledger_unavailable: 'DynamoDB cannot be used, or denies it to you: nothing more was done.',
  credentials_unavailable: 'The fingerprint secret cannot be read, or is not as it must be.',
}

const noAccess = 'AWS denies this to you: docs/deploy.md names the actions that it takes.'
const badCredentials = 'AWS does not accept your credentials: log in again.'
const noConnection = 'AWS cannot be reached from here.'
const awsSentences: ReadonlyMap<string, string> = new Map([
  ['CredentialsProviderError', 'There are no AWS credentials here: log in, or set AWS_PROFILE.'],
  ['AccessDeniedException', noAccess],
  ['UnrecognizedClientException', badCredentials],
  ['InvalidSignatureException', badCredentials],
  ['ExpiredTokenException', badCredentials],
  ['ResourceNotFoundException', 'AWS knows no such table or secret in this account and region.'],
  ['ProvisionedThroughputExceededException', 'DynamoDB throttles: try again in a minute.'],
  ['ThrottlingException', 'AWS throttles: try again in a minute.'],
  ['DecryptionFailure', 'Secrets Manager cannot use the KMS key of this secret.'],
  ['EncryptionFailure', 'Secrets Manager cannot use the KMS key of this secret.'],
  ['InvalidRequestException', 'AWS refuses this: the secret may be scheduled for deletion.'],
  ['TimeoutError', noConnection],
  ['ECONNREFUSED', noConnection],
  ['ENOTFOUND', noConnection],
])
