import type { ProblemCode } from '../../errors/problem-catalog.ts'

/** The code of an answered question; its `data.state` holds the verdict. */
export const DATABAO_ANSWERED = '10000'
/** 未查询到数据: an answer too, though not to the question. */
export const DATABAO_NO_RECORD = '10016'

/**
 * Every other code of the provider's document, section "错误码参照(error_code)". What is billed is
 * not documented for any of them.
 */
export const databaoCodes = {
  '10001': 'provider_rejected_input', // 参数传入有误
  '10002': 'provider_error', // 访问失败
  '10003': 'provider_timeout', // 请求超时
  '10004': 'provider_error', // 系统异常
  '10005': 'provider_credentials_rejected', // 用户验证失败
  '10006': 'provider_rejected_input', // 查询参数错误
  '10007': 'provider_error', // 调用接口失败
  '10008': 'provider_quota_exhausted', // 充值失败
  '10009': 'provider_rejected_input', // 请检查请求参数
  '10010': 'provider_access_denied', // 访问受限
  '10011': 'provider_error', // 接口访问失败
  '10012': 'provider_error', // 请求失败
  '10013': 'provider_timeout', // 连接超时
  '10014': 'provider_unavailable', // 该接口已停用
  '10015': 'provider_unavailable', // 该接口无法调用
  '10017': 'provider_error', // 查询失败
  '10018': 'provider_rejected_input', // 参数错误
  '10019': 'provider_error', // 系统异常
  '10020': 'too_many_attempts', // 同一参数请求次数超限
} as const satisfies Record<string, ProblemCode>

/** `data.state` under code 10000 (the document's "返回参数说明"). */
export const databaoStates = {
  '1': { verdict: 'match', billable: 'yes' }, // 验证一致
  '2': { verdict: 'mismatch', billable: 'yes' }, // 验证不一致
  '3': { verdict: 'unverifiable', reason: 'abnormal', billable: 'unknown' }, // 异常情况
} as const
