import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { Writable } from 'node:stream'
import { parseDatabaoSecret } from '../lib/providers/databao/databao-wire.ts'
import { type JuheChannel, parseJuheSecret } from '../lib/providers/juhe/juhe-wire.ts'
import { CommandFailure, wrongUse } from './ops/command-line.ts'

export type ProviderName = 'databao' | 'juhe'
/** The members of a secret as contract.md §4 has them. */
export type SecretFields = Record<string, string>
export type SecretsInput = { provider: ProviderName; fields: SecretFields }[]

type Terminal = Readable & { isTTY?: boolean }

const SIGINT_EXIT_CODE = 130

/** Members of each provider's secret; one in brackets may be left out. */
const members = (provider: ProviderName, channel: JuheChannel) =>
  provider === 'databao'
    ? [{ name: 'appCode', label: 'Databao APPCODE', optional: false }]
    : [
        { name: 'key', label: 'Juhe key', optional: false },
        { name: 'openId', label: 'Juhe openid', optional: channel === 'plain' },
      ]

/**
 * Reads the secrets from prompts that show nothing, or as one JSON object from a pipe: a secret's
 * own members where one provider is named, and else one object for each provider.
 *
 * @throws CommandFailure that repeats nothing of what was read
 */
export async function readSecrets(
  input: Terminal,
  screen: Writable,
  providers: readonly ProviderName[],
  channel: JuheChannel,
): Promise<SecretsInput> {
  const fieldsOf = input.isTTY
    ? await promptFor(input, screen, providers, channel)
    : await readJson(input, providers)
  return providers.map((provider) => ({
    provider,
    fields: checkedFields(provider, channel, fieldsOf(provider)),
  }))
}

async function readJson(input: Readable, providers: readonly ProviderName[]) {
  let read: unknown
  try {
    read = JSON.parse(await text(input))
  } catch {
    throw wrongUse('Standard input must be one JSON object.')
  }
  const [only, ...others] = providers
  const byProvider = others.length === 0 && only ? { [only]: read } : objectOf(read)
  if (Object.keys(byProvider).some((name) => !providers.some((known) => known === name))) {
    throw wrongUse('Standard input must be {"databao":{…},"juhe":{…}}; for one, name --provider.')
  }
  return (provider: ProviderName) => objectOf(byProvider[provider])
}

async function promptFor(
  input: Terminal,
  screen: Writable,
  providers: readonly ProviderName[],
  channel: JuheChannel,
) {
  const answers = new Map<ProviderName, Record<string, unknown>>()
  for (const provider of providers) {
    const fields: Record<string, unknown> = {}
    for (const { name, label, optional } of members(provider, channel)) {
      const answer = await askHidden(input, screen, `${label}${optional ? ' (optional)' : ''}: `)
      if (answer !== '' || !optional) fields[name] = answer
    }
    answers.set(provider, fields)
  }
  return (provider: ProviderName) => answers.get(provider) ?? {}
}

/** A terminal that reads keys itself echoes none of them; what readline would draw goes nowhere. */
async function askHidden(input: Terminal, screen: Writable, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  screen.write(question)
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const stopped = Promise.withResolvers<never>()
  lines.once('SIGINT', () => stopped.reject(new CommandFailure('Stopped.', SIGINT_EXIT_CODE)))
  lines.once('close', () => stopped.reject(new CommandFailure('Nothing was stored.')))
  try {
    const answer = await Promise.race([lines.question(''), stopped.promise])
    return answer.trim()
  } finally {
    stopped.promise.catch(() => undefined)
    lines.close()
    screen.write('\n')
  }
}

/** By the rule of the functions that will read it, so that none stops on what is stored here. */
function checkedFields(
  provider: ProviderName,
  channel: JuheChannel,
  fields: Record<string, unknown>,
): SecretFields {
  const known = members(provider, channel)
  const parse = provider === 'databao' ? parseDatabaoSecret : parseJuheSecret(channel)
  const parsed: Record<string, string> | undefined = parse(fields)
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  // What a parser leaves out is a misspelt name or a value that it cannot use.
  const complete = parsed && given.every(([name, value]) => parsed[name] === value)
  if (complete) return Object.fromEntries(given) as SecretFields
  const names = known.map(({ name, optional }) => (optional ? `${name} (optional)` : name))
  throw wrongUse(
    `The secret of ${provider} takes ${names.join(' and ')}: visible ASCII characters, 1 to 512` +
      ' each, and nothing else. Nothing was stored.',
  )
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
