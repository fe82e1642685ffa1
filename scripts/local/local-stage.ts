import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { devNull } from 'node:os'
import { startSimulators } from '../../test/simulators/start-simulators.ts'
import { leadsToAws } from './local-state.ts'

export type LocalStage = {
  /** What a function needs to reach the simulators, and nothing beyond this machine. */
  environment: Record<string, string>
  /** Variables of the developer's shell that could lead to a real AWS account. */
  dropped: string[]
  close(): Promise<void>
}

export async function startLocalStage(region: string): Promise<LocalStage> {
  const [simulators, noAws] = await Promise.all([startSimulators(), startNoAws()])
  return {
    environment: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: noAws.url,
      ...simulators.environment,
    },
    dropped: leadsToAws,
    async close() {
      await Promise.all([simulators.close(), noAws.close()])
    },
  }
}

/** Answers 501 to every AWS call that no simulator takes, so that none reaches a real account. */
async function startNoAws() {
  const server = createServer((_request, response) => response.writeHead(501).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
