import { createClient, VerificationError } from '../../client/src/client.ts'

/** Searched for in whatever a failure shows; the name is long enough not to turn up by chance. */
export const canary = {
  name: '欧阳晓明哲',
  idNumber: '11010119000101003X',
  cardNumber: '6299990999999990',
}
export const pair = { name: canary.name, cardNumber: canary.cardNumber }

/** What the service answers about `canary`. */
export const answer = {
  id: '01a207ae-dac9-7710-9250-164430d7c7f8',
  verdict: 'match',
  elements: ['name', 'cardNumber'],
  provider: 'juhe',
  providerReference: 'JH1881261123091349000001DG',
  billable: 'yes',
  verifiedAt: '2026-11-23T09:13:49.621Z',
  reused: false,
  card: { last4: '9990' },
  warnings: [{ pointer: '/cardNumber', code: 'bin_unknown' }],
}

export const problem = {
  type: 'urn:problem-type:bankcard-verify:provider_throttled',
  title: 'Provider throttled the call',
  status: 503,
  detail: 'Too many calls at once; send the request again after the stated time.',
  code: 'provider_throttled',
  requestId: 'JKJaXmPLvHcESHA=',
  provider: 'juhe',
  providerCode: '10011',
  retryable: true,
  billable: 'no',
}

export const problemNamed = (code: string, status: number, more: object = {}) => ({
  ...problem,
  type: `urn:problem-type:bankcard-verify:${code}`,
  code,
  status,
  retryable: false,
  ...more,
})

export type Reply = {
  status?: number
  type?: string | null
  headers?: Record<string, string>
  body?: object | string
}

function responseOf({ status = 200, type, headers = {}, body = answer }: Reply): Response {
  const usual = status < 400 ? 'application/json' : 'application/problem+json'
  const isGateways = status >= 400 && type === 'application/json'
  const response = new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: {
      'content-type': type ?? usual,
      ...(isGateways ? {} : { 'x-request-id': 'JKJaXmPLvHcESHA=' }),
      ...headers,
    },
  })
  if (type === null) response.headers.delete('content-type')
  return response
}

type Sent = { url: string; headers: Headers; init: RequestInit }

/** A client whose service gives these answers in turn, the last one for ever. */
export function clientOf(
  replies: readonly (Reply | Error)[],
  options: Partial<Parameters<typeof createClient>[0]> = {},
) {
  const sent: Sent[] = []
  const client = createClient({
    baseUrl: 'https://api.example/prod',
    auth: { bearer: 'invented.to.ken' },
    maxRetries: 0,
    fetch: async (input, init = {}) => {
      const reply = replies[Math.min(sent.length, replies.length - 1)]
      sent.push({ url: new Request(input).url, headers: new Headers(init.headers), init })
      if (reply instanceof Error) throw reply
      return responseOf(reply ?? {})
    },
    ...options,
  })
  return { client, sent }
}

/** @throws Error where it was answered, or failed with anything but a `VerificationError` */
export async function failureOf(asked: Promise<unknown>): Promise<VerificationError> {
  const error = await asked.then(
    () => Promise.reject(new Error('a verdict came of it')),
    (error: unknown) => error,
  )
  if (!(error instanceof VerificationError)) throw error
  return error
}
