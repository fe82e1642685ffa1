import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { AwsCredentials } from '../../lib/aws/sign-request.ts'

type Bytes = string | ArrayBuffer | ArrayBufferView

const bytesOf = (data: Bytes) => {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}

class Sha256 {
  readonly #hash: Hash | Hmac
  constructor(secret?: Bytes) {
    this.#hash = secret ? createHmac('sha256', bytesOf(secret)) : createHash('sha256')
  }
  update(data: Bytes) {
    this.#hash.update(bytesOf(data))
  }
  async digest() {
    return this.#hash.digest()
  }
  reset() {
    throw new Error('a hash is not used twice')
  }
}

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
