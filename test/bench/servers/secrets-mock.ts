import { randomUUID } from 'node:crypto'
import { json } from 'node:stream/consumers'
import { optionsOfMock, serveCommands, startCountingServer, type Tls } from './mock-protocol.ts'

/** Secrets Manager, where every secret was made long ago: no rotation is under way. */
const { tls, secrets }: { tls: Tls; secrets: Record<string, string> } = optionsOfMock()

const VersionId = randomUUID()
const CreatedDate = 1_700_000_000

const { url, commands } = await startCountingServer(tls, async (request, response) => {
  const { SecretId = '' } = (await json(request)) as { SecretId?: string }
  const isProper =
    request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' &&
    request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') &&
    Object.hasOwn(secrets, SecretId)
  const answer = isProper
    ? {
        ARN: `arn:aws:secretsmanager:local:000000000000:secret:${SecretId}-Local1`,
        CreatedDate,
        Name: SecretId,
        SecretString: secrets[SecretId],
        VersionId,
        VersionStages: ['AWSCURRENT'],
      }
    : { __type: 'ResourceNotFoundException', Message: 'no such secret' }
  const body = Buffer.from(JSON.stringify(answer))
  response.writeHead(isProper ? 200 : 400, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': body.length,
  })
  response.end(body)
})

serveCommands(url, commands)
