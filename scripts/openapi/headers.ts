import { REQUEST_ID } from '../../lib/http/api-gateway-event.ts'
import { type JsonObject, patternOf } from './json-schema.ts'
import type { Words } from './words.ts'

/**
 * Headers of responses. OpenAPI knows headers of a status and not of a media type: where the gateway
 * may answer the same status itself, none of the function's can be required.
 */
export function headerComponents({ say }: Words): Record<string, JsonObject> {
  const requestId = {
    description: say(
      "What the operator's log calls this request. On every response of a function; the gateway's own have none.",
      '运营方日志中本次请求的编号。函数的每个应答都有；网关自己的应答没有。',
    ),
    schema: { type: 'string', pattern: patternOf(REQUEST_ID) },
    example: 'JKJaXmPLvHcESHA=',
  }
  const noStore = {
    description: say(
      'No response may be stored. On every response of a function.',
      '任何应答都不得缓存。函数的每个应答都有。',
    ),
    schema: { const: 'no-store' },
    example: 'no-store',
  }
  const language = {
    description: say('Language of `title` and `detail`.', '`title` 和 `detail` 的语言。'),
    schema: { type: 'string', enum: ['en', 'zh'] },
  }
  return {
    RequestId: { ...requestId, required: true },
    RequestIdOfFunction: requestId,
    NoStore: { ...noStore, required: true },
    NoStoreOfFunction: noStore,
    ContentLanguage: { ...language, required: true },
    ContentLanguageOfFunction: language,
    RetryAfter: {
      description: say(
        'Seconds to wait, wherever waiting helps.',
        '需要等待的秒数；等待有用时才有。',
      ),
      schema: { type: 'integer', minimum: 1 },
      example: 5,
    },
    IdempotencyReplayed: {
      description: say(
        'On a reply that was kept under its `Idempotency-Key` and is given again.',
        '表示这是按 `Idempotency-Key` 保存、再次返回的应答。',
      ),
      schema: { const: 'true' },
    },
    GatewayRequestId: {
      description: say("API Gateway's own id of the request.", 'API Gateway 自己的请求编号。'),
      schema: { type: 'string' },
    },
  }
}

/** @param mayBeGateway whether the gateway may answer this status itself */
export function functionHeaders(mayBeGateway: boolean): Record<string, JsonObject> {
  const suffix = mayBeGateway ? 'OfFunction' : ''
  return {
    'x-request-id': header(`RequestId${suffix}`),
    'cache-control': header(`NoStore${suffix}`),
    ...gatewayHeader,
  }
}

export function problemHeaders(
  mayBeGateway: boolean,
  may: { wait: boolean; beReplayed: boolean },
): Record<string, JsonObject> {
  return {
    ...functionHeaders(mayBeGateway),
    'content-language': header(`ContentLanguage${mayBeGateway ? 'OfFunction' : ''}`),
    ...(may.wait ? { 'retry-after': header('RetryAfter') } : {}),
    ...(may.beReplayed ? replayedHeader : {}),
  }
}

function header(component: string): JsonObject {
  return { $ref: `#/components/headers/${component}` }
}

export const gatewayHeader = { 'apigw-requestid': header('GatewayRequestId') }
export const replayedHeader = { 'idempotency-replayed': header('IdempotencyReplayed') }
