type Meaning = { en: string; zh: string }
/** What API Gateway's HTTP API answers in place of the function, and what that means. */
type GatewayAnswer = Meaning & {
  message: string
  /** Where nothing could be charged. */
  reading?: Meaning
}

export const gatewayAnswers: Readonly<Record<number, GatewayAnswer>> = {
  400: {
    message: 'Bad Request',
    en: 'the gateway could not read the request.',
    zh: '网关无法解读该请求。',
  },
  401: {
    message: 'Unauthorized',
    en: 'no valid token, where the deployment uses JWT.',
    zh: '部署使用 JWT 时，令牌缺失或无效。',
  },
  403: {
    message: 'Forbidden',
    en: 'not signed, wrongly signed, or not allowed to call this route.',
    zh: '未签名、签名有误，或无权调用该路由。',
  },
  404: {
    message: 'Not Found',
    en: 'no such route at this address, or not with this method.',
    zh: '该地址没有这条路由，或不支持该方法。',
  },
  413: {
    message: 'Request Entity Too Large',
    en: 'a body over 10 MB.',
    zh: '请求体超过 10 MB。',
  },
  429: {
    message: 'Too Many Requests',
    en: 'the throttle of the route; nothing ran.',
    zh: '触发路由限流，函数未运行。',
  },
  500: {
    message: 'Internal Server Error',
    en: 'the function ended without an answer: take the outcome as unknown.',
    zh: '函数未作应答即终止：应视为结果未知。',
    reading: { en: 'the function ended without an answer.', zh: '函数未作应答即终止。' },
  },
  503: {
    message: 'Service Unavailable',
    en: 'the function could not be reached or did not end in time: take the outcome as unknown, and repeat with the same `Idempotency-Key`.',
    zh: '网关无法调用函数，或函数未在时限内结束：应视为结果未知，并用同一个 `Idempotency-Key` 重试。',
    reading: {
      en: 'the function could not be reached or did not end in time; ask again.',
      zh: '网关无法调用函数，或函数未在时限内结束，请重试。',
    },
  },
  504: {
    message: 'Gateway Timeout',
    en: 'the gateway gave up waiting: take the outcome as unknown, and repeat with the same `Idempotency-Key`.',
    zh: '网关等待超时：应视为结果未知，并用同一个 `Idempotency-Key` 重试。',
    reading: { en: 'the gateway gave up waiting; ask again.', zh: '网关等待超时，请重试。' },
  },
}
