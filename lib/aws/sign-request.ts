import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

export type AwsCredentials = {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

/** Signs a POST to `/`: takes headers with lower-case names, and returns them all and the signature. */
export type SignRequest = (
  headers: Readonly<Record<string, string>>,
  body: string,
  now: Date,
) => Record<string, string>

/**
 * AWS Signature Version 4, as far as services need it that take JSON by POST. The key of a day is
 * derived once: a request then costs three hashes.
 *
 * Source: AWS, "Create a signed AWS API request".
 */
export function requestSigner(
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  region: string,
  service: string,
): SignRequest {
  let day = ''
  let dayKey = createSecretKey(`AWS4${secretAccessKey}`, 'utf8')
  const secret = dayKey
  const keyOf = (date: string) => {
    if (date !== day) {
      const parts = [date, region, service, 'aws4_request']
      dayKey = parts.reduce((key, part) => createSecretKey(hmac(key, part)), secret)
      day = date
    }
    return dayKey
  }

  return (headers, body, now) => {
    const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
    const date = time.slice(0, 8)
    const signed: Record<string, string> = {
      ...headers,
      'x-amz-date': time,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    }
    const names = Object.keys(signed).sort()
    const lines = names.map((name) => `${name}:${signed[name]}\n`).join('')
    const list = names.join(';')
    const canonical = `POST\n/\n\n${lines}\n${list}\n${hash('sha256', body)}`
    const scope = `${date}/${region}/${service}/aws4_request`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`
    const signature = hmac(keyOf(date), text).toString('hex')
    return {
      ...signed,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`,
    }
  }
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
