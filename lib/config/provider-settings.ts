import { env } from './env.ts'
import { type SecretParser, secretReader } from './secrets.ts'

/** For one whole exchange with a provider; the function's own time ends it earlier if need be. */
export function providerTimeoutMs(): number {
  return env.number('PROVIDER_TIMEOUT_MS', 8000, { min: 1, max: 900_000 })
}

/** The provider secret whose name stands in this variable. */
export function secretOf<Value>(variable: string, parse: SecretParser<Value>) {
  const ttlSeconds = env.number('SECRET_TTL_SECONDS', 300, { min: 0, max: 86_400 })
  return secretReader(env.resourceName(variable), ttlSeconds, parse, variable)
}
