import { setTimeout as sleep } from 'node:timers/promises'
import { httpPoster } from '../net/http-poster.ts'
import { type AwsCredentials, requestSigner } from './sign-request.ts'

export type AwsAccess = { endpoint: string; region: string; credentials: AwsCredentials }

export type AwsJsonClient = {
  /**
   * One operation by its name and input, tried again where that may help.
   *
   * @param once sent a single time: for what would count twice
   * @throws Error named as AWS names it, without its message, which may repeat what was sent
   */
  send: (
    operation: string,
    input: object,
    options?: { once?: boolean | undefined },
  ) => Promise<Readonly<Record<string, unknown>>>
  /** Opens connections before the first request, and sends nothing. */
  connectAhead: (count: number) => Promise<void>
}

export type AwsService = {
  /** As signatures name it. */
  name: string
  /** What stands before the operation's name in `x-amz-target`. */
  target: string
  jsonVersion: '1.0' | '1.1'
  attemptMs: number
  maxAttempts: number
}

const BACK_OFF_MS = 100

const THROTTLED: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
])

/**
 * An AWS service that takes JSON by POST, as far as functions need one. The SDK's clients do more, and
 * cost a cold start and each request more (docs/decisions.md).
 */
export function awsJsonClient(
  { endpoint, region, credentials }: AwsAccess,
  { name, target, jsonVersion, attemptMs, maxAttempts }: AwsService,
): AwsJsonClient {
  const url = new URL(endpoint)
  const { post, dropIdle, connectAhead } = httpPoster(url)
  const sign = requestSigner(credentials, region, name)

  const attempt = async (operation: string, body: string) => {
    const headers = {
      host: url.host,
      'content-type': `application/x-amz-json-${jsonVersion}`,
      'x-amz-target': `${target}.${operation}`,
    }
    const outcome = await post(sign(headers, body, new Date()), body, attemptMs)
    if (outcome === 'lost' || outcome === 'timed_out') {
      // Where one connection turned out to be dead, after a freeze perhaps, others may be.
      dropIdle()
      throw new AwsError(outcome === 'lost' ? 'ConnectionLost' : 'TimeoutError', true)
    }
    const answer = parse(outcome.body)
    if (outcome.status === 200 && answer) return answer
    throw errorOf(outcome.status, answer)
  }

  return {
    async send(operation, input, { once = false } = {}) {
      const body = JSON.stringify(input)
      for (let number = 1; ; number++) {
        try {
          return await attempt(operation, body)
        } catch (error) {
          if (!(error instanceof AwsError && error.isTransient)) throw error
          if (once || number === maxAttempts) throw error
          await sleep(Math.random() * BACK_OFF_MS * 2 ** (number - 1))
        }
      }
    },
    connectAhead,
  }
}

class AwsError extends Error {
  readonly isTransient: boolean
  constructor(name: string, isTransient: boolean) {
    super(name)
    this.name = name
    this.isTransient = isTransient
  }
}

function errorOf(status: number, answer: Record<string, unknown> | undefined): AwsError {
  const type = answer?.['__type']
  const [name = 'UnknownError'] = (typeof type === 'string' && /\w+$/.exec(type)) || []
  return new AwsError(name, status >= 500 || status === 429 || THROTTLED.has(name) || !answer)
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString())
    const isObject = typeof answer === 'object' && answer !== null && !Array.isArray(answer)
    return isObject ? { ...answer } : undefined
  } catch {
    return undefined
  }
}
