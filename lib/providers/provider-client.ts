import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type CallFate, type ProblemFacts } from '../errors/app-error.ts'
import type { ProblemCode } from '../errors/problem-catalog.ts'
import type { AskProvider, ProviderAnswer } from '../verification/verdict.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import {
  type Exchange,
  type FormAnswer,
  type FormRequest,
  type PostForm,
  rehearsePost,
} from './post-form.ts'

/** A failure as a provider's tables name it. */
export type ProviderFailure = Omit<ProblemFacts, 'provider' | 'errors'> & {
  problem: ProblemCode
  fate: CallFate
  /** The request provably never ran, so that a second one cannot be a second charge. */
  safeToRetry?: boolean
}

type Version<Secret> = { value: Secret; version: string; createdAt?: number | undefined }

/** Credentials as they stand now, and the version by which a rotation shows. */
export type Credentials<Secret> = {
  current(): Promise<Version<Secret>>
  /** Reads them anew, however young the known ones are. */
  reread(): Promise<Version<Secret>>
}

/** A credential as providers hand them out: nothing in it can break out of a header. */
export function isVisibleAscii(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,512}$/.test(value)
}

export type ProviderOptions<Secret, Person> = {
  name: string
  credentials: Credentials<Secret>
  postForm: PostForm
  /** For the whole exchange, a retry included. */
  timeoutMs: number
  request: (secret: Secret, person: Person) => Omit<FormRequest, 'deadline'>
  recognise: (answer: FormAnswer) => ProviderAnswer | ProviderFailure
  /** Credentials that open nothing, and an answer of the provider's that is neither match nor mismatch. */
  rehearsal: { secret: Secret; answer: string }
}

const MAX_ATTEMPTS = 2
/** What the function needs to answer its caller after the provider's time is over. */
const RESERVED_MS = 500
const RETRY_DELAY_MS = { least: 100, jitter: 200 }

export type ProviderClient<Person> = AskProvider<Person> & {
  /** Opens the connection for the first request, and sends nothing. */
  prepare(): Promise<void>
  /** Asks within this process alone: nothing is sent, and the answer says nothing of the person. */
  rehearse: AskProvider<Person>
}

/** Authenticate, send, recognise, translate: in this order for every provider. */
export function providerClient<Secret extends object, Person extends object>(
  options: ProviderOptions<Secret, Person>,
): ProviderClient<Person> {
  const { postForm, rehearsal } = options
  const current = () => Promise.resolve({ value: rehearsal.secret, version: '', createdAt: 0 })
  const nobody = {
    ...options,
    credentials: { current, reread: current },
    postForm: (request: FormRequest) => rehearsePost(request, rehearsal.answer),
  }
  return Object.assign(askingAs(options), {
    prepare: () => postForm.connectAhead(),
    rehearse: askingAs(nobody),
  })
}

