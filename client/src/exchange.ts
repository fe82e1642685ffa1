import { type Auth, authorize, type Unsigned } from './authorize.ts'
import { Stopped, within } from './deadline.ts'
import { type Expected, type Outcome, readReply } from './read-reply.ts'
import type { ClientCode } from './verification-error.ts'

export type Transport = {
  auth: Auth
  fetch: typeof fetch
  /** Of one attempt, its answer's body included. */
  timeoutMs: number
}

/** Sends a request once. It never throws: what went wrong is an outcome too. */
export async function exchange<Value>(
  { auth, fetch, timeoutMs }: Transport,
  request: Unsigned,
  expected: Expected<Value>,
  signal: AbortSignal | undefined,
): Promise<Outcome<Value>> {
  const { url, method, body = null } = request
  if (signal?.aborted) return unanswered('aborted', { mayHaveRun: false })
  let mayHaveRun = false
  try {
    return await within({ timeoutMs, signal }, async (ended) => {
      const headers = await authorize(auth, request)
      ended.throwIfAborted()
      mayHaveRun = true
      const sent = { method, headers, body, redirect: 'manual', signal: ended } as const
      return readReply(await fetch(url, sent), expected)
    })
  } catch (error) {
    if (signal?.aborted) return unanswered('aborted', { mayHaveRun })
    if (error instanceof Stopped) return unanswered('timed_out', { mayHaveRun })
    const cause = (error as Error | null | undefined)?.cause
    if (!mayHaveRun) return unanswered('signing_failed', { mayHaveRun, cause })
    const reason = reasonOf(cause)
    return neverConnected.includes(reason)
      ? unanswered('connection_failed', { mayHaveRun: false, reason })
      : unanswered('connection_lost', { mayHaveRun, reason })
  }
}

/** Node's names for a connection that was never made. */
const neverConnected: readonly (string | undefined)[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]

function reasonOf(cause: unknown): string | undefined {
  const { code } = { code: undefined, ...(cause as object | undefined) }
  return typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code) ? code : undefined
}

function unanswered(
  code: ClientCode,
  { mayHaveRun, ...facts }: { mayHaveRun: boolean; reason?: string | undefined; cause?: unknown },
) {
  const failure = {
    code,
    retryable: code !== 'aborted' && code !== 'signing_failed',
    billable: 'no' as const,
    outcomeUnknown: false,
    ...facts,
  }
  return { failure, replayed: false, mayHaveRun }
}
