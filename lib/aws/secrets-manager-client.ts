import { type AwsAccess, awsJsonClient } from './json-client.ts'

/** Under a second is usual; the function's own 20 s must outlive these and the provider's 8 s. */
export function secretsManagerClient(access: AwsAccess) {
  return awsJsonClient(access, {
    name: 'secretsmanager',
    target: 'secretsmanager',
    jsonVersion: '1.1',
    attemptMs: 2500,
    maxAttempts: 2,
  })
}
