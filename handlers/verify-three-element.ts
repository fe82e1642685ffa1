import { env } from '../lib/config/env.ts'
import { ledgerSettings } from '../lib/config/ledger-settings.ts'
import { providerTimeoutMs, secretOf } from '../lib/config/provider-settings.ts'
import { verificationFunction } from '../lib/http/verification-function.ts'
import { databao, databaoClient } from '../lib/providers/databao/databao-client.ts'
import { parseDatabaoSecret } from '../lib/providers/databao/databao-wire.ts'
import { parseThreeElementRequest } from '../lib/verification/verification-request.ts'

const ledger = ledgerSettings()
const credentials = secretOf('DATABAO_SECRET_ID', parseDatabaoSecret)
const ask = databaoClient({
  baseUrl: env.httpsUrl('DATABAO_BASE_URL', 'https://yhkr.market.alicloudapi.com'),
  timeoutMs: providerTimeoutMs(),
  credentials,
})

export const handler = await verificationFunction({
  route: 'verifyThreeElement',
  operation: databao,
  parse: parseThreeElementRequest,
  credentials,
  ledger,
  ask,
})
