import { packageArtifact } from '../../bundle/artifact.ts'
import { installTools } from '../../external/install-tools.ts'
import { startLocalApi } from '../openapi-fuzz/local-api.ts'
import type { Row } from '../row.ts'
import { fuzz } from '../openapi-fuzz/schemathesis.ts'
import { unfaithfulFunctions } from '../openapi-fuzz/unfaithful-functions.ts'

const EXAMPLES = { quick: 20, long: 400 }

export default {
  number: 9,
  name: 'openapi-fuzz',
  measure:
    'requests that schemathesis makes from docs/openapi.json, valid and invalid, to what `npm start` serves',
  goal: '0 failed of not_a_server_error, status_code_, content_type_, response_schema_ and response_headers_conformance, negative_data_rejection',
  limitSeconds: { quick: 240, long: 1200 },
  async run({ quick, seed, scratchDir, say }) {
    const tools = await installTools('requirements-openapi-fuzz.txt')
    if ('skipped' in tools) return tools
    const artifact = await packageArtifact()
    const options = { bin: tools.dir, seed, scratchDir }
    const controls = await unfaithfulFunctions(artifact, options)
    const api = await startLocalApi(artifact)
    const examples = EXAMPLES[quick ? 'quick' : 'long']
    const { generated, failures, operations, accepted } = await fuzz({
      ...options,
      url: api.url,
      examples,
    })
    say(`${generated} requests, ${failures.length} failures`)
    await api.close()
    await artifact.remove()
    return {
      figure: `${failures.length} failed of ${generated} requests`,
      reached: failures.length === 0,
      controls,
      details: { operations, 'random examples of each': examples, 'of these accepted': accepted },
      failures,
    }
  },
} satisfies Row
