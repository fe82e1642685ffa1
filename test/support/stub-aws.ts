import { vi } from 'vitest'

/** The environment in which a function's clients ask this server for their secrets. */
export function stubAws(secretsManagerUrl: string): void {
  vi.stubEnv('AWS_REGION', 'cn-north-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretsManagerUrl)
}
