import { createClient, VerificationError } from '@bankcard-verify/client'

const { API = '', AWS_REGION = '', AWS_ACCESS_KEY_ID = '' } = process.env
const { AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env

const client = createClient({
  baseUrl: API,
  auth: {
    sigv4: {
      region: AWS_REGION,
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
  },
})

try {
  const { verdict, billable } = await client.verifyTwoElement(
    { name: '张三', cardNumber: '6299990000000017', reference: 'payout-8841' },
    { idempotencyKey: 'payout-8841' },
  )
  console.log({ verdict, billable })
} catch (error) {
  if (!(error instanceof VerificationError)) throw error
  // Unknown: ask again later, with this key and no other.
  const { code, outcomeUnknown, idempotencyKey } = error
  console.log({ code, outcomeUnknown, idempotencyKey })
}
