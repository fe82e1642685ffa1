import { AwsV4Signer } from 'aws4fetch'

export type SigV4Credentials = {
  /** Of the deployment, as in `cn-northwest-1`. */
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

/**
 * How the gateway knows who calls: a signature, a token, or nothing, which only the local API lets
 * in. A function is called before each attempt, so that credentials may change.
 */
export type Auth =
  | { sigv4: SigV4Credentials | (() => SigV4Credentials | Promise<SigV4Credentials>) }
  | { bearer: string | (() => string | Promise<string>) }
  | 'none'

export type Unsigned = {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
}

/**
 * @returns the headers to send, authorization included
 * @throws Error where there are none; its cause is what the caller's own function has thrown
 */
export async function authorize(auth: Auth, request: Unsigned): Promise<Headers> {
  if (auth === 'none') return new Headers(request.headers)
  if ('bearer' in auth) {
    const token = await had(auth.bearer)
    checkHeaderValues([token])
    return new Headers({ ...request.headers, authorization: `Bearer ${token}` })
  }
  const { region, accessKeyId, secretAccessKey, sessionToken } = await had(auth.sigv4)
  checkHeaderValues([region, accessKeyId, secretAccessKey, sessionToken ?? '-'])
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  const signer = new AwsV4Signer({ ...request, ...credentials, region, service: 'execute-api' })
  return (await signer.sign()).headers
}

async function had<Value>(given: Value | (() => Value | Promise<Value>)): Promise<Value> {
  if (!isFunction(given)) return given
  try {
    return await given()
  } catch (cause) {
    throw new Error('no credentials', { cause })
  }
}

function isFunction<Value>(
  given: Value | (() => Value | Promise<Value>),
): given is () => Value | Promise<Value> {
  return typeof given === 'function'
}

// `Headers` would repeat what it refuses in its message.
function checkHeaderValues(values: readonly unknown[]): void {
  const areFit = values.every((value) => typeof value === 'string' && /^[!-~]+$/.test(value))
  if (!areFit) throw new Error('no credentials')
}
