import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishedDocument, validatorsOf } from '../openapi/validators.ts'
import { answer, clientOf, failureOf, pair, type Reply } from './stub-service.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

describe('client/src/schema.ts', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'client-schema-'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  it('is generated from docs/openapi.json: npm run generate -w client', async () => {
    const file = path.join(dir, 'schema.ts')
    const generator = 'client/node_modules/openapi-typescript/bin/cli.js'
    const made = [generator, 'docs/openapi.json', '--output', file]
    await run(process.execPath, made, { cwd: ROOT })
    const format = ['node_modules/oxfmt/bin/oxfmt', '--config', '.oxfmtrc.json', file]
    await run(process.execPath, format, { cwd: ROOT })
    const generated = await readFile(file, 'utf8')
    expect(generated).toContain('export interface operations')
    expect(await readFile(path.join(ROOT, 'client/src/schema.ts'), 'utf8')).toBe(generated)
  })
})

type Example = { operation: string; status: number; type: string; name: string; value: object }
type Told = Record<string, unknown> & {
  id?: string
  from?: string
  to?: string
  reference?: string
  card?: { last4?: string }
}

const document = publishedDocument()
const examples = Object.values(document.paths)
  .flatMap((methods) => Object.values(methods))
  .flatMap(({ operationId: operation, responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      Object.entries(content).flatMap(([type, { examples = {} }]) =>
        Object.entries(examples).map(([name, { value }]): Example => ({
          operation,
          status: Number(status),
          type,
          name,
          value: value as object,
        })),
      ),
    ),
  )

/** Asks for what an example answers. */
async function ask({ operation, status, type, value }: Example) {
  const { client } = clientOf([{ status, type, body: value }])
  const { id = answer.id, reference, from = '', to = '', card }: Told = { ...value }
  const person = {
    name: pair.name,
    cardNumber: `629999990000${card?.last4 ?? '0000'}`,
    ...(reference !== undefined && { reference }),
  }
  const calls: Record<string, () => Promise<object>> = {
    verifyThreeElement: () =>
      client.verifyThreeElement({ ...person, idNumber: '110101190001010014' }),
    verifyTwoElement: () => client.verifyTwoElement(person),
    getVerification: () => client.getVerification(id),
    listVerifications: () => client.listVerifications({ reference: 'payout-8841' }),
    getUsage: () => client.getUsage({ from, to }),
  }
  const call = calls[operation]
  if (!call) throw new Error(`the client has no call for ${operation}`)
  return call()
}

describe('every answer that docs/openapi.json shows', () => {
  const isAnswer = ({ status }: Example) => status === 200
  it.each(examples.filter(isAnswer))('is told: $operation $name', async (example) => {
    expect(await ask(example)).toMatchObject(example.value)
  })

  it.each(examples.filter((example) => !isAnswer(example)))(
    'is told: $operation $status $name',
    async (example) => {
      const { status, type, value } = example
      const isGateways = type === 'application/json'
      const code = isGateways ? gatewayCode(status) : (value as Told)['code']
      const error = await failureOf(ask(example))
      expect(error).toMatchObject({ status, code })
      expect(error.problem).toEqual(isGateways ? undefined : value)
    },
  )

  const gatewayCode = (status: number) =>
    status === 429 ? 'gateway_throttled' : status < 500 ? 'gateway_refused' : 'gateway_failed'
})

describe('an answer with one thing changed', () => {
  const validate = validatorsOf(document)('components', 'schemas', 'TwoElementVerification')
  /** What the contract may gain one day, and what no verdict depends on. */
  const isTolerated = ({ keyword, instancePath }: { keyword: string; instancePath: string }) =>
    keyword === 'additionalProperties' || /^\/(warnings|card\/(bank|type))\b/.test(instancePath)

  const tells = async (reply: Reply): Promise<boolean> => {
    const { client } = clientOf([reply])
    return client.verifyTwoElement(pair).then(
      () => true,
      () => false,
    )
  }
  const words = [...Object.values(answer), 'unverifiable', 'no_record', 'databao', 'no', 'idNumber']
  const changes = fc.record({
    member: fc.constantFrom(...Object.keys(answer), 'reason', 'reference', 'last4'),
    value: fc.oneof(fc.jsonValue(), fc.constantFrom(...words), fc.subarray([...words])),
  })

  it('is told only if docs/openapi.json allows it', async () => {
    let told = 0
    await fc.assert(
      fc.asyncProperty(changes, async ({ member, value }) => {
        const changed =
          member === 'last4'
            ? { ...answer, card: { last4: value } }
            : { ...answer, [member]: value }
        if (!(await tells({ body: changed }))) return
        told += 1
        validate(JSON.parse(JSON.stringify(changed)))
        expect((validate.errors ?? []).filter((error) => !isTolerated(error))).toEqual([])
      }),
      { numRuns: 3000 },
    )
    expect(told).toBeGreaterThan(0)
  })

  it('is not told if it is cut short', async () => {
    const text = JSON.stringify(answer)
    for (let length = 0; length < text.length; length++) {
      expect(await tells({ body: text.slice(0, length) })).toBe(false)
    }
    expect(await tells({ body: text })).toBe(true)
  })
})
