import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawExchange } from './raw-exchange.ts'
import { startSimulators } from './start-simulators.ts'
import type { Simulators } from './start-simulators.ts'

let simulators: Simulators
beforeAll(async () => {
  simulators = await startSimulators()
})
afterAll(() => simulators.close())

async function readSecret(setting: string) {
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER = '', [setting]: SecretId } = simulators.environment
  const { body } = await rawExchange(AWS_ENDPOINT_URL_SECRETS_MANAGER, {
    headers: {
      Authorization: 'AWS4-HMAC-SHA256 Credential=local',
      'X-Amz-Target': 'secretsmanager.GetSecretValue',
    },
    body: JSON.stringify({ SecretId }),
  })
  return JSON.parse(JSON.parse(body.toString()).SecretString)
}

describe('the environment of the simulators', () => {
  it('is every setting of a function that has no default to use', () => {
    const loopback = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(simulators.environment).toEqual({
      DATABAO_BASE_URL: loopback,
      JUHE_BASE_URL: loopback,
      DATABAO_SECRET_ID: 'bankcard-verify/local/databao',
      JUHE_SECRET_ID: 'bankcard-verify/local/juhe',
      FINGERPRINT_SECRET_ID: 'bankcard-verify/local/fingerprint',
      LEDGER_TABLE: 'bankcard-verify-ledger',
      AWS_ENDPOINT_URL_DYNAMODB: loopback,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: loopback,
    })
  })

  it('names a secret that opens Databao', async () => {
    const { appCode } = await readSecret('DATABAO_SECRET_ID')
    const url = `${simulators.environment.DATABAO_BASE_URL}/communication/personal/1886`
    const { headers, body } = await rawExchange(url, {
      headers: {
        Authorization: `APPCODE ${appCode}`,
        'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      },
      body: 'name=%E5%BC%A0%E4%B8%89&idcard=110101190001010014&acct_no=6299990000000017',
    })
    expect(headers['x-ca-error-code']).toBeUndefined()
    expect(JSON.parse(body.toString()).code).toBe('10000')
  })

  it('names a secret that opens Juhe', async () => {
    const { key, openId } = await readSecret('JUHE_SECRET_ID')
    const url = `${simulators.environment.JUHE_BASE_URL}/verifybankcard/query`
    const { body } = await rawExchange(url, {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `key=${key}&realname=%E5%BC%A0%E4%B8%89&bankcard=6299990000000017`,
    })
    expect(JSON.parse(body.toString()).error_code).toBe(0)
    expect(openId).toMatch(/^JH[0-9a-f]{32}$/)
  })
})
