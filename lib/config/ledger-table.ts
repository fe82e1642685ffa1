import { env } from './env.ts'

/** On its own, so that functions which only read the table load no client of Secrets Manager. */
export function ledgerTableName(): string {
  return env.resourceName('LEDGER_TABLE')
}
