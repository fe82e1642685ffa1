/** Validate, read the secret, ask the provider: with Express, as its users write it. No ledger. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import axios from 'axios'
import express from 'express'
import serverless from 'serverless-http'
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

const app = express()
app.use(express.json())

app.post('/v1/verifications/three-element', async (request, response) => {
  const parsed = requestSchema.safeParse(request.body)
  if (!parsed.success) {
    response.status(422).json({ errors: parsed.error.issues })
    return
  }
  const { name, idNumber, cardNumber, reference } = parsed.data
  const { appCode } = await (secret ??= readSecret())
  const answer = await axios.post(
    `${process.env['DATABAO_BASE_URL']}/communication/personal/1886`,
    new URLSearchParams({ name, idcard: idNumber, acct_no: cardNumber }),
    { headers: { authorization: `APPCODE ${appCode}` }, timeout: 8000 },
  )
  const { data, seqNo } = answerSchema.parse(answer.data)
  const verdict = data?.state === '1' ? 'match' : data?.state === '2' ? 'mismatch' : 'unverifiable'
  response.json({ verdict, providerReference: seqNo, reference })
})

export const handler = serverless(app)
