import { randomUUID } from 'node:crypto'

import { runLater, sendReply, startLoopbackServer } from './loopback-server.ts'
import type { LoopbackRequest } from './loopback-server.ts'

const ARN_PREFIX = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:'
const ARN_SUFFIX = '-Local1'

type Version = { id: string; value: string; createdAt: number }
type FailureMode = 'error' | 'throttle' | 'hang' | 'denied'
type Answer = { status: number; body: object }

export type SecretsManagerSimulator = {
  url: string
  /** The SecretId of every read that arrived, answered or not. */
  reads: string[]
  /** Stores a new version, which the next read gets, and returns its VersionId. */
  set(name: string, value: string): string
  fail(mode: FailureMode | undefined): void
  delayMs: number
  close(): Promise<void>
}

const failure = (type: string, Message: string, status = 400): Answer => ({
  status,
  body: { __type: type, Message },
})

const failures: Record<FailureMode, Answer | undefined> = {
  error: failure('InternalServiceError', 'An error occurred on the server side.', 500),
  throttle: failure('ThrottlingException', 'Rate exceeded'),
  denied: failure('AccessDeniedException', 'Not authorized: secretsmanager:GetSecretValue'),
  hang: undefined,
}

const noSecret = failure(
  'ResourceNotFoundException',
  "Secrets Manager can't find the specified secret.",
)

const refusals: [answer: Answer, holds: (request: LoopbackRequest) => boolean][] = [
  [
    failure('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    ({ headers }) => !headers.authorization?.startsWith('AWS4-HMAC-SHA256 '),
  ],
  [
    failure('UnknownOperationException', 'Unknown operation'),
    ({ method, path, headers }) =>
      method !== 'POST' ||
      path !== '/' ||
      headers['x-amz-target'] !== 'secretsmanager.GetSecretValue',
  ],
]

type Query = { SecretId?: unknown; VersionId?: unknown; VersionStage?: unknown }

function readQuery(body: Buffer): Query {
  try {
    return { ...JSON.parse(body.toString()) }
  } catch {
    return {}
  }
}

export async function startSecretsManagerSimulator({
  secrets,
  port = 0,
}: {
  secrets: Record<string, string>
  port?: number
}): Promise<SecretsManagerSimulator> {
  const versionsOf = new Map<string, Version[]>()
  const reads: string[] = []
  let mode: FailureMode | undefined

  function set(name: string, value: string) {
    const version = { id: randomUUID(), value, createdAt: Date.now() / 1000 }
    versionsOf.set(name, [version, ...(versionsOf.get(name) ?? [])])
    return version.id
  }

  function getSecretValue({ SecretId, VersionId, VersionStage = 'AWSCURRENT' }: Query): Answer {
    if (typeof SecretId !== 'string') return failure('ValidationException', 'SecretId is required')
    const name = SecretId.startsWith(ARN_PREFIX)
      ? SecretId.slice(ARN_PREFIX.length).replace(ARN_SUFFIX, '')
      : SecretId
    const versions = (versionsOf.get(name) ?? []).map((version, age) => ({
      ...version,
      stage: ['AWSCURRENT', 'AWSPREVIOUS'][age],
    }))
    const found = versions.find((version) =>
      VersionId === undefined ? version.stage === VersionStage : version.id === VersionId,
    )
    if (found === undefined) return noSecret
    return {
      status: 200,
      body: {
        ARN: `${ARN_PREFIX}${name}${ARN_SUFFIX}`,
        CreatedDate: found.createdAt,
        Name: name,
        SecretString: found.value,
        VersionId: found.id,
        VersionStages: found.stage === undefined ? [] : [found.stage],
      },
    }
  }

  function answer(request: LoopbackRequest): Answer | undefined {
    const refusal = refusals.find(([, holds]) => holds(request))
    if (refusal) return refusal[0]
    const query = readQuery(request.body)
    reads.push(String(query.SecretId))
    return mode === undefined ? getSecretValue(query) : failures[mode]
  }

  for (const [name, value] of Object.entries(secrets)) set(name, value)

  const server = await startLoopbackServer({ port }, (request, { response }) => {
    const answered = answer(request)
    if (answered === undefined) return
    const reply = {
      status: answered.status,
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'x-amzn-RequestId': randomUUID(),
      },
      body: Buffer.from(JSON.stringify(answered.body)),
    }
    runLater(response, simulator.delayMs, () => sendReply(response, reply))
  })

  const simulator: SecretsManagerSimulator = {
    url: server.url,
    reads,
    set,
    fail: (next) => {
      mode = next
    },
    delayMs: 0,
    close: () => server.close(),
  }
  return simulator
}
