import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SignatureV4 } from '@smithy/signature-v4'

export type Sent = { method: string; path: string; headers?: Record<string, string>; body?: string }
export type Answered = { status: number; headers: Headers; text: string; ms: number }
/** @param authorized whether it is signed, or carries the token */
export type Send = (request: Sent, authorized: boolean) => Promise<Answered>

type Authorize = (request: Sent, url: URL) => Promise<Record<string, string>>

// The gateway gives up after 30 s.
const TIMEOUT_MS = 31_000

export function sender(baseUrl: URL, authorize: Authorize): Send {
  return async (request, authorized) => {
    const url = new URL(baseUrl.pathname.replace(/\/$/, '') + request.path, baseUrl)
    const { method, headers = {}, body } = request
    const started = performance.now()
    const response = await fetch(url, {
      method,
      headers: authorized ? await authorize(request, url) : headers,
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    const ms = Math.round(performance.now() - started)
    return { status: response.status, headers: response.headers, text, ms }
  }
}

export function bearer(token: string): Authorize {
  return async ({ headers }) => ({ ...headers, authorization: `Bearer ${token}` })
}

/** SigV4 with the operator's own AWS credentials, wherever the SDK finds them. */
export function signature(region: string, credentials = awsCredentials()): Authorize {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 })
  return async ({ method, headers = {}, body }, url) => {
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
      ...(body !== undefined && { body }),
    })
    const { host: _, ...sent } = signed.headers
    return sent
  }
}

// Any client knows the SDK's chain of places where credentials are looked for.
function awsCredentials() {
  return () => new SecretsManagerClient().config.credentials()
}

/** SHA-256 as the SDK's signer takes it, with a key or without. */
export class Sha256 {
  readonly #secret: Parameters<typeof createHmac>[1] | undefined
  #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#hash = this.#start()
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk))
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest())
  }

  reset(): void {
    this.#hash = this.#start()
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
