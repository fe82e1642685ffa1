import { AppError } from '../errors/app-error.ts'

type Headers = ReadonlyMap<string, string>

/** @throws AppError `invalid_idempotency_key`, `idempotency_key_required` */
export function idempotencyKeyOf(headers: Headers, isRequired: boolean): string | undefined {
  const key = headers.get('idempotency-key')?.trim()
  if (key === undefined) {
    if (isRequired) throw new AppError('idempotency_key_required')
    return undefined
  }
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) throw new AppError('invalid_idempotency_key')
  return key
}

/** `Cache-Control: no-cache`: the caller wants no earlier answer. */
export function asksAnew(headers: Headers): boolean {
  return (headers.get('cache-control') ?? '')
    .split(',')
    .some((directive) => directive.trim().toLowerCase() === 'no-cache')
}
