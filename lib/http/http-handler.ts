// oxlint-disable-next-line import/no-named-as-default -- its types have the default export only
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import { AppError } from '../errors/app-error.ts'
import { problemOf } from '../errors/problem.ts'
import { log, traceOf } from '../telemetry/log.ts'
import { preferredLanguage } from './accept-language.ts'
import { type HttpRequest, readEvent } from './api-gateway-event.ts'
import { readJsonBody } from './json-body.ts'

/** An answer to API Gateway, in the form that both payload formats accept. */
export type HttpResponse = { statusCode: number; headers: Record<string, string>; body: string }

type Fields = Readonly<Record<string, unknown>>
type FieldErrors = { errors: readonly { pointer: string; code: string }[] }

export type Endpoint<Input extends object, Answer extends object> = {
  /** Stands in the log line of each request. */
  route: string
  parse: (fields: Fields) => { request: Input } | FieldErrors
  /** @param remainingMs what is left of the function's own time */
  answer(input: Input, remainingMs: () => number): Promise<Answer>
  /** What the log line may say of an answer. */
  logged(answer: Answer): LogFields
}
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** One request on its way through the middlewares, each of which adds its part. */
type Call<Input> = {
  http: HttpRequest
  startedAt: number
  input?: Input
  outcome?: LogFields
}
type Middleware<Input> = MiddlewareObj<Call<Input>, HttpResponse>

/** The order of the middlewares, decided once for all handlers. */
export function httpHandler<Input extends object, Answer extends object>(
  endpoint: Endpoint<Input, Answer>,
): (event: unknown, context: Context) => Promise<HttpResponse> {
  const story = async (call: Call<Input>, context: Context) => {
    if (!call.input) throw new AppError('internal_error')
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? Infinity
    const answer = await endpoint.answer(call.input, remainingMs)
    call.outcome = endpoint.logged(answer)
    return response(200, 'application/json', answer, call.http.requestId)
  }
  const pipeline = middy<Call<Input>, HttpResponse>({ timeoutEarlyInMillis: 0 })
    .use(requestLog<Input>(endpoint.route))
    .use(problems<Input>())
    .use(validatedInput<Input>(endpoint.parse))
    .handler(story)

  return (event, context) =>
    pipeline(
      { http: readEvent(event, context.awsRequestId), startedAt: performance.now() },
      context,
    )
}

/** One line a request. Nothing of the request itself but its id. */
function requestLog<Input>(route: string): Middleware<Input> {
  const write: Middleware<Input>['after'] = ({ event, response }) =>
    log('info', 'request', {
      requestId: event.http.requestId,
      route,
      status: response?.statusCode,
      ...event.outcome,
      durationMs: Math.round(performance.now() - event.startedAt),
    })
  return { after: write, onError: write }
}

function problems<Input>(): Middleware<Input> {
  return {
    onError(request) {
      const { http } = request.event
      const error = request.error instanceof AppError ? request.error : unexpected(request.error)
      const language = preferredLanguage(http.headers.get('accept-language'))
      const { problem, retryAfterSeconds } = problemOf(error, http.requestId, language)
      const { code, billable, provider, providerCode, providerReference } = problem
      request.event.outcome = { code, billable, provider, providerCode, providerReference }
      request.response = response(
        problem.status,
        'application/problem+json',
        problem,
        http.requestId,
      )
      request.response.headers['content-language'] = language
      if (retryAfterSeconds !== undefined) {
        request.response.headers['retry-after'] = String(retryAfterSeconds)
      }
    },
  }
}

function unexpected(error: unknown): AppError {
  log('error', 'unexpected_error', traceOf(error))
  return new AppError('internal_error', { billable: 'unknown' })
}

function validatedInput<Input extends object>(
  parse: Endpoint<Input, never>['parse'],
): Middleware<Input> {
  return {
    before({ event }) {
      const parsed = parse(readJsonBody(event.http))
      if ('errors' in parsed) throw new AppError('validation_failed', { errors: parsed.errors })
      event.input = parsed.request
    },
  }
}

function response(
  statusCode: number,
  contentType: string,
  body: object,
  requestId: string,
): HttpResponse {
  return {
    statusCode,
    headers: {
      'content-type': contentType,
      'cache-control': 'no-store',
      'x-request-id': requestId,
    },
    body: JSON.stringify(body),
  }
}
