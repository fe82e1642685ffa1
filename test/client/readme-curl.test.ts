import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awsCredentials } from '../bundle/function-process.ts'
import { read } from '../docs/documents.ts'
import { ID_NUMBER, MATCH_CARD, NAME } from '../providers/asking.ts'
import { runExample } from './examples.ts'
import { startLocalApi } from './local-api.ts'

let api: Awaited<ReturnType<typeof startLocalApi>>
let cwd: string
beforeAll(async () => {
  api = await startLocalApi()
  cwd = await mkdtemp(path.join(tmpdir(), 'readme-'))
  const person = { name: NAME, idNumber: ID_NUMBER, cardNumber: MATCH_CARD }
  await writeFile(path.join(cwd, 'person.json'), JSON.stringify(person))
}, 60_000)
afterAll(async () => {
  await api.close()
  await rm(cwd, { recursive: true })
})

const blocksOf = (file: string) =>
  [...read(file).matchAll(/^ *```sh\n(.*?)^ *```$/gms)]
    .map(([, block = '']) => block)
    .filter((block) => block.includes('curl '))

/** What the README says of each block, in the order of its blocks. */
const answers = [{ verdict: 'match', reference: 'payout-8841' }, {}, { verdict: 'match' }]

describe.each(['README.md', 'README.zh-CN.md'])('the curl commands of %s', (file) => {
  it('run: the first, one scenario in action, and a signed one', async () => {
    const blocks = blocksOf(file)
    expect(blocks).toHaveLength(answers.length)
    for (const [place, block] of blocks.entries()) {
      const command = block
        .replace('http://localhost:3000', api.url)
        .replace('ap-southeast-1', awsCredentials.AWS_REGION)
      const told = JSON.parse(await runExample(api, 'sh', ['-c', command], { cwd }))
      expect(told).toMatchObject(answers[place] ?? {})
      expect(told).toHaveProperty(place === 1 ? 'code' : 'verdict')
    }
  })
})
