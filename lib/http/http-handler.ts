// oxlint-disable-next-line import/no-named-as-default -- its types have the default export only
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import { AppError } from '../errors/app-error.ts'
import { problemOf } from '../errors/problem.ts'
import type { Language } from '../errors/problem-catalog.ts'
import { log, traceOf } from '../telemetry/log.ts'
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
  logged: LogFields
}
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Who asks, in which language, and how long the function may still run. */
export type CallContext = {
  caller: string
  requestId: string
  language: Language
  remainingMs: () => number
}

export type Endpoint<Input extends object> = {
  /** Name of the function; stands in the log line of each request. */
  route: string
  /** Reads and checks what the caller sent. */
  read: (request: HttpRequest) => Input
  answer: (input: Input, context: CallContext) => Promise<Reply>
}

/** One request on its way through the middlewares, each of which adds its part. */
type Call<Input> = {
  http: HttpRequest
  language: Language
  startedAt: number
  caller?: string
  input?: Input
  logged?: LogFields
}
type Middleware<Input> = MiddlewareObj<Call<Input>, HttpResponse>

/** The order of the middlewares, decided once for all handlers. */
export function httpHandler<Input extends object>(
  endpoint: Endpoint<Input>,
): (event: unknown, context: Context) => Promise<HttpResponse> {
  const story = async (call: Call<Input>, context: Context) => {
    const { caller, input, http, language } = call
    if (caller === undefined || !input) throw new AppError('internal_error')
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? Infinity
    const { requestId } = http
    const reply = await endpoint.answer(input, { caller, requestId, language, remainingMs })
    call.logged = reply.logged
    return responseOf(reply, requestId)
  }
  const pipeline = middy<Call<Input>, HttpResponse>({ timeoutEarlyInMillis: 0 })
    .use(requestLog<Input>(endpoint.route))
    .use(problems<Input>())
    .use(authenticated<Input>())
    .use(checkedInput<Input>(endpoint.read))
    .handler(story)

  return (event, context) => {
    const http = readEvent(event, context.awsRequestId)
    const language = preferredLanguage(http.headers.get('accept-language'))
    return pipeline({ http, language, startedAt: performance.now() }, context)
  }
}

/** One line a request. Nothing of the request itself but its id and its caller. */
function requestLog<Input>(route: string): Middleware<Input> {
  const write: Middleware<Input>['after'] = ({ event, response }) =>
    log('info', 'request', {
      requestId: event.http.requestId,
      route,
      caller: event.caller,
      status: response?.statusCode,
      ...event.logged,
      durationMs: Math.round(performance.now() - event.startedAt),
    })
  return { after: write, onError: write }
}

function problems<Input>(): Middleware<Input> {
  return {
    onError(request) {
      const { http, language } = request.event
      const error = request.error instanceof AppError ? request.error : unexpected(request.error)
      const reply = problemReply(problemOf(error, http.requestId, language), language)
      request.event.logged = reply.logged
      request.response = responseOf(reply, http.requestId)
    },
  }
}

function unexpected(error: unknown): AppError {
  log('error', 'unexpected_error', traceOf(error))
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
