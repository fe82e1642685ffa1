/** Validate, read the secret, ask the provider: with Hono, as its users write it. No ledger. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { z } from 'zod'

const requestSchema = z.strictObject({
  name: z.string().min(1).max(50),
  idNumber: z.string().regex(/^[0-9]{17}[0-9X]$/),
  cardNumber: z.string().regex(/^[1-9][0-9]{11,18}$/),
  reference: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/)
    .optional(),
})
const secretSchema = z.object({ appCode: z.string() })
const answerSchema = z.object({
  code: z.string(),
  data: z.object({ state: z.string() }).nullable(),
  seqNo: z.string(),
})

const secrets = new SecretsManagerClient({})
let secret: Promise<z.infer<typeof secretSchema>> | undefined

async function readSecret() {
  const { SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: process.env['DATABAO_SECRET_ID'] }),
  )
  return secretSchema.parse(JSON.parse(SecretString))
}

const app = new Hono()

app.post('/v1/verifications/three-element', async (context) => {
  const parsed = requestSchema.safeParse(await context.req.json())
  if (!parsed.success) return context.json({ errors: parsed.error.issues }, 422)
  const { name, idNumber, cardNumber, reference } = parsed.data
  const { appCode } = await (secret ??= readSecret())
  const response = await fetch(`${process.env['DATABAO_BASE_URL']}/communication/personal/1886`, {
    method: 'POST',
    headers: { authorization: `APPCODE ${appCode}` },
    body: new URLSearchParams({ name, idcard: idNumber, acct_no: cardNumber }),
    signal: AbortSignal.timeout(8000),
  })
  if (!response.ok) return context.json({ error: 'provider_error' }, 502)
  const { data, seqNo } = answerSchema.parse(await response.json())
  const verdict = data?.state === '1' ? 'match' : data?.state === '2' ? 'mismatch' : 'unverifiable'
  return context.json({ verdict, providerReference: seqNo, reference })
})

export const handler = handle(app)
