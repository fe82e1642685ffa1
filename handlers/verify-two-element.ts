import { env } from '../lib/config/env.ts'
import { ledgerSettings } from '../lib/config/ledger-settings.ts'
import { providerTimeoutMs, secretOf } from '../lib/config/provider-settings.ts'
import { verificationFunction } from '../lib/http/verification-function.ts'
import { juhe, juheClient } from '../lib/providers/juhe/juhe-client.ts'
import { parseJuheSecret } from '../lib/providers/juhe/juhe-wire.ts'
import { parseTwoElementRequest } from '../lib/verification/verification-request.ts'

const ledger = ledgerSettings()
const channel = env.oneOf('JUHE_CHANNEL', ['encrypted', 'plain'], 'encrypted')
const credentials = secretOf('JUHE_SECRET_ID', parseJuheSecret(channel))
const ask = juheClient({
  baseUrl: env.httpsUrl('JUHE_BASE_URL', 'https://v.juhe.cn'),
  timeoutMs: providerTimeoutMs(),
  channel,
  credentials,
})

export const handler = await verificationFunction({
  route: 'verifyTwoElement',
  operation: juhe,
  parse: parseTwoElementRequest,
  credentials,
  ledger,
  ask,
})
