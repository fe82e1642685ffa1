import type { Item, Key, Table, Write } from '../../lib/ledger/dynamo-table.ts'

type Query = Parameters<Table['query']>[0]
export type Sent =
  | { operation: 'update' | 'remove'; key: Key; write: Write }
  | { operation: 'get'; key: Key }
  | { operation: 'query'; query: Query }

type Script = {
  /** Whether a write's condition holds; an error where it fails. */
  write?: (key: Key, write: Write, number: number) => boolean | Error
  get?: (key: Key) => Item | undefined
  query?: (query: Query) => Item[]
}

/** A table that keeps nothing: it answers by a script, and tells what it was asked. */
export function scriptedTable(script: Script = {}): Table & { sent: Sent[] } {
  const sent: Sent[] = []
  const write = async (operation: 'update' | 'remove', key: Key, written: Write) => {
    sent.push({ operation, key, write: written })
    const outcome = script.write?.(key, written, sent.length) ?? true
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  return {
    sent,
    update: (key, written) => write('update', key, written),
    remove: (key, written) => write('remove', key, written),
    async get(key) {
      sent.push({ operation: 'get', key })
      return script.get?.(key)
    },
    async query(query) {
      sent.push({ operation: 'query', query })
      return script.query?.(query) ?? []
    },
  }
}
