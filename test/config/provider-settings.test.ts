import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { providerTimeoutMs, type secretOf as SecretOf } from '../../lib/config/provider-settings.ts'
import {
  startSecretsManagerSimulator,
  type SecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'
import { stubAws } from '../support/stub-aws.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'

capturedOutput()
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('PROVIDER_TIMEOUT_MS', () => {
  it.each([
    [undefined, 8000],
    ['1', 1],
    ['900000', 900_000],
  ])('of %s is %i ms', (text, expected) => {
    vi.stubEnv('PROVIDER_TIMEOUT_MS', text)
    expect(providerTimeoutMs()).toBe(expected)
  })

  it.each(['0', '900001'])('of %s stops the start', (text) => {
    vi.stubEnv('PROVIDER_TIMEOUT_MS', text)
    expect(providerTimeoutMs).toThrow('setting PROVIDER_TIMEOUT_MS must be')
  })
})

describe('the secret of a provider', () => {
  const SECRET_ID = 'a/secret'
  const parse = ({ key }: Readonly<Record<string, unknown>>) => key
  let secretsManager: SecretsManagerSimulator
  let secretOf: typeof SecretOf
  beforeAll(async () => {
    secretsManager = await startSecretsManagerSimulator({ secrets: { [SECRET_ID]: '{"key":"k"}' } })
    stubAws(secretsManager.url)
    ;({ secretOf } = await import('../../lib/config/provider-settings.ts'))
  })
  afterAll(() => secretsManager.close())
  afterEach(() => {
    vi.useRealTimers()
  })

  const read = (ttlSeconds?: string) => {
    stubAws(secretsManager.url)
    vi.stubEnv('SAMPLE_SECRET_ID', SECRET_ID)
    vi.stubEnv('SECRET_TTL_SECONDS', ttlSeconds)
    return secretOf('SAMPLE_SECRET_ID', parse)
  }

  it.each([
    [undefined, 300],
    ['1', 1],
    ['86400', 86_400],
  ])('is read again after SECRET_TTL_SECONDS: %s makes %i', async (text, seconds) => {
    const now = Date.now()
    const secret = read(text)
    const before = secretsManager.reads.length
    const readsAt = async (time: number) => {
      vi.setSystemTime(time)
      expect((await secret.current()).value).toBe('k')
      return secretsManager.reads.length - before
    }
    expect(await readsAt(now)).toBe(1)
    expect(await readsAt(now + seconds * 1000 - 1)).toBe(1)
    expect(await readsAt(now + seconds * 1000)).toBe(2)
  })

  it('may not be used for longer than a day', () => {
    expect(() => read('86401')).toThrow('setting SECRET_TTL_SECONDS must be')
  })

  it('must have a name', () => {
    expect(() => secretOf('SAMPLE_SECRET_ID', parse)).toThrow('setting SAMPLE_SECRET_ID is missing')
  })
})
