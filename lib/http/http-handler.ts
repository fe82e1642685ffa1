// oxlint-disable-next-line import/no-named-as-default -- its types have the default export only
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import { AppError } from '../errors/app-error.ts'
import { problemOf } from '../errors/problem.ts'
import type { Language } from '../errors/problem-catalog.ts'
import { log, traceOf } from '../telemetry/log.ts'
import { embeddedMetrics } from '../telemetry/metrics.ts'
import type { CallTrace } from '../verification/verdict.ts'
import { preferredLanguage } from './accept-language.ts'
import { type HttpRequest, readEvent } from './api-gateway-event.ts'
import { problemReply } from './problem-reply.ts'

/** An answer to API Gateway, in the form that both payload formats accept. */
export type HttpResponse = { statusCode: number; headers: Record<string, string>; body: string }

/** What an endpoint has to say; an expected failure is thrown as an `AppError` instead. */
export type Reply = {
  status: number
  headers: Readonly<Record<string, string>>
  body: object
  /** What the log line of this request may say of it. */
  logged: Logged
}
type Logged = {
  readonly verificationId?: string
  readonly provider?: string | undefined
  readonly verdict?: string
  readonly code?: string
  readonly billable?: string
  readonly providerCode?: string | undefined
  readonly providerReference?: string | undefined
  readonly reused?: boolean
  readonly replayed?: boolean
}

/** Who asks, in which language, and how long the function may still run. */
export type CallContext = {
  caller: string
  requestId: string
  language: Language
  remainingMs: () => number
  /** Where what was done for the answer is noted for the log. */
  trace: CallTrace
}

export type Endpoint<Input extends object> = {
  /** Name of the function; stands in the log line of each request. */
  route: string
  /** Whom it asks, for the metrics. */
  provider?: string
  /** Reads and checks what the caller sent. */
  read: (request: HttpRequest) => Input
  answer: (input: Input, context: CallContext) => Promise<Reply>
}

/** One request on its way through the middlewares, each of which adds its part. */
type Call<Input> = {
  http: HttpRequest
  language: Language
  startedAt: number
  trace: CallTrace
  caller?: string
  input?: Input
  logged?: Logged
  error?: AppError
}
type Middleware<Input> = MiddlewareObj<Call<Input>, HttpResponse>
type WriteLog = typeof log

/** The order of the middlewares, decided once for all handlers. */
export function httpHandler<Input extends object>(
  endpoint: Endpoint<Input>,
  writeLog: WriteLog = log,
): (event: unknown, context: Context) => Promise<HttpResponse> {
  const story = async (call: Call<Input>, context: Context) => {
    const { caller, input, http, language, trace } = call
    if (caller === undefined || !input) throw new AppError('internal_error')
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? Infinity
    const { requestId } = http
    const reply = await endpoint.answer(input, {
      caller,
      requestId,
      language,
      remainingMs,
      trace,
    })
    call.logged = reply.logged
    return responseOf(reply, requestId)
  }
  const pipeline = middy<Call<Input>, HttpResponse>({ timeoutEarlyInMillis: 0 })
    .use(requestLog<Input>(endpoint, writeLog))
    .use(problems<Input>(writeLog))
    .use(authenticated<Input>())
    .use(checkedInput<Input>(endpoint.read))
    .handler(story)

  return (event, context) => {
    const http = readEvent(event, context.awsRequestId)
    const language = preferredLanguage(http.headers.get('accept-language'))
    return pipeline({ http, language, startedAt: performance.now(), trace: {} }, context)
  }
}

/** One line a request, its metrics included. Nothing of the request itself but its id and caller. */
function requestLog<Input extends object>(
  { route, provider }: Endpoint<Input>,
  writeLog: WriteLog,
): Middleware<Input> {
  const write: Middleware<Input>['after'] = ({ event, context, response }) => {
    const { http, caller, logged, trace, error } = event
    const durationMs = Math.round(performance.now() - event.startedAt)
    const facts = { ...logged, provider: logged?.provider ?? provider, ...trace, route, durationMs }
    const metrics = embeddedMetrics({
      ...facts,
      // `<service>-<stage>-<route>` as serverless.yml names its functions.
      service: (context.functionName ?? '').replace(`-${route}`, ''),
      outcomeUnknown: error?.fate === 'unknown' || error?.code === 'outcome_unknown',
      refused: error && trace.attempts === undefined && refusals.has(error.code),
    })
    const status = response?.statusCode
    writeLog('info', 'request', { requestId: http.requestId, caller, status, ...facts }, metrics)
  }
  return { after: write, onError: write }
}

/** Codes of our own guards, caps and pauses where no provider was asked. */
const refusals: ReadonlySet<AppError['code']> = new Set([
  'too_many_attempts',
  'card_locked',
  'daily_limit_reached',
  'provider_quota_exhausted',
  'provider_credentials_rejected',
])

function problems<Input>(writeLog: WriteLog): Middleware<Input> {
  return {
    onError(request) {
      const { http, language } = request.event
      const error =
        request.error instanceof AppError ? request.error : unexpected(request.error, writeLog)
      if (error.cause !== undefined) writeLog('warn', error.code, traceOf(error.cause))
      const reply = problemReply(problemOf(error, http.requestId, language), language)
      request.event.error = error
      request.event.logged = reply.logged
      request.response = responseOf(reply, http.requestId)
    },
  }
}

function unexpected(error: unknown, writeLog: WriteLog): AppError {
  writeLog('error', 'unexpected_error', traceOf(error))
  return new AppError('internal_error', { billable: 'unknown' })
}

function authenticated<Input>(): Middleware<Input> {
  return {
    before({ event }) {
      if (event.http.caller === undefined) throw new AppError('unauthenticated')
      event.caller = event.http.caller
    },
  }
}

function checkedInput<Input extends object>(read: Endpoint<Input>['read']): Middleware<Input> {
  return {
    before({ event }) {
      event.input = read(event.http)
    },
  }
}

function responseOf({ status, headers, body }: Reply, requestId: string): HttpResponse {
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...headers,
    },
    body: JSON.stringify(body),
  }
}
