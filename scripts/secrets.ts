import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import {
  readArguments,
  runCommand,
  stageAndRegion,
  stageOptions,
  textOption,
  wrongUse,
} from './ops/command-line.ts'
import { tableText } from './ops/report.ts'
import { type ProviderName, readSecrets, type SecretFields } from './secrets-input.ts'

const ADVICE =
  'This takes --stage, --region, --provider and --channel only. A secret is never an argument:' +
  ' arguments stay in the history of the shell, and every user of the machine sees them.' +
  ' If you have just given one, have it replaced at the provider.'
const DESCRIPTION = 'Credentials of a provider of bankcard-verify'

type Stored = { name: string; done: 'created' | 'updated' | 'unchanged'; version: string }

await runCommand(async () => {
  const { values } = readArguments(
    process.argv.slice(2),
    { ...stageOptions, provider: { type: 'string' }, channel: { type: 'string' } },
    { mostPositionals: 0, advice: ADVICE },
  )
  const { stage, region } = stageAndRegion(values)
  const provider = choice(textOption(values, 'provider'), ['databao', 'juhe'], '--provider')
  const providers: ProviderName[] = provider ? [provider] : ['databao', 'juhe']
  const channel =
    choice(textOption(values, 'channel'), ['encrypted', 'plain'], '--channel') ?? 'encrypted'

  const secrets = await readSecrets(process.stdin, process.stderr, providers, channel)
  const client = new SecretsManagerClient()
  const stored: Stored[] = []
  for (const { provider, fields } of secrets) {
    stored.push(await store(client, `bankcard-verify/${stage}/${provider}`, fields))
    printRow(stored)
  }
  if (stored.some(({ done }) => done === 'updated')) {
    console.log(
      `\nIn ${region}. Functions take a new version over within SECRET_TTL_SECONDS, or as soon as` +
        '\nthe provider rejects the one before: keep that valid until then (docs/runbook.md).',
    )
  }
  return 0
})

/** Makes the secret say so; a version that already does is left alone. */
async function store(
  client: SecretsManagerClient,
  name: string,
  fields: SecretFields,
): Promise<Stored> {
  const SecretString = JSON.stringify(fields)
  const current = await readCurrent(client, name)
  if (current?.text !== undefined && isSame(current.text, fields)) {
    return { name, done: 'unchanged', version: current.version }
  }
  if (!current) {
    try {
      const { VersionId = '' } = await client.send(
        new CreateSecretCommand({ Name: name, Description: DESCRIPTION, SecretString }),
      )
      return { name, done: 'created', version: VersionId }
    } catch (error) {
      // It is there after all, without a value.
      if (!isNamed(error, 'ResourceExistsException')) throw error
    }
  }
  const { VersionId = '' } = await client.send(
    new PutSecretValueCommand({ SecretId: name, SecretString }),
  )
  return { name, done: 'updated', version: VersionId }
}

/** @returns nothing where there is none; no text for whoever may write it but not read it */
async function readCurrent(
  client: SecretsManagerClient,
  name: string,
): Promise<{ text?: string | undefined; version: string } | undefined> {
  try {
    const { SecretString, VersionId = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: name }),
    )
    return { text: SecretString, version: VersionId }
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined
    if (isNamed(error, 'AccessDeniedException')) return { version: '' }
    throw error
  }
}

function isSame(stored: string, fields: SecretFields): boolean {
  try {
    const known = Object.entries(JSON.parse(stored))
    const wanted = Object.entries(fields)
    return known.length === wanted.length && known.every(([name, value]) => fields[name] === value)
  } catch {
    return false
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

function choice<Choice extends string>(
  text: string | undefined,
  choices: readonly Choice[],
  option: string,
): Choice | undefined {
  const found = choices.find((known) => known === text)
  if (text === undefined || found !== undefined) return found
  throw wrongUse(`${option} must be ${choices.join(' or ')}.`)
}

function printRow(stored: readonly Stored[]): void {
  const headings = ['secret', 'what was done', 'version']
  const rows = stored.map(({ name, done, version }) => [name, done, version])
  // One row as soon as it is done: a failure of the next must not hide it.
  const lines = tableText(headings, rows).split('\n')
  console.log(stored.length === 1 ? lines.join('\n') : lines.at(-1))
}
