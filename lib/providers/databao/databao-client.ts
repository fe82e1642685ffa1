import type { Element } from '../../verification/verdict.ts'
import type { ThreeElementPerson } from '../../verification/verification-request.ts'
import { postFormTo } from '../post-form.ts'
import { type Credentials, type ProviderClient, providerClient } from '../provider-client.ts'
import { DATABAO_NO_RECORD } from './databao-codes.ts'
import {
  DATABAO_PATH,
  databaoRequest,
  type DatabaoSecret,
  recogniseDatabao,
} from './databao-wire.ts'

export const databao = {
  provider: 'databao',
  elements: ['name', 'idNumber', 'cardNumber'] satisfies Element[],
} as const

/** Databao's three-element check on the Aliyun market, ¥0.25 to 0.42 a call. */
export function databaoClient(options: {
  baseUrl: string
  credentials: Credentials<DatabaoSecret>
  timeoutMs: number
}): ProviderClient<ThreeElementPerson> {
  return providerClient({
    name: databao.provider,
    credentials: options.credentials,
    timeoutMs: options.timeoutMs,
    postForm: postFormTo(options.baseUrl + DATABAO_PATH),
    request: databaoRequest,
    recognise: recogniseDatabao,
    rehearsal: {
      secret: { appCode: 'rehearsal' },
      answer: JSON.stringify({ code: DATABAO_NO_RECORD, seqNo: 'rehearsal' }),
    },
  })
}
