import { setTimeout as sleep } from 'node:timers/promises'
import { secretsManagerClient } from '../aws/secrets-manager-client.ts'
import { AppError } from '../errors/app-error.ts'
import { log, traceOf } from '../telemetry/log.ts'
import { env } from './env.ts'

export type Secret<Value> = {
  value: Value
  version: string
  /** Epoch milliseconds of this version's making, where Secrets Manager tells. */
  createdAt?: number | undefined
}

export type SecretReader<Value> = {
  /** The secret, at most its TTL old unless Secrets Manager fails. */
  current(): Promise<Secret<Value>>
  /** Reads it ahead of the first request, for a while at most; the request tries again if need be. */
  prepare(): Promise<void>
  /** The secret as Secrets Manager has it now, however young the known one is. */
  reread(): Promise<Secret<Value>>
}

/** The fields of a secret, or `undefined` where one is missing or unusable. */
export type SecretParser<Value> = (fields: Readonly<Record<string, unknown>>) => Value | undefined

// Well within the 10 s that Lambda allows for init.
const PREPARE_MS = 1500
const MAX_STALE_MS = 24 * 3600 * 1000
// With a usable value at hand, no request waits longer than this for a newer one.
const STALE_WAIT_MS = 1000
const BACK_OFF_MS = { first: 1000, hanging: 5000, longest: 60_000 }

let client: ReturnType<typeof secretsManagerClient> | undefined

/** Reads one secret; see `cachedSecret`. */
export function secretReader<Value>(
  secretId: string,
  ttlSeconds: number,
  parse: SecretParser<Value>,
  setting?: string,
): SecretReader<Value> {
  return cachedSecret(ttlSeconds, () => readVersion(secretId, parse), setting)
}

/**
 * Keeps what a read gave, with one read under way at a time. While Secrets Manager fails, or holds a
 * malformed version, the last good value is served for up to a day; a failing read is not repeated
 * at once.
 *
 * @param setting the variable that names the secret, for the log: its value may be the secret itself,
 *   pasted into the wrong place
 * @throws AppError `credentials_unavailable` where there is nothing usable
 */
export function cachedSecret<Value>(
  ttlSeconds: number,
  readAnew: () => Promise<Secret<Value>>,
  setting?: string,
): SecretReader<Value> {
  let known: { secret: Secret<Value>; readAt: number } | undefined
  let reading: Promise<Secret<Value>> | undefined
  let failures = 0
  let retryAt = 0

  const read = async () => {
    try {
      const secret = await readAnew()
      known = { secret, readAt: Date.now() }
      failures = 0
      retryAt = 0
      return secret
    } catch (error) {
      const malformed = error instanceof AppError
      log('warn', malformed ? 'secret_malformed' : 'secret_unreadable', {
        setting,
        ...traceOf(error),
      })
      retryAt = Date.now() + Math.min(BACK_OFF_MS.first * 2 ** failures, BACK_OFF_MS.longest)
      failures += 1
      throw malformed ? error : new AppError('credentials_unavailable')
    }
  }

  const readOnce = () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    // A read under way may have begun before the rotation that the caller has just met.
    reread: () => (reading ? reading.then(readOnce, readOnce) : readOnce()),
    async prepare() {
      const given = sleep(PREPARE_MS, undefined, { ref: false })
      await Promise.race([readOnce().catch(() => undefined), given])
    },
    async current() {
      const ageMs = known ? Date.now() - known.readAt : Infinity
      if (!known || ageMs >= MAX_STALE_MS) return readOnce()
      const { secret } = known
      if (ageMs < ttlSeconds * 1000 || Date.now() < retryAt) return secret
      const givenUp = sleep(STALE_WAIT_MS, undefined, { ref: false }).then(() => {
        if (reading) retryAt = Math.max(retryAt, Date.now() + BACK_OFF_MS.hanging)
        return secret
      })
      return Promise.race([readOnce().catch(() => secret), givenUp])
    },
  }
}

/** @throws AppError `credentials_unavailable`, not retryable, where its fields are not as agreed */
export async function readVersion<Value>(
  secretId: string,
  parse: SecretParser<Value>,
  stage = 'AWSCURRENT',
): Promise<Secret<Value>> {
  client ??= secretsManagerClient(env.aws('SECRETS_MANAGER'))
  const secret = await client.send('GetSecretValue', { SecretId: secretId, VersionStage: stage })
  const { SecretString, VersionId, CreatedDate } = secret
  const value = parseJsonFields(SecretString, parse)
  if (value === undefined) throw new AppError('credentials_unavailable', { retryable: false })
  return {
    value,
    version: typeof VersionId === 'string' ? VersionId : '',
    createdAt: typeof CreatedDate === 'number' ? CreatedDate * 1000 : undefined,
  }
}

function parseJsonFields<Value>(text: unknown, parse: SecretParser<Value>): Value | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const fields: unknown = JSON.parse(text)
    return typeof fields === 'object' && fields !== null ? parse({ ...fields }) : undefined
  } catch {
    return undefined
  }
}
