import type { Context } from 'aws-lambda'
import { rehearsalLedger } from '../ledger/rehearsal-ledger.ts'
import type { LedgerPerson } from '../ledger/verification-ledger.ts'
import type { Element } from '../verification/verdict.ts'
import { type HttpResponse, httpHandler } from './http-handler.ts'
import { verificationEndpoint, type VerificationEndpoint } from './verification-endpoint.ts'

/** The most that init can lose by it; some 30 ms are usual. */
const LONGEST_MS = 1000

/** Nobody: invented, with valid check digits, so that the rehearsal gets as far as the provider. */
const person: Record<Element, string> = {
  name: '无此人',
  idNumber: '110101190001019991',
  cardNumber: '6299999999999998',
}

/**
 * Answers a question about nobody, with a ledger that keeps nothing and a provider that is not asked:
 * nothing leaves the process, nothing is logged. What it leaves is code that V8 has compiled, in init,
 * which has all of a core, and not in the first request, which has its memory's share of one.
 *
 * @returns the answer, for tests; `undefined` where there was none, which is nobody's loss
 */
export async function rehearse<Person extends LedgerPerson>(
  endpoint: Omit<VerificationEndpoint<Person>, 'verifyOnce'>,
): Promise<HttpResponse | undefined> {
  const { promise: outOfTime, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, LONGEST_MS, undefined)
  const answer = answerOf(endpoint).catch(() => undefined)
  const response = await Promise.race([answer, outOfTime])
  clearTimeout(timer)
  return response
}

async function answerOf<Person extends LedgerPerson>(
  endpoint: Omit<VerificationEndpoint<Person>, 'verifyOnce'>,
): Promise<HttpResponse> {
  const { elements } = endpoint.operation
  const handler = httpHandler(
    verificationEndpoint({ ...endpoint, verifyOnce: rehearsalLedger() }),
    () => undefined,
  )
  const fields = Object.fromEntries(elements.map((element) => [element, person[element]]))
  return handler({ ...event, body: JSON.stringify(fields) }, context)
}

const event = {
  requestContext: {
    requestId: 'rehearsal',
    authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:role/rehearsal' } },
  },
  headers: { 'content-type': 'application/json', 'idempotency-key': 'rehearsal' },
}

const context = {
  awsRequestId: 'rehearsal',
  functionName: 'rehearsal',
  getRemainingTimeInMillis: () => LONGEST_MS,
} as Context