function askingAs<Secret extends object, Person extends object>(
  options: Omit<ProviderOptions<Secret, Person>, 'postForm'> & {
    postForm: (request: FormRequest) => Promise<Exchange>
  },
): AskProvider<Person> {
  const { name, credentials, postForm, request, recognise } = options
  const breaker = circuitBreaker()
  return async (person, remainingMs, trace = {}) => {
    const retryAfterSeconds = breaker.waitSeconds()
    if (retryAfterSeconds > 0) {
      throw new AppError('provider_unavailable', { provider: name, retryAfterSeconds })
    }
    let secret = await credentials.current()
    if (secret.createdAt !== undefined) {
      trace.secretAgeSeconds = Math.round((Date.now() - secret.createdAt) / 1000)
    }
    const startedAt = performance.now()
    const deadline = startedAt + Math.min(options.timeoutMs, remainingMs() - RESERVED_MS)
    let earlier: AppError | undefined
    for (let attempt = 1; ; attempt++) {
      const exchange = await postForm({ ...request(secret.value, person), deadline })
      trace.attempts = attempt
      trace.providerMs = Math.round(performance.now() - startedAt)
      const outcome: ProviderAnswer | ProviderFailure =
        exchange.outcome === 'answered'
          ? recognise(exchange.answer)
          : transportFailures[exchange.outcome]
      dropUnfitReference(outcome, { ...secret.value, ...person })
      if ('verdict' in outcome) {
        breaker.record('answered')
        return outcome
      }

      const failure = failureOf(name, outcome, earlier)
      const giveUp = () => {
        breaker.record(exchange.outcome)
        return failure
      }
      earlier = failure
      if (attempt === MAX_ATTEMPTS) throw giveUp()
      if (outcome.safeToRetry) {
        const delayMs = RETRY_DELAY_MS.least + Math.random() * RETRY_DELAY_MS.jitter
        if (performance.now() + delayMs >= deadline) throw giveUp()
        await sleep(delayMs)
      } else if (isRejection(outcome)) {
        const outOfTime = sleep(Math.max(0, deadline - performance.now()), secret, { ref: false })
        const fresh = await Promise.race([credentials.reread(), outOfTime]).catch(() => secret)
        if (fresh.version === secret.version) throw giveUp()
        secret = fresh
      } else {
        throw giveUp()
      }
    }
  }
}

// One that may have run all the same (a gateway's failure with a body) is never sent again.
function isRejection({ problem, fate }: ProviderFailure): boolean {
  return problem === 'provider_credentials_rejected' && fate !== 'unknown'
}

const FATES: readonly CallFate[] = ['not_sent', 'refused', 'answered', 'unknown']

// What the first attempt has set going or may have cost, a failure of the second cannot undo.
function failureOf(
  provider: string,
  outcome: ProviderFailure,
  earlier: AppError | undefined,
): AppError {
  const { problem, safeToRetry: _safeToRetry, fate, ...facts } = outcome
  const billable = earlier?.facts.billable === 'unknown' ? 'unknown' : (facts.billable ?? 'no')
  const earlierFate = earlier?.fate ?? 'not_sent'
  const worst = FATES.indexOf(earlierFate) > FATES.indexOf(fate) ? earlierFate : fate
  // What may have run is never sent again, whatever its code allows elsewhere.
  const retryable = worst === 'unknown' ? { retryable: false } : {}
  return new AppError(problem, { provider, ...facts, billable, ...retryable }, worst)
}

const transportFailures: Record<Exclude<Exchange['outcome'], 'answered'>, ProviderFailure> = {
  never_sent: { problem: 'provider_unavailable', fate: 'not_sent', safeToRetry: true },
  timed_out: { problem: 'provider_timeout', fate: 'unknown', billable: 'unknown' },
  broken: { problem: 'provider_error', fate: 'unknown', billable: 'unknown' },
}

/** An answer that is none: nothing of it is passed on. */
export const unreadable: ProviderFailure = {
  problem: 'provider_error',
  fate: 'unknown',
  billable: 'unknown',
}

export const PROVIDER_REFERENCE = /^[A-Za-z0-9._:-]{1,64}$/
const TELLING_CHARACTERS = 8
const SHORTEST_NAME = 4

// A provider chooses its reference itself; one that repeats the person or the credential is not
// passed on.
function dropUnfitReference(outcome: { providerReference?: string }, sent: object): void {
  const { providerReference } = outcome
  if (providerReference === undefined) return
  const reference = squeezed(providerReference)
  const repeatsSent = Object.values(sent).some((value: string) => repeats(reference, value))
  if (repeatsSent || !PROVIDER_REFERENCE.test(providerReference)) delete outcome.providerReference
}

/** Whether a text holds eight characters in a row of this value, or all of a shorter name. */
function repeats(reference: string, value: string): boolean {
  const text = squeezed(value)
  const length = Math.min(text.length, TELLING_CHARACTERS)
  if (length < SHORTEST_NAME) return false
  for (let at = 0; at + length <= text.length; at++) {
    if (reference.includes(text.slice(at, at + length))) return true
  }
  return false
}

function squeezed(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}
