import type { Artifact, FunctionName } from '../../bundle/artifact.ts'
import type { Breakage } from '../broken-copy.ts'
import { brokenFunction } from '../leaks/broken-function.ts'
import type { Control } from '../row.ts'
import { startLocalApi } from './local-api.ts'
import { fuzz } from './schemathesis.ts'

const EXAMPLES = 5

type Unfaithful = Breakage & {
  what: string
  fn: FunctionName
  /** How schemathesis calls what it must notice. */
  failure: string
}

const ENDPOINTS = 'lib/http/record-endpoints.ts'

const unfaithful: readonly [Unfaithful, ...Unfaithful[]] = [
  {
    what: 'an answer with a member that is not documented',
    fn: 'getUsage',
    file: ENDPOINTS,
    from: 'usage: lines.map(',
    to: 'undocumented: 1, usage: lines.map(',
    failure: 'JsonSchemaError',
  },
  {
    what: 'a function that fails',
    fn: 'getVerification',
    file: ENDPOINTS,
    from: 'const answer = await findAnswer(',
    to: "throw new TypeError('broken'); const answer = await findAnswer(",
    failure: 'ServerError',
  },
  {
    what: 'a query that is not checked',
    fn: 'listVerifications',
    file: ENDPOINTS,
    from: 'reader.finish()',
    to: '',
    failure: 'AcceptedNegativeData',
  },
]

/** Builds of the functions that do not do what the document says, and what schemathesis sees. */
export async function unfaithfulFunctions(
  artifact: Artifact,
  options: { bin: string; seed: number; scratchDir: string },
) {
  const [first, ...others] = unfaithful
  const controls: [Control, ...Control[]] = [await controlOf(first)]
  for (const other of others) controls.push(await controlOf(other))
  return controls

  async function controlOf({ what, fn, failure, ...breakage }: Unfaithful): Promise<Control> {
    const broken = await brokenFunction(artifact.fn(fn), options.scratchDir, [breakage])
    const api = await startLocalApi(artifact, (honest) => (honest.name === fn ? broken : honest))
    const { url } = api
    const { failures } = await fuzz({ ...options, url, examples: EXAMPLES, only: [fn] })
    await api.close()
    const noticed = failures.filter((told) => told.startsWith(failure))
    return {
      broken: what,
      caught: noticed.length > 0,
      figure: noticed[0] ?? 'nothing noticed',
    }
  }
}
