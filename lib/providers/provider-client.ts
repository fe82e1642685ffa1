import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type CallFate, type ProblemFacts } from '../errors/app-error.ts'
import type { ProblemCode } from '../errors/problem-catalog.ts'
import type { AskProvider, ProviderAnswer } from '../verification/verdict.ts'
import type { Exchange, FormAnswer, FormRequest, PostForm } from './post-form.ts'

/** A failure as a provider's tables name it. */
export type ProviderFailure = Omit<ProblemFacts, 'provider' | 'errors'> & {
  problem: ProblemCode
  /** `answered` where it is not given. */
  fate?: CallFate
  /** The request provably never ran, so that a second one cannot be a second charge. */
  safeToRetry?: boolean
}

/** Credentials as they stand now, and the version by which a rotation shows. */
export type Credentials<Secret> = {
  current(): Promise<{ value: Secret; version: string }>
  /** Reads them anew, however young the known ones are. */
  reread(): Promise<{ value: Secret; version: string }>
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
}

const MAX_ATTEMPTS = 2
/** What the function needs to answer its caller after the provider's time is over. */
const RESERVED_MS = 500
const RETRY_DELAY_MS = { least: 100, jitter: 200 }

/** Authenticate, send, recognise, translate: in this order for every provider. */
export function providerClient<Secret, Person extends object>(
  options: ProviderOptions<Secret, Person>,
): AskProvider<Person> {
  const { name, credentials, postForm, request, recognise } = options
  return async (person, remainingMs) => {
    let secret = await credentials.current()
    const deadline = performance.now() + Math.min(options.timeoutMs, remainingMs() - RESERVED_MS)
    let billable: ProblemFacts['billable'] = 'no'
    for (let attempt = 1; ; attempt++) {
      const exchange = await postForm({ ...request(secret.value, person), deadline })
      const outcome: ProviderAnswer | ProviderFailure =
        exchange.outcome === 'answered'
          ? recognise(exchange.answer)
          : transportFailures[exchange.outcome]
      dropUnfitReference(outcome, person)
      if ('verdict' in outcome) return outcome

      const { problem, safeToRetry, fate = 'answered', ...facts } = outcome
      // What the first attempt may have cost, a failure of the second cannot undo.
      if (facts.billable === 'unknown') billable = 'unknown'
      const failure = new AppError(problem, { provider: name, ...facts, billable }, fate)
      if (attempt === MAX_ATTEMPTS) throw failure
      if (safeToRetry) {
        const delayMs = RETRY_DELAY_MS.least + Math.random() * RETRY_DELAY_MS.jitter
        if (performance.now() + delayMs >= deadline) throw failure
        await sleep(delayMs)
      } else if (problem === 'provider_credentials_rejected') {
        const outOfTime = sleep(Math.max(0, deadline - performance.now()), secret, { ref: false })
        const fresh = await Promise.race([credentials.reread(), outOfTime]).catch(() => secret)
        if (fresh.version === secret.version) throw failure
        secret = fresh
      } else {
        throw failure
      }
    }
  }
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

const REFERENCE = /^[A-Za-z0-9._:-]{1,64}$/
const TELLING_DIGITS = 8

// A provider chooses its reference itself; one that repeats the person is not passed on.
function dropUnfitReference(outcome: { providerReference?: string }, person: object): void {
  const { providerReference } = outcome
  if (providerReference === undefined) return
  // Both as it stands and without separators, with which it could spell a number.
  const spellings = [providerReference, providerReference.replace(/[._:-]/g, '')]
  const repeatsPerson = Object.values(person).some((value: string) => {
    for (let at = 0; at + TELLING_DIGITS <= value.length; at++) {
      const part = value.slice(at, at + TELLING_DIGITS)
      if (spellings.some((spelling) => spelling.includes(part))) return true
    }
    return false
  })
  if (repeatsPerson || !REFERENCE.test(providerReference)) delete outcome.providerReference
}
