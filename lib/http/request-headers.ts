import { AppError } from '../errors/app-error.ts'

type Headers = ReadonlyMap<string, string>

export const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/

/** @throws AppError `invalid_idempotency_key`, `idempotency_key_required` */
export function idempotencyKeyOf(headers: Headers, isRequired: boolean): string | undefined {
  const key = headers.get('idempotency-key')?.trim()
  if (key === undefined) {
    if (isRequired) throw new AppError('idempotency_key_required')
    return undefined
  }
  if (!IDEMPOTENCY_KEY.test(key)) throw new AppError('invalid_idempotency_key')
  return key
}

/** `Cache-Control: no-cache`: the caller wants no earlier answer. */
export function asksAnew(headers: Headers): boolean {
  return (headers.get('cache-control') ?? '')
    .split(',')
    .some((directive) => directive.trim().toLowerCase() === 'no-cache')
}
