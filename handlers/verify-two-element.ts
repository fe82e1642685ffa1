import { env } from '../lib/config/env.ts'
import { providerTimeoutMs, secretOf } from '../lib/config/provider-settings.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { juhe, juheClient } from '../lib/providers/juhe/juhe-client.ts'
import { parseJuheSecret } from '../lib/providers/juhe/juhe-wire.ts'
import { loggedVerification, verificationOf } from '../lib/verification/verification.ts'
import { parseTwoElementRequest } from '../lib/verification/verification-request.ts'

const channel = env.oneOf('JUHE_CHANNEL', ['encrypted', 'plain'], 'encrypted')
const credentials = secretOf('JUHE_SECRET_ID', parseJuheSecret(channel))
const askJuhe = juheClient({
  baseUrl: env.providerUrl('JUHE_BASE_URL', 'https://v.juhe.cn'),
  timeoutMs: providerTimeoutMs(),
  channel,
  credentials,
})

export const handler = httpHandler({
  route: 'verifyTwoElement',
  parse: parseTwoElementRequest,
  answer: async (request, remainingMs) =>
    verificationOf(juhe, request, await askJuhe(request.person, remainingMs)),
  logged: loggedVerification,
})

await credentials.prepare()
