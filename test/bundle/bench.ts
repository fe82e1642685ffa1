import { findLeaks, type Secrets } from '../support/leak-scan.ts'
import { startSimulators } from '../simulators/start-simulators.ts'
import { expectConforms } from '../openapi/conforms.ts'
import type { Artifact, FunctionName } from './artifact.ts'
import { expectContract } from './contract.ts'
import {
  FunctionProcess,
  type LambdaResponse,
  settingsOf,
  type Settings,
} from './function-process.ts'
import { serviceSecrets } from './service-secrets.ts'

export type Answer = { status: number; headers: Record<string, string>; body: AnswerBody }
type AnswerBody = Record<string, unknown> & {
  id?: string
  card?: { last4?: string }
  usage?: Record<string, unknown>[]
  verifications?: Record<string, unknown>[]
}

export type Bench = Awaited<ReturnType<typeof openBench>>

/**
 * Providers, secrets and a table, and packaged functions started among them. Every answer is held
 * against the contract, and at the end all that came out is searched for what was asked about.
 */
export async function openBench(artifact: Artifact) {
  const simulators = await startSimulators({ slowMs: 700 })
  const processes: FunctionProcess[] = []
  const responses: LambdaResponse[] = []

  return {
    ...simulators,
    get hits() {
      return simulators.databao.hits.length + simulators.juhe.hits.length
    },
    async start(name: FunctionName, changed: Settings = {}) {
      const fn = artifact.fn(name)
      const started = await FunctionProcess.start(fn, settingsOf(fn, simulators, changed))
      processes.push(started)
      return {
        process: started,
        async ask(event: unknown, options?: { remainingMs: number }): Promise<Answer> {
          const response = await started.invoke(event, options)
          responses.push(response)
          expectContract(response)
          expectConforms(name, response)
          const { statusCode: status, headers, body } = response
          return { status, headers, body: JSON.parse(body) }
        },
      }
    },
    /** Ends everything. @throws Error where any of `secrets` stood in what came out or was stored */
    async close(secrets: Secrets) {
      await Promise.all(processes.map((started) => started.stop()))
      const output = processes.map((started) => started.output).join('')
      const table = JSON.stringify(await simulators.dynamoDb.dump())
      await simulators.close()
      const responded = responses
        .map((response) => JSON.stringify(response) + response.body)
        .join('\n')
      const leaks = Object.entries({ output, table, responded }).flatMap(([where, text]) =>
        findLeaks(text, { ...serviceSecrets, ...secrets }).map(
          ({ secret, form }) => `${secret}, ${form}, in ${where}`,
        ),
      )
      if (leaks.length > 0) throw new Error(`leaked: ${leaks.join('; ')}`)
    },
  }
}
