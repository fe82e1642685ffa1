import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actualAnswer, expectedAnswer } from '../../scripts/demo/answer.ts'
import { type DemoCase, demoCases, eventFiles, furtherCases } from '../../scripts/demo/cases.ts'
import { eventPath } from '../../scripts/demo/invoke-local.ts'
import { startSimulators } from '../simulators/start-simulators.ts'
import { expectConforms } from '../openapi/conforms.ts'
import { findLeaks, type Secrets } from '../support/leak-scan.ts'
import { type Artifact, type PackagedFunction, packageArtifact } from './artifact.ts'
import { expectContract } from './contract.ts'
import { FunctionProcess, type LambdaResponse, settingsOf } from './function-process.ts'
import { inLanes } from './in-lanes.ts'
import { serviceSecrets } from './service-secrets.ts'

const cases = [...demoCases, ...furtherCases]
type Run = { response: LambdaResponse; output: string; table: string; secrets: Secrets }

let artifact: Artifact
const runs = new Map<DemoCase, Run>()

beforeAll(async () => {
  artifact = await packageArtifact()
  await inLanes(cases, async (each) => runs.set(each, await run(each)))
}, 120_000)

afterAll(() => artifact?.remove())

/** One event in a process of its own, with providers, secrets and a table of its own. */
async function run(demoCase: DemoCase, change = (fn: PackagedFunction) => Promise.resolve(fn)) {
  const { fn: name, channel, settings = {} } = demoCase
  const simulators = await startSimulators()
  try {
    const fn = await change(artifact.fn(name))
    const changed = { ...(channel && { JUHE_CHANNEL: channel }), ...settings }
    const event = await eventOf(demoCase)
    const process = await FunctionProcess.start(fn, settingsOf(fn, simulators, changed))
    const response = await process.invoke(event)
    await process.stop()
    const table = JSON.stringify(await simulators.dynamoDb.dump())
    return { response, output: process.output, table, secrets: secretsIn(event) }
  } finally {
    await simulators.close()
  }
}

type Event = { body?: string | null; isBase64Encoded: boolean }

async function eventOf({ fn, event }: DemoCase): Promise<Event> {
  return JSON.parse(await readFile(eventPath(fn, event), 'utf8'))
}

/** The person of an event, also of one whose JSON is cut off, and every card number in it. */
function secretsIn(event: Event): Secrets {
  const { body, isBase64Encoded } = event
  const text = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString()
  const members = [...text.matchAll(/"(name|idNumber|cardNumber)":\s*"([^"]*)"/g)]
  const cards = [...JSON.stringify(event).matchAll(/629999\d{6,13}/g)]
  return {
    ...Object.fromEntries(cards.map(([card], place) => [`card ${place}`, card])),
    ...Object.fromEntries(members.map(([, member, value]) => [member, value])),
    ...serviceSecrets,
  }
}

const leaksOf = ({ response, output, table, secrets }: Run) => ({
  response: findLeaks(JSON.stringify(response) + response.body, secrets),
  output: findLeaks(output, secrets),
  table: findLeaks(table, secrets),
})
const none = { response: [], output: [], table: [] }

const runOf = (demoCase: DemoCase): Run => {
  const found = runs.get(demoCase)
  if (!found) throw new Error('this case did not run')
  return found
}

const named = cases.map((demoCase) => {
  const { fn, channel = '', event, settings } = demoCase
  const changed = settings ? ` with ${Object.keys(settings).join()}` : ''
  return [`${fn} ${channel} ${event}${changed}`.replace('  ', ' '), demoCase] as const
})

describe('the packaged artifact', () => {
  it('is asked every event of events/', async () => {
    const files = (await readdir('events')).map((file) => `events/${file}`)
    const asked = new Set(cases.map(({ fn, event }) => eventPath(fn, event)))
    expect([...asked].sort()).toEqual(files.sort())
    expect(new Set(Object.keys(eventFiles))).toEqual(new Set(artifact.names))
  })

  it.each(named)('answers %s as expected and within the contract', (_name, demoCase) => {
    const { response } = runOf(demoCase)
    const answer = { status: response.statusCode, body: JSON.parse(response.body) }
    expect(actualAnswer(answer)).toEqual(expectedAnswer(demoCase.expected))
    expectContract(response)
    expectConforms(demoCase.fn, response)
  })

  it.each(named)('keeps the person and the secrets of %s to itself', (_name, demoCase) => {
    expect(leaksOf(runOf(demoCase))).toEqual(none)
  })

  it.each(named)(
    'logs %s as one line of JSON, and nothing on its own accord',
    (_name, demoCase) => {
      const lines = runOf(demoCase).output.trimEnd().split('\n')
      const logged = lines.map((line): { event?: string; route?: string } => JSON.parse(line))
      const { statusCode } = runOf(demoCase).response
      expect(logged).toEqual([
        expect.objectContaining({ event: 'request', route: demoCase.fn, status: statusCode }),
      ])
    },
  )
})

/** Each spoils a copy of the bundle in one way in which a change could make it leak. */
const plants: Record<string, { leaky: string; where: keyof typeof none }> = {
  'that logs the event': { leaky: 'console.log(event); return answer', where: 'output' },
  'that logs the body of the event': {
    leaky: 'console.error(JSON.stringify({ body: event.body })); return answer',
    where: 'output',
  },
  'that logs the body as a Buffer': {
    leaky: 'console.log(Buffer.from(event.body)); return answer',
    where: 'output',
  },
  'that logs the body in base64': {
    leaky: 'console.log("b=" + btoa(encodeURIComponent(event.body))); return answer',
    where: 'output',
  },
  'that fails with the body in the message': {
    leaky: 'setTimeout(() => { throw new Error(event.body) }, 0); return answer',
    where: 'output',
  },
  'that answers with the card number in a header': {
    leaky: 'return { ...answer, headers: { ...answer.headers, "x-card": event.body } }',
    where: 'response',
  },
  'that says the number of the card in groups': {
    leaky: `const { cardNumber } = JSON.parse(event.body)
      return { ...answer, body: JSON.stringify({ said: cardNumber.replace(/.{4}/g, "$& ") }) }`,
    where: 'response',
  },
}

describe('the leak scan', () => {
  const planted = demoCases[0]!

  async function leaky(fn: PackagedFunction, code: string): Promise<PackagedFunction> {
    const dir = await mkdtemp(path.join(tmpdir(), 'bankcard-verify-leaky-'))
    const file = path.join(dir, path.basename(fn.file))
    await cp(fn.dir, dir, { recursive: true })
    await rename(file, path.join(dir, 'honest.mjs'))
    await writeFile(
      file,
      `import { ${fn.exportName} as honest } from './honest.mjs'
      export const ${fn.exportName} = async (event, context) => {
        const answer = await honest(event, context)
        await new Promise((resolve) => setTimeout(resolve, 20))
        ${code}
      }`,
    )
    return { ...fn, dir, file }
  }

  it.each(Object.entries(plants))('finds a bundle %s', async (_name, { leaky: code, where }) => {
    let dir = ''
    const spoilt = await run(planted, async (fn) => {
      const copy = await leaky(fn, code)
      dir = copy.dir
      return copy
    })
    await rm(dir, { recursive: true })
    expect(leaksOf(spoilt)[where]).not.toEqual([])
  })

  it('finds a table that holds a name beside a fingerprint', () => {
    const { table, ...clean } = runOf(planted)
    const spoilt = table.replace('"verdict\\":', `"name\\":\\"${clean.secrets['name']}\\",$&`)
    expect(leaksOf({ ...clean, table: spoilt }).table).not.toEqual([])
  })
})
