export type Row = {
  status: number
  /** May the same request be sent again? */
  retryable: boolean
  /** Seconds, where waiting helps. `midnight`: the next one in Asia/Shanghai. */
  retryAfter?: number | 'midnight'
  title: Text
  detail: Text
}
type Text = { en: string; zh: string }

const row = (status: number, retryable: boolean, title: Text, detail: Text): Row => ({
  status,
  retryable,
  title,
  detail,
})
const wait = (retryAfter: number | 'midnight', waiting: Row): Row => ({ ...waiting, retryAfter })
const t = (en: string, zh: string): Text => ({ en, zh })

/** Every failure that a caller can see (contract.md §3). */
// prettier-ignore
export const problemCatalog = {
  malformed_json: row(400, false,
    t('Malformed JSON', 'JSON 格式错误'),
    t('The body must be a JSON object in UTF-8.', '请求体必须是 UTF-8 编码的 JSON 对象。')),
  unauthenticated: row(401, false,
    t('Unauthenticated', '未认证'),
    t('The gateway named no caller; sign the request or send a valid token.', '网关未提供调用方身份，请签名请求或提供有效令牌。')),
  not_found: row(404, false,
    t('Not found', '未找到'),
    t('There is no such verification of yours.', '您名下没有这条核验记录。')),
  invalid_idempotency_key: row(400, false,
    t('Invalid Idempotency-Key', 'Idempotency-Key 无效'),
    t('An Idempotency-Key is 1 to 255 printable ASCII characters.', 'Idempotency-Key 须为 1 至 255 个可打印 ASCII 字符。')),
  idempotency_key_required: row(400, false,
    t('Idempotency-Key required', '缺少 Idempotency-Key'),
    t('Send an Idempotency-Key of your own with every verification.', '每次核验都须携带调用方自定的 Idempotency-Key。')),
  idempotency_key_reused: row(422, false,
    t('Idempotency-Key reused', 'Idempotency-Key 被重复使用'),
    t('This key came with another request within the last 24 hours.', '过去 24 小时内该键已用于另一请求。')),
  verification_in_progress: wait(2, row(409, true,
    t('Verification in progress', '核验进行中'),
    t('The same verification is still running; send the request again after the stated time.', '相同的核验仍在进行，请在指定时间后重试。'))),
  outcome_unknown: row(504, false,
    t('Outcome unknown', '结果未知'),
    t('An earlier attempt was sent and its answer is lost; it may have been charged. A new Idempotency-Key or Cache-Control: no-cache asks anew.', '此前的请求已发出但结果丢失，可能已计费。如需重新查询，请使用新的 Idempotency-Key 或 Cache-Control: no-cache。')),
  daily_limit_reached: wait('midnight', row(429, false,
    t('Daily limit reached', '已达当日上限'),
    t('The spend cap of this day is used up; it opens again at midnight in Asia/Shanghai.', '当日调用上限已用尽，北京时间零点恢复。'))),
  ledger_unavailable: wait(2, row(503, true,
    t('Ledger unavailable', '台账不可用'),
    t('The record of calls could not be used, so nothing was sent.', '无法读写调用台账，未发送任何请求。'))),
  unsupported_media_type: row(415, false,
    t('Unsupported media type', '不支持的媒体类型'),
    t('Send the body as application/json in UTF-8.', '请以 UTF-8 编码的 application/json 发送请求体。')),
  payload_too_large: row(413, false,
    t('Payload too large', '请求体过大'),
    t('The body may have at most 8 KiB.', '请求体不得超过 8 KiB。')),
  validation_failed: row(422, false,
    t('Validation failed', '校验未通过'),
    t('Mend the listed fields and send the request again.', '请修正 errors 中列出的字段后重新发送。')),
  provider_rejected_input: row(422, false,
    t('Input rejected by the provider', '数据源拒绝了该输入'),
    t('The provider holds a value for invalid; check what you sent.', '数据源认为所提交的值无效，请核对。')),
  too_many_attempts: wait('midnight', row(429, false,
    t('Too many attempts today', '当日尝试次数过多'),
    t('This person or card was asked about too often today; asking earlier prolongs the lock.', '该卡或该人当日查询过于频繁；提前再次查询会延长限制。'))),
  card_locked: wait('midnight', row(429, false,
    t('Card locked for today', '该卡当日已被限制校验'),
    t('Repeated mismatches locked this card until the next day; asking earlier prolongs the lock.', '该卡当日多次认证不通过，次日恢复；提前再次查询会延长限制。'))),
  provider_throttled: wait(5, row(503, true,
    t('Provider throttled the call', '数据源限流'),
    t('Too many calls at once; send the request again after the stated time.', '调用过于频繁，请在指定时间后重试。'))),
  provider_quota_exhausted: wait(600, row(503, false,
    t('Provider quota exhausted', '数据源额度已用尽'),
    t('The prepaid package is used up or expired; the operator of this service must renew it.', '预付套餐已用尽或已过期，请联系服务运营方续费。'))),
  provider_credentials_rejected: row(502, false,
    t('Provider rejected our credentials', '数据源拒绝了服务凭证'),
    t('The operator of this service must check its provider credentials.', '请联系服务运营方检查数据源凭证。')),
  provider_access_denied: row(502, false,
    t('Provider denied access', '数据源拒绝访问'),
    t('The operator of this service must check its address, protocol or permissions at the provider.', '请联系服务运营方检查数据源侧的 IP、协议或权限配置。')),
  provider_unavailable: wait(10, row(503, true,
    t('Provider unavailable', '数据源不可用'),
    t('The provider could not be reached or is out of service; send the request again later.', '暂时无法连接数据源或其服务已停用，请稍后重试。'))),
  provider_timeout: row(504, false,
    t('Provider timed out', '数据源超时'),
    t('The provider did not answer in time; `billable` says whether it may have charged.', '数据源未在时限内应答；是否可能计费见 billable。')),
  provider_error: row(502, false,
    t('Provider failed', '数据源异常'),
    t('The provider failed or its answer could not be read; no verdict follows from it.', '数据源异常或其应答无法解读，不能据此得出结论。')),
  credentials_unavailable: wait(5, row(503, true,
    t('Credentials unavailable', '服务凭证不可用'),
    t('The provider credentials could not be read; nothing was sent.', '无法读取数据源凭证，未发送任何请求。'))),
  internal_error: row(500, false,
    t('Internal error', '内部错误'),
    t('An unexpected failure; quote requestId to the operator of this service.', '发生意外错误，请将 requestId 提供给服务运营方。')),
} satisfies Record<string, Row>

export type ProblemCode = keyof typeof problemCatalog
export type Language = keyof Text
