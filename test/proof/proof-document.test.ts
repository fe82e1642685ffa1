import { describe, expect, it } from 'vitest'
import { part, read } from '../docs/documents.ts'
import { type Proof, proofTables } from './proof-document.ts'

describe('docs/proof.md', () => {
  const tables = proofTables(JSON.parse(read('docs/proof.json')) as Proof)

  it.each(Object.keys(tables))('has the %s of docs/proof.json', (name) => {
    expect(part('docs/proof.md', name)).toBe(tables[name])
  })
})
