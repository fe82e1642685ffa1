import { randomUUID } from 'node:crypto'
import { sendReply, startLoopbackServer } from '../simulators/loopback-server.ts'

type Version = { id: string; value: string | undefined; token: string | undefined }
type Request = Record<string, string | undefined>
type Answer = { status: number; body: object }

const refused = (type: string): Answer => ({
  status: 400,
  body: { __type: type, Message: 'refused' },
})

/** Secrets Manager with the operations that write, which the service's own simulator lacks. */
export async function startWritableSecretsManager() {
  const secrets = new Map<string, Version[]>()
  const calls: string[] = []
  const denied = new Set<string>()

  const put = (name: string, { SecretString, ClientRequestToken }: Request): Answer => {
    const versions = secrets.get(name) ?? []
    const again = versions.find(({ token }) => token !== undefined && token === ClientRequestToken)
    const version = again ?? { id: randomUUID(), value: SecretString, token: ClientRequestToken }
    if (!again) secrets.set(name, [version, ...versions])
    return answered(name, version)
  }
  const answered = (name: string, { id, value }: Version): Answer => ({
    status: 200,
    body: { Name: name, VersionId: id, SecretString: value, CreatedDate: Date.now() / 1000 },
  })

  const operations: Record<string, (request: Request) => Answer> = {
    CreateSecret: ({ Name = '', ...request }) =>
      secrets.has(Name) ? refused('ResourceExistsException') : put(Name, request),
    PutSecretValue: ({ SecretId = '', ...request }) =>
      secrets.has(SecretId) ? put(SecretId, request) : refused('ResourceNotFoundException'),
    DescribeSecret: ({ SecretId = '' }) => {
      const stages = ['AWSCURRENT', 'AWSPREVIOUS']
      const versions = secrets.get(SecretId)
      if (!versions) return refused('ResourceNotFoundException')
      const staged = versions.map(({ id }, age) => [id, [stages[age] ?? '']])
      return {
        status: 200,
        body: { Name: SecretId, VersionIdsToStages: Object.fromEntries(staged) },
      }
    },
    GetSecretValue: ({ SecretId = '', VersionStage = 'AWSCURRENT' }) => {
      const version = secrets.get(SecretId)?.[VersionStage === 'AWSCURRENT' ? 0 : 1]
      return version ? answered(SecretId, version) : refused('ResourceNotFoundException')
    },
  }

  const server = await startLoopbackServer({}, ({ headers, body }, { response }) => {
    const operation = String(headers['x-amz-target']).replace('secretsmanager.', '')
    calls.push(operation)
    const { status, body: answer } = denied.has(operation)
      ? refused('AccessDeniedException')
      : (operations[operation]?.(JSON.parse(body.toString())) ?? refused('UnknownOperation'))
    sendReply(response, {
      status,
      headers: { 'Content-Type': 'application/x-amz-json-1.1' },
      body: Buffer.from(JSON.stringify(answer)),
    })
  })
  return {
    url: server.url,
    calls,
    denied,
    /** Its versions, newest first. */
    versions: (name: string) => secrets.get(name)?.map(({ value }) => value) ?? [],
    close: () => server.close(),
  }
}
