import type { Problem } from '../errors/problem.ts'
import type { Language } from '../errors/problem-catalog.ts'
import type { Reply } from './http-handler.ts'

type WaitingProblem = { problem: Problem; retryAfterSeconds: number | undefined }

export function problemReply(
  { problem, retryAfterSeconds }: WaitingProblem,
  language: Language,
): Reply {
  const { code, billable, provider, providerCode, providerReference } = problem
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'content-language': language,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: problem,
    logged: { code, billable, provider, providerCode, providerReference },
  }
}

/** A problem as the ledger keeps it: the moment to wait for in place of the seconds. */
type KeptProblem = { problem: Problem; language: Language; retryAt?: number }

export function keepProblem(
  { problem, retryAfterSeconds }: WaitingProblem,
  language: Language,
): string {
  const kept: KeptProblem = {
    problem,
    language,
    ...(retryAfterSeconds === undefined ? {} : { retryAt: Date.now() + retryAfterSeconds * 1000 }),
  }
  return JSON.stringify(kept)
}

/** The kept problem word for word; its wait is what is left of it. */
export function keptProblemReply({ problem, language, retryAt = 0 }: KeptProblem): Reply {
  const secondsLeft = Math.ceil((retryAt - Date.now()) / 1000)
  return problemReply(
    { problem, retryAfterSeconds: secondsLeft > 0 ? secondsLeft : undefined },
    language,
  )
}
