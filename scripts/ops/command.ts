import type { ParseArgsConfig } from 'node:util'
import { databao } from '../../lib/providers/databao/databao-client.ts'
import { juhe } from '../../lib/providers/juhe/juhe-client.ts'
import { type OptionValues, wrongUse } from './command-line.ts'
import type { Deployment } from './deployment.ts'
import type { Report } from './report.ts'

type Call = {
  values: OptionValues
  positionals: readonly string[]
  /** Opened only when the arguments are in order. */
  open: () => Promise<Deployment>
  /** Standard input to its end; `undefined` at a terminal. */
  readInput: () => Promise<string | undefined>
}

export type Command = {
  /** Its own arguments. */
  usage: string
  does: string
  options: NonNullable<ParseArgsConfig['options']>
  positionals: 0 | 1
  run: (call: Call) => Promise<Report>
}

const providers = [databao.provider, juhe.provider]

export function providerOf([name]: readonly string[]): string {
  const provider = providers.find((known) => known === name)
  if (provider === undefined) throw wrongUse(`Name the provider: ${providers.join(' or ')}.`)
  return provider
}

export function isProvider(name: string): boolean {
  return providers.some((known) => known === name)
}
