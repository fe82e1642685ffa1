import { randomUUID } from 'node:crypto'
import { shanghaiDay } from '../../lib/verification/shanghai-day.ts'
import type { Answered, Send, Sent } from './signed-fetch.ts'

/** `fault` where it did not pass. */
export type Check = { name: string; fact: string; fault?: string }

/** Refused before the ledger is asked: no provider, no charge, and the key is not kept. */
const badInput = (): Sent => ({
  method: 'POST',
  path: '/v1/verifications/three-element',
  headers: { 'content-type': 'application/json', 'idempotency-key': `smoke-${randomUUID()}` },
  body: '{}',
})

/** Today's usage: half a read unit. */
const read = (): Sent => {
  const today = shanghaiDay(Date.now())
  return { method: 'GET', path: `/v1/usage?from=${today}&to=${today}` }
}

/** Four requests that reach no provider and cost nothing there. */
export async function smokeChecks(send: Send): Promise<Check[]> {
  const reached = await attempt(() => send(read(), true))
  if (!('status' in reached)) {
    return [{ name: 'is reachable', fact: '-', fault: `no answer came (${reached.why})` }]
  }
  const refused = await attempt(() => send(badInput(), true))
  const unsigned = await Promise.all(
    [read(), badInput()].map(async (request) => ({
      request,
      answered: await attempt(() => send(request, false)),
    })),
  )
  return [
    { name: 'is reachable', fact: `answered in ${reached.ms} ms` },
    ...readChecks(reached),
    ...badInputChecks(refused),
    ...unsigned.map(({ request, answered }) => unsignedCheck(request, answered)),
  ]
}

type Attempt = Answered | { why: string }

/** Never the error's message: it may repeat the address with what stands in it. */
async function attempt(sending: () => Promise<Answered>): Promise<Attempt> {
  try {
    return await sending()
  } catch (error) {
    const { name, cause } = error as Error
    return { why: (cause as NodeJS.ErrnoException | undefined)?.code ?? name }
  }
}

function readChecks(answered: Answered): Check[] {
  const name = 'a read is answered'
  const body = membersOf(answered)
  const { status } = answered
  if (status === 401 || status === 403) {
    const fault = 'these credentials may not call it: execute-api:Invoke on its routes'
    return [{ name, fact: `${status}`, fault }]
  }
  return [
    check(name, `200 with a list "usage"`, {
      status: status === 200 || `status ${status}`,
      usage: Array.isArray(body['usage']) || 'no list "usage" in it',
    }),
    headerCheck('the read', answered, 'application/json'),
  ]
}

function badInputChecks(answered: Attempt): Check[] {
  const name = 'bad input is refused'
  if (!('status' in answered)) {
    return [{ name, fact: '-', fault: `no answer came (${answered.why})` }]
  }
  const problem = membersOf(answered)
  const { status, headers } = answered
  return [
    check(name, '422 validation_failed, retryable no, billable no', {
      status: status === 422 || `status ${status}`,
      code: problem['code'] === 'validation_failed' || 'another code',
      retryable: problem['retryable'] === false || 'retryable is not false',
      billable: problem['billable'] === 'no' || 'billable is not "no"',
    }),
    check('the problem has its members', 'type, title, status, detail, requestId, errors', {
      type: String(problem['type']).endsWith(':validation_failed') || 'type',
      title: isText(problem['title']) || 'title',
      status: problem['status'] === status || 'status',
      detail: isText(problem['detail']) || 'detail',
      requestId: problem['requestId'] === headers.get('x-request-id') || 'requestId',
      errors: hasRequiredErrors(problem['errors']) || 'errors',
    }),
    headerCheck('the problem', answered, 'application/problem+json'),
  ]
}

function headerCheck(what: string, { headers }: Answered, type: string): Check {
  return check(`${what} has its headers`, `x-request-id, no-store, ${type}`, {
    id: isText(headers.get('x-request-id')) || 'no x-request-id',
    caching: headers.get('cache-control') === 'no-store' || 'cache-control is not no-store',
    type: headers.get('content-type') === type || `content-type is not ${type}`,
  })
}

function unsignedCheck({ method }: Sent, answered: Attempt): Check {
  const name = `an unsigned ${method} is refused`
  if (!('status' in answered)) {
    return { name, fact: '-', fault: `no answer came (${answered.why})` }
  }
  const { status } = answered
  if (status === 401 || status === 403) return { name, fact: `${status}` }
  const fault = `it was let in with ${status}: ANYONE WHO FINDS THIS ADDRESS CAN CALL IT`
  return { name, fact: `${status}`, fault }
}

/** @param findings true, or what is wrong */
function check(name: string, fact: string, findings: Record<string, true | string>): Check {
  const faults = Object.values(findings).filter((finding) => finding !== true)
  return faults.length === 0 ? { name, fact } : { name, fact, fault: faults.join(', ') }
}

function membersOf({ text }: Answered): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) }
  } catch {
    return {}
  }
}

function hasRequiredErrors(errors: unknown): boolean {
  const wanted = ['/name', '/idNumber', '/cardNumber']
  return (
    Array.isArray(errors) &&
    wanted.every((pointer) =>
      errors.some((error) => error.pointer === pointer && error.code === 'required'),
    )
  )
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
