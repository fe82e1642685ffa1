import { env } from '../lib/config/env.ts'
import { providerTimeoutMs, secretOf } from '../lib/config/provider-settings.ts'
import { httpHandler } from '../lib/http/http-handler.ts'
import { databao, databaoClient } from '../lib/providers/databao/databao-client.ts'
import { parseDatabaoSecret } from '../lib/providers/databao/databao-wire.ts'
import { loggedVerification, verificationOf } from '../lib/verification/verification.ts'
import { parseThreeElementRequest } from '../lib/verification/verification-request.ts'

const credentials = secretOf('DATABAO_SECRET_ID', parseDatabaoSecret)
const askDatabao = databaoClient({
  baseUrl: env.providerUrl('DATABAO_BASE_URL', 'https://yhkr.market.alicloudapi.com'),
  timeoutMs: providerTimeoutMs(),
  credentials,
})

export const handler = httpHandler({
  route: 'verifyThreeElement',
  parse: parseThreeElementRequest,
  answer: async (request, remainingMs) =>
    verificationOf(databao, request, await askDatabao(request.person, remainingMs)),
  logged: loggedVerification,
})

await credentials.prepare()
