import { SignatureV4 } from '@smithy/signature-v4'
import type { AwsCredentials } from '../../lib/aws/sign-request.ts'
import { Sha256 } from '../../scripts/smoke/signed-fetch.ts'

/** The headers of a POST to `/` as AWS's own SDK signs it. */
export async function signedBySdk(
  request: { headers: Record<string, string>; body: string | Buffer; now: Date },
  {
    credentials,
    region,
    service,
  }: { credentials: AwsCredentials; region: string; service: string },
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: request.headers['host'] ?? '',
      path: '/',
      headers: request.headers,
      body: request.body,
    },
    { signingDate: request.now },
  )
  return headers
}
