import { AppError } from '../errors/app-error.ts'
import { cachedSecret, readVersion, type SecretReader } from './secrets.ts'

const LEAST_CHARACTERS = 32

/**
 * The keys of the ledger's fingerprints, the current one first. For as long as something made with
 * the one before it may still be held or counted, that one stands behind it.
 *
 * @param keptSeconds the longest that anything is kept under a fingerprint
 */
export function pepperReader(
  secretId: string,
  ttlSeconds: number,
  keptSeconds: number,
  setting?: string,
): SecretReader<readonly string[]> {
  const readAnew = async () => {
    const current = await readVersion(secretId, parsePepper)
    const ageMs = Date.now() - (current.createdAt ?? 0)
    // A function that has not seen the rotation yet goes on with the old one for one TTL more.
    const inRotation = ageMs < (keptSeconds + ttlSeconds) * 1000
    const previous = inRotation ? await readPrevious(secretId) : undefined
    const peppers = [current.value, previous].filter((pepper) => pepper !== undefined)
    return { ...current, value: [...new Set(peppers)] }
  }
  return cachedSecret(ttlSeconds, readAnew, setting)
}

async function readPrevious(secretId: string): Promise<string | undefined> {
  try {
    return (await readVersion(secretId, parsePepper, 'AWSPREVIOUS')).value
  } catch (error) {
    if (error instanceof AppError || isNotThere(error)) return undefined
    throw error
  }
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException'
}

function parsePepper({ pepper }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof pepper === 'string' && Array.from(pepper).length >= LEAST_CHARACTERS
    ? pepper
    : undefined
}
