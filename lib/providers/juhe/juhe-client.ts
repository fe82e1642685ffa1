import type { Element } from '../../verification/verdict.ts'
import type { TwoElementPerson } from '../../verification/verification-request.ts'
import { postFormTo } from '../post-form.ts'
import { type Credentials, type ProviderClient, providerClient } from '../provider-client.ts'
import { JUHE_DECLINED } from './juhe-codes.ts'
import { type JuheChannel, juheChannels, type JuheSecret, recogniseJuhe } from './juhe-wire.ts'

export const juhe = {
  provider: 'juhe',
  elements: ['name', 'cardNumber'] satisfies Element[],
} as const

/** Juhe's two-element check, on the channel that the deployment has chosen. */
export function juheClient(options: {
  baseUrl: string
  channel: JuheChannel
  credentials: Credentials<JuheSecret>
  timeoutMs: number
}): ProviderClient<TwoElementPerson> {
  const { path, request } = juheChannels[options.channel]
  return providerClient({
    name: juhe.provider,
    credentials: options.credentials,
    timeoutMs: options.timeoutMs,
    postForm: postFormTo(options.baseUrl + path),
    request,
    recognise: recogniseJuhe,
    rehearsal: {
      secret: { key: 'rehearsal', openId: 'rehearsal' },
      answer: JSON.stringify({ error_code: JUHE_DECLINED, result: { jobid: 'rehearsal' } }),
    },
  })
}
