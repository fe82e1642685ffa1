import { env } from '../lib/config/env.ts'
import { ledgerSettings } from '../lib/config/ledger-settings.ts'
import { providerTimeoutMs, secretOf } from '../lib/config/provider-settings.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { verificationEndpoint } from '../lib/http/verification-endpoint.ts'
import { verificationLedger } from '../lib/ledger/verification-ledger.ts'
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

export const handler = httpHandler(
  verificationEndpoint({
    route: 'verifyThreeElement',
    operation: databao,
    parse: parseThreeElementRequest,
    verifyOnce: verificationLedger(ledger),
    requireIdempotencyKey: ledger.requireIdempotencyKey,
    ask,
  }),
)

await Promise.all([credentials.prepare(), ledger.prepare(), ask.prepare()])
