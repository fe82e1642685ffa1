/**
 * The yardstick: one call of the provider with `node:https`, keep-alive and JSON, and nothing else.
 * It checks nothing, reads no secret, keeps no record and handles no failure.
 */
// An ESM import of it would make Node load undici.
const https = process.getBuiltinModule('node:https')

const agent = new https.Agent({ keepAlive: true })
const url = new URL(`${process.env['DATABAO_BASE_URL']}/communication/personal/1886`)

export async function handler(event: { body: string }) {
  const { name, idNumber, cardNumber } = JSON.parse(event.body)
  const answer = await post({ name, idcard: idNumber, acct_no: cardNumber })
  const verdict = answer.data?.state === '1' ? 'match' : 'mismatch'
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ verdict, providerReference: answer.seqNo }),
  }
}

type Answer = { data?: { state: string }; seqNo: string }

function post(form: Record<string, string>): Promise<Answer> {
  const body = Buffer.from(new URLSearchParams(form).toString())
  return new Promise((resolve, reject) => {
    const request = https.request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `APPCODE ${process.env['BARE_APP_CODE']}`,
          'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'content-length': body.length,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
