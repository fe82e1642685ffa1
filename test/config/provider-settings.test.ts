import { afterEach, describe, expect, it, vi } from 'vitest'
import { providerTimeoutMs, secretOf } from '../../lib/config/provider-settings.ts'
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
  const read = () => secretOf('SAMPLE_SECRET_ID', () => undefined)

  it.each([undefined, '0', '86400'])('may be used for %s seconds', (text) => {
    vi.stubEnv('SAMPLE_SECRET_ID', 'a/secret')
    vi.stubEnv('SECRET_TTL_SECONDS', text)
    expect(read()).toHaveProperty('current')
  })

  it('may not be used for longer than a day', () => {
    vi.stubEnv('SAMPLE_SECRET_ID', 'a/secret')
    vi.stubEnv('SECRET_TTL_SECONDS', '86401')
    expect(read).toThrow('setting SECRET_TTL_SECONDS must be')
  })

  it('must have a name', () => {
    expect(read).toThrow('setting SAMPLE_SECRET_ID is missing')
  })
})
