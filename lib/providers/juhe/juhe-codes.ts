import type { ProblemCode } from '../../errors/problem-catalog.ts'

/** The one `error_code` that is billed, match or mismatch alike; `result.res` holds the verdict. */
export const JUHE_ANSWERED = '0'
/** 认证失败: the data source declined to compare. */
export const JUHE_DECLINED = '218806'
/** One code, two meanings; only its reason tells them apart. */
export const JUHE_ILLEGAL_OR_TOO_OFTEN = '218804'

/** Every other `error_code` of the provider's document, section 3 "错误码参照". None is billed. */
export const juheCodes = {
  '218801': 'provider_timeout', // 数据源超时
  '218805': 'provider_rejected_input', // 姓名不合法
  '218808': 'provider_rejected_input', // 参数错误
  '218866': 'card_locked', // 认证失败,该卡当日连续多次认证不通过被限制校验,次日恢复
  '10001': 'provider_credentials_rejected', // 错误的请求KEY
  '10002': 'provider_credentials_rejected', // 该KEY无请求权限
  '10003': 'provider_credentials_rejected', // KEY过期
  '10004': 'provider_credentials_rejected', // 错误的OPENID
  '10005': 'provider_credentials_rejected', // 应用未审核超时
  '10007': 'provider_access_denied', // 未知的请求源
  '10008': 'provider_access_denied', // 被禁止的IP
  '10009': 'provider_credentials_rejected', // 被禁止的KEY
  '10011': 'provider_throttled', // 当前IP请求超过限制
  '10012': 'provider_quota_exhausted', // 请求超过次数限制
  '10013': 'provider_quota_exhausted', // 测试KEY超过请求限制
  '10014': 'provider_error', // 系统内部异常
  '10020': 'provider_unavailable', // 接口维护
  '10021': 'provider_unavailable', // 接口停用
} as const satisfies Record<string, ProblemCode>

/** System codes that turn a call away before its data source; 10014 may have come from behind it. */
export const juheRefusals: ReadonlySet<string> = new Set(
  Object.keys(juheCodes).filter((code) => code.startsWith('100') && code !== '10014'),
)

/** Codes whose failure the same request may outlive, against the catalog's general rule. */
export const juheRetryable: ReadonlySet<string> = new Set(['218801'])

/** `resultcode` of old accounts, same section, third column: the newer code it stands for. */
export const juheOldCodes = {
  '101': '10001',
  '102': '10002',
  '103': '10003',
  '104': '10004',
  '105': '10005',
  '107': '10007',
  '108': '10008',
  '109': '10009',
  '111': '10011',
  '112': '10012',
  '113': '10013',
  '114': '10014',
  '120': '10020',
  '121': '10021',
} as const satisfies Record<string, keyof typeof juheCodes>

/** `result.res` under error_code 0 (section 1, "JSON返回示例"). */
export const juheResults = {
  '1': { verdict: 'match', billable: 'yes' }, // 匹配
  '2': { verdict: 'mismatch', billable: 'yes' }, // 不匹配
} as const
