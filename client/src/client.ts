import type { Auth, Unsigned } from './authorize.ts'
import { baseUrlOf } from './base-url.ts'
import type {
  ListQuery,
  ThreeElementRequest,
  TwoElementRequest,
  Usage,
  UsageQuery,
  Verification,
  VerificationPage,
} from './contract.ts'
import { isUsage, isVerification, isVerificationId, isVerificationPage } from './contract-checks.ts'
import { exchange } from './exchange.ts'
import { personalNumbers, repeatsNumber } from './personal-numbers.ts'
import { isAnswerTo, type Person, type Question, threeElement, twoElement } from './question.ts'
import type { Expected } from './read-reply.ts'
import { repeat } from './repeat.ts'
import { type Failure, VerificationError } from './verification-error.ts'

export type { Auth, SigV4Credentials } from './authorize.ts'
export type {
  ListQuery,
  Problem,
  ProblemCode,
  ThreeElementRequest,
  TwoElementRequest,
  Usage,
  UsageQuery,
  Verification,
  VerificationPage,
} from './contract.ts'
export {
  type ClientCode,
  VerificationError,
  type VerificationErrorCode,
} from './verification-error.ts'

export type ClientOptions = {
  /** Address of the deployment, with its stage path if it has one: https, or http on this machine. */
  baseUrl: string
  auth: Auth
  /** In place of the global one. It must not repeat a request by itself. */
  fetch?: typeof fetch | undefined
  /** Of one attempt; 31 s unless given. With less, more outcomes are unknown at first. */
  timeoutMs?: number | undefined
  /** How often one call is repeated at most; 2 unless given. */
  maxRetries?: number | undefined
  /** Of a problem's `title` and `detail`; English unless given. */
  language?: 'en' | 'zh' | undefined
}

export type CallOptions = { signal?: AbortSignal | undefined }

export type VerifyOptions = CallOptions & {
  /**
   * 1 to 255 printable ASCII characters, best a number of the payment. The same key and request get
   * the same answer for 24 hours. A UUID unless given.
   */
  idempotencyKey?: string | undefined
  /** Pays for a new question where an earlier verdict would be reused. */
  anew?: boolean | undefined
}

export type Verified = Verification & {
  /** The key under which this answer can be had again for 24 hours. */
  idempotencyKey: string
  /** The service has kept this answer from an earlier request with the key. */
  replayed: boolean
}

export type Client = ReturnType<typeof createClient>

// The gateway gives up after 30 s.
const TIMEOUT_MS = 31_000
const MAX_RETRIES = 2
// As the service takes it, without blanks at its ends, which HTTP would take away.
const KEY = /^[!-~](?:[ -~]{0,253}[!-~])?$/

type Asked = Omit<Unsigned, 'url'> & { path: string; signal: AbortSignal | undefined }
type Subject = { idempotencyKey?: string; verificationId?: string }

/**
 * A client of one deployment. Its calls throw `VerificationError` and nothing else.
 *
 * @throws TypeError for a `baseUrl` over which no person may be sent
 */
export function createClient(options: ClientOptions) {
  const { auth, timeoutMs = TIMEOUT_MS, maxRetries = MAX_RETRIES, language } = options
  const baseUrl = baseUrlOf(options.baseUrl)
  const fetch: typeof globalThis.fetch = options.fetch ?? ((...sent) => globalThis.fetch(...sent))

  async function ask<Value>(
    { path, signal, ...asked }: Asked,
    expected: Expected<Value>,
    subject: Subject,
  ) {
    const headers = { ...asked.headers, ...(language && { 'accept-language': language }) }
    const request = { ...asked, headers, url: baseUrl + path }
    const attempt = () => exchange({ auth, fetch, timeoutMs }, request, expected, signal)
    const outcome = await repeat(attempt, { maxRetries, signal })
    if ('value' in outcome) return outcome
    const { failure } = outcome
    // A read charges nothing, whatever became of it.
    const known = subject.idempotencyKey === undefined ? { ...failure, ...nothingAsked } : failure
    throw new VerificationError(known, subject)
  }

  async function verify(question: Question, person: Person, options: VerifyOptions) {
    const { anew = false, signal } = options
    const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID()
    const numbers = personalNumbers(person)
    if (!KEY.test(idempotencyKey) || repeatsNumber(idempotencyKey, numbers)) {
      throw new VerificationError(refused('invalid_idempotency_key'))
    }
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
      ...(anew && { 'cache-control': 'no-cache' }),
    }
    const body = JSON.stringify(person)
    const { value, replayed } = await ask(
      { method: 'POST', path: question.path, headers, body, signal },
      { isValue: isAnswerTo(question, person), numbers },
      { idempotencyKey },
    )
    return { ...value, idempotencyKey, replayed }
  }

  async function read<Value>(
    path: string,
    isValue: (value: unknown) => value is Value,
    { signal }: CallOptions,
    subject: Subject = {},
  ): Promise<Value> {
    const asked = { method: 'GET', path, headers: {}, signal } as const
    const { value } = await ask(asked, { isValue, numbers: [] }, subject)
    return value
  }

  const client = {
    /** Do name, ID number and card number belong together? Asks Databao. */
    verifyThreeElement(
      person: ThreeElementRequest,
      options: VerifyOptions = {},
    ): Promise<Verified> {
      return verify(threeElement, person, options)
    },

    /** Do name and card number belong together? Asks Juhe. */
    verifyTwoElement(person: TwoElementRequest, options: VerifyOptions = {}): Promise<Verified> {
      return verify(twoElement, person, options)
    },

    /** A recorded answer of yours, without `card.last4`. */
    async getVerification(id: string, options: CallOptions = {}): Promise<Verification> {
      // Anything else is no id of the service, and may be what must not stand in a URL.
      const verificationId = id.toLowerCase()
      if (!isVerificationId(verificationId)) throw new VerificationError(refused('not_found'))
      const isValue = (value: unknown): value is Verification =>
        isVerification(value) && value.id === verificationId
      const path = `/v1/verifications/${verificationId}`
      return read(path, isValue, options, { verificationId })
    },

    /** One page of your answers under a reference, newest first. */
    listVerifications(query: ListQuery, options: CallOptions = {}): Promise<VerificationPage> {
      return read(`/v1/verifications${textOf(query)}`, isVerificationPage, options)
    },

    /** All your answers under a reference, newest first, a page at a time. */
    async *verificationPages(
      query: ListQuery,
      options: CallOptions = {},
    ): AsyncGenerator<VerificationPage, void, undefined> {
      let { cursor } = query
      do {
        const next = { ...query, ...(cursor && { cursor }) }
        const page = await client.listVerifications(next, options)
        yield page
        cursor = page.cursor
      } while (cursor !== undefined)
    },

    /** Calls of the whole deployment by Shanghai day, provider and caller; 92 days at most. */
    getUsage(query: UsageQuery, options: CallOptions = {}): Promise<Usage> {
      return read(`/v1/usage${textOf(query)}`, isUsage, options)
    },
  }
  return client
}

const nothingAsked = { billable: 'no', outcomeUnknown: false } as const

function refused(code: 'invalid_idempotency_key' | 'not_found'): Failure {
  return { code, retryable: false, ...nothingAsked }
}

function textOf(query: object): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) text.set(name, String(value))
  }
  return `?${text}`
}
