import type { ProviderAnswer } from '../../verification/verdict.ts'
import type { TwoElementPerson } from '../../verification/verification-request.ts'
import type { FormAnswer } from '../post-form.ts'
import { isVisibleAscii, type ProviderFailure, unreadable } from '../provider-client.ts'
import { codeText, isIn, isJsonObject, type JsonObject, readJsonObject } from '../read-answer.ts'
import { juheCipher } from './juhe-cipher.ts'
import {
  JUHE_ANSWERED,
  JUHE_DECLINED,
  JUHE_ILLEGAL_OR_TOO_OFTEN,
  juheCodes,
  juheOldCodes,
  juheRefusals,
  juheResults,
  juheRetryable,
} from './juhe-codes.ts'

export const juheChannels = {
  plain: { path: '/verifybankcard/query', request: plainRequest },
  encrypted: { path: '/verifybankcard/queryEncry', request: encryptedRequest },
}
export type JuheChannel = keyof typeof juheChannels

/** `openId` is only needed for the encrypted channel. */
export type JuheSecret = { key: string; openId: string }

export function parseJuheSecret(channel: JuheChannel) {
  return ({ key, openId = '' }: JsonObject): JuheSecret | undefined => {
    if (!isVisibleAscii(key)) return undefined
    if (isVisibleAscii(openId)) return { key, openId }
    return channel === 'plain' ? { key, openId: '' } : undefined
  }
}

function plainRequest({ key }: JuheSecret, { cardNumber, name }: TwoElementPerson) {
  return { form: { bankcard: cardNumber, realname: name, key, jobid: '1', message: '1' } }
}

function encryptedRequest({ key, openId }: JuheSecret, { cardNumber, name }: TwoElementPerson) {
  const encrypt = juheCipher(openId)
  return {
    form: {
      bankcard: encrypt(cardNumber),
      realname: encrypt(name),
      key,
      jobid: '1',
      message: '1',
    },
  }
}

export function recogniseJuhe(answer: FormAnswer): ProviderAnswer | ProviderFailure {
  const body = answer.status === 200 ? readJsonObject(answer) : undefined
  const code = body && errorCode(body)
  if (!body || code === undefined) return { ...unreadable }
  if (code === JUHE_ANSWERED) return answered(body['result'])
  const providerReference = jobId(body['result'])
  if (code === JUHE_DECLINED) {
    return { verdict: 'unverifiable', reason: 'declined', billable: 'no', ...providerReference }
  }
  const problem = problemOf(code, body['reason'])
  if (!problem) return { ...unlisted(code, body['result']), ...providerReference }
  return {
    problem,
    fate: juheRefusals.has(code) ? 'refused' : 'answered',
    billable: 'no',
    providerCode: code,
    ...(juheRetryable.has(code) ? { retryable: true } : {}),
    ...providerReference,
  }
}

// Their document bills error_code 0 and nothing else, so an unlisted code is free of charge; beside a
// verdict, or where it is no code at all, nothing is sure.
function unlisted(code: string, result: unknown): ProviderFailure {
  const isCode = /^[1-9][0-9]*$/.test(code)
  return isCode && !isJsonObject(result)
    ? { problem: 'provider_error', fate: 'answered', billable: 'no' }
    : unreadable
}

function answered(result: unknown): ProviderAnswer | ProviderFailure {
  const res = isJsonObject(result) ? codeText(result['res']) : undefined
  const verdict = res !== undefined && isIn(juheResults, res) ? juheResults[res] : unreadable
  return { ...verdict, ...jobId(result) }
}

function problemOf(code: string, reason: unknown) {
  if (code === JUHE_ILLEGAL_OR_TOO_OFTEN) {
    // Their document prints both texts under this code; one that says both means the lock.
    const illegal =
      typeof reason === 'string' && /^(?!.*频繁).*(?:不合法|非法|无效|不正确|有误)/s.test(reason)
    return illegal ? 'provider_rejected_input' : 'too_many_attempts'
  }
  return isIn(juheCodes, code) ? juheCodes[code] : undefined
}

/** `error_code`, or the old `resultcode`; none where the two contradict each other. */
function errorCode(body: JsonObject): string | undefined {
  const code = codeText(body['error_code'])
  const oldCode = codeText(body['resultcode'])
  const translated =
    oldCode !== undefined && isIn(juheOldCodes, oldCode) ? juheOldCodes[oldCode] : undefined
  if (!Object.hasOwn(body, 'error_code')) return translated
  return code === JUHE_ANSWERED && translated !== undefined ? undefined : code
}

function jobId(result: unknown): { providerReference?: string } {
  const id = isJsonObject(result) ? codeText(result['jobid']) : undefined
  return id === undefined ? {} : { providerReference: id }
}
