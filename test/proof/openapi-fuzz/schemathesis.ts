import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../../docs/documents.ts'
import { runTool } from '../../external/run-tool.ts'

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
  'negative_data_rejection',
]

/** Its whole words on the last run, with the requests that failed. */
const OUTPUT = path.join(ROOT, '.build/openapi-fuzz/output.txt')

type Options = {
  /** Where schemathesis is installed. */
  bin: string
  url: string
  seed: number
  /** Drawn at random for each operation; beside them it has a fixed set of its own. */
  examples: number
  scratchDir: string
  /** Ids of operations; without it all of them. */
  only?: readonly string[]
}

export type Fuzzed = {
  generated: number
  /** By their kind and operation, without what was sent. */
  failures: string[]
  operations: number
  /** Requests that were answered with a status below 400. */
  accepted: number
}

type Failure = { type: string; title: string; operations: string[] }

type Report = {
  complete: boolean
  operations: { selected: number; tested: number }
  test_cases: { generated: number; with_failures: number; errored: number }
  failures: Failure[]
  /** Where it could not ask or judge at all, its own mistakes included; their causes only its output has. */
  errors: { title: string; count: number }[]
  valid_rates: Record<string, Record<string, { accepted: number }>>
}

type Operation = {
  requestBody?: { content: Record<string, { examples: Record<string, unknown> }> }
}

/**
 * docs/openapi.json without the example `hang`: its provider never answers, so that the documented
 * 504 is right, and `not_a_server_error` takes it for a failure.
 */
async function documentToFuzz(): Promise<string> {
  const text = await readFile(path.join(ROOT, 'docs/openapi.json'), 'utf8')
  const document: { paths: Record<string, Record<string, Operation>> } = JSON.parse(text)
  for (const { requestBody } of Object.values(document.paths).flatMap(Object.values<Operation>)) {
    for (const { examples } of Object.values(requestBody?.content ?? {})) delete examples['hang']
  }
  return JSON.stringify(document)
}

const MOST_ERROR_LINES = 40

function errorLinesOf(output: string): string[] {
  const [, ...sections] = output.split(/^=+ ERRORS =+$/m)
  const lines = sections.join().split(/^=+ [A-Z ]+ =+$/m)[0] ?? ''
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_ERROR_LINES)
}

/** Requests that docs/openapi.json allows and such as it does not, and what each answer breaks. */
export async function fuzz(options: Options): Promise<Fuzzed> {
  const { bin, url, seed, examples, scratchDir, only = [] } = options
  const cwd = await mkdtemp(path.join(scratchDir, 'schemathesis-'))
  await writeFile(path.join(cwd, 'openapi.json'), await documentToFuzz())
  const args = ['run', 'openapi.json', '--url', url]
  args.push('--checks', checks.join(), '--seed', String(seed), '--max-examples', String(examples))
  args.push('--generation-database', 'none', '--continue-on-failure', '--no-color')
  // One worker: with more, the order of the requests is not the seed's.
  args.push('--report-json-path', 'report.json', '--workers', '1')
  // Those are about the time that making requests takes, which a busy machine decides.
  args.push('--suppress-health-check', 'all')
  for (const id of only) args.push('--include-operation-id', id)
  const { output } = await runTool(path.resolve(bin, 'schemathesis'), args, { cwd })
  await mkdir(path.dirname(OUTPUT), { recursive: true })
  await writeFile(OUTPUT, output)
  const report = await readFile(path.join(cwd, 'report.json'), 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => {
      throw new Error(`schemathesis has written no report:\n${output.slice(-2000)}`)
    },
  )
  const { operations, test_cases: cases, complete } = report
  const rates = Object.values(report.valid_rates).flatMap((phases) => Object.values(phases))
  return {
    generated: cases.generated,
    operations: operations.tested,
    accepted: rates.reduce((sum, { accepted }) => sum + accepted, 0),
    failures: [
      ...report.failures.map(
        ({ type, title, operations }) => `${type}: ${title}, ${operations.join()}`,
      ),
      ...report.errors.map(({ title, count }) => `error: ${title}, ${count} times`),
      ...(report.errors.length > 0 ? errorLinesOf(output) : []),
      ...(complete && operations.tested === operations.selected ? [] : ['it did not finish']),
    ],
  }
}
