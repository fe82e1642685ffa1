import type { ThreeElementPerson } from '../../verification/verification-request.ts'
import type { ProviderAnswer } from '../../verification/verdict.ts'
import type { FormAnswer } from '../post-form.ts'
import { isVisibleAscii, type ProviderFailure, unreadable } from '../provider-client.ts'
import { codeText, isIn, isJsonObject, type JsonObject, readJsonObject } from '../read-answer.ts'
import { gatewayFailure } from './aliyun-gateway-codes.ts'
import {
  DATABAO_ANSWERED,
  DATABAO_NO_RECORD,
  databaoCodes,
  databaoStates,
} from './databao-codes.ts'

export const DATABAO_PATH = '/communication/personal/1886'

export type DatabaoSecret = { appCode: string }

export function parseDatabaoSecret({ appCode }: JsonObject): DatabaoSecret | undefined {
  return isVisibleAscii(appCode) ? { appCode } : undefined
}

/** The APPCODE travels in a header, never in the query, which ends up in logs. */
export function databaoRequest({ appCode }: DatabaoSecret, person: ThreeElementPerson) {
  return {
    headers: { authorization: `APPCODE ${appCode}` },
    form: { name: person.name, idcard: person.idNumber, acct_no: person.cardNumber },
  }
}

const mayHaveRun = { fate: 'unknown', billable: 'unknown', safeToRetry: false } as const

export function recogniseDatabao(answer: FormAnswer): ProviderAnswer | ProviderFailure {
  const { status, headers } = answer
  const gatewayReference = headerText(headers['x-ca-request-id'])
  const withReference = <Outcome extends object>(outcome: Outcome, reference?: string) => {
    const providerReference = reference ?? gatewayReference
    return providerReference === undefined ? { ...outcome } : { ...outcome, providerReference }
  }

  const failure = gatewayFailure(
    status,
    headerText(headers['x-ca-error-code']),
    headerText(headers['x-ca-error-message']),
  )
  if (failure) {
    // A failure of the gateway itself has an empty body: with one, the backend may have run.
    const backendSpoke = status < 400 || answer.body.length > 0
    return withReference(backendSpoke ? { ...failure, ...mayHaveRun } : failure)
  }
  if (status >= 300 && status < 400) return withReference(unreadable)

  const body = readJsonObject(answer)
  const code = codeText(body?.['code'])
  if (!body || code === undefined) return withReference(unreadable)
  const reference = codeText(body['seqNo'])
  if (code === DATABAO_ANSWERED && status !== 200) return withReference(unreadable, reference)
  if (code === DATABAO_ANSWERED || code === DATABAO_NO_RECORD) {
    return withReference(verdictOf(code, body['data']), reference)
  }
  if (!isIn(databaoCodes, code)) return withReference(unreadable, reference)
  return withReference(
    {
      problem: databaoCodes[code],
      // A time-out on their side is one towards the bank, which may have compared all the same.
      fate: databaoCodes[code] === 'provider_timeout' ? 'unknown' : 'answered',
      billable: 'unknown',
      providerCode: code,
    } as const,
    reference,
  )
}

function verdictOf(code: string, data: unknown): ProviderAnswer | ProviderFailure {
  if (code === DATABAO_NO_RECORD) {
    return { verdict: 'unverifiable', reason: 'no_record', billable: 'unknown' }
  }
  const state = isJsonObject(data) ? codeText(data['state']) : undefined
  return state !== undefined && isIn(databaoStates, state) ? databaoStates[state] : unreadable
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
