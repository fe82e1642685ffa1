import { AppError } from '../errors/app-error.ts'
import type { HttpRequest } from './api-gateway-event.ts'
import { fieldsOf } from './fields-of.ts'

export const MAX_BODY_BYTES = 8 * 1024
const MAX_BASE64_LENGTH = Math.ceil(MAX_BODY_BYTES / 3) * 4
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/**
 * The members of the body. Ours and not middy's own parser: that one keeps the raw body, and so a
 * card number, in its error.
 *
 * @throws AppError `unsupported_media_type`, `payload_too_large`, `malformed_json`
 */
export function readJsonBody(request: HttpRequest): Readonly<Record<string, unknown>> {
  if (!isJsonInUtf8(request.headers.get('content-type'))) {
    throw new AppError('unsupported_media_type')
  }
  const bytes = bytesOf(request)
  if (bytes.length > MAX_BODY_BYTES) throw new AppError('payload_too_large')
  const value = parseJson(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('malformed_json')
  }
  return fieldsOf(value)
}

// Parameters mean nothing to JSON (RFC 8259 §11), but another charset would.
function isJsonInUtf8(contentType = ''): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  return (
    type === 'application/json' &&
    parameters.every(
      (part) => !part.startsWith('charset') || /^charset\s*=\s*"?utf-8"?$/.test(part),
    )
  )
}

function bytesOf({ body = '', isBase64Encoded }: HttpRequest): Buffer {
  if (!isBase64Encoded) {
    if (!body.isWellFormed()) throw new AppError('malformed_json')
    return Buffer.from(body, 'utf8')
  }
  // Before the pattern, which overflows the stack on a body of some megabytes.
  if (body.length > MAX_BASE64_LENGTH) throw new AppError('payload_too_large')
  if (!BASE64.test(body)) throw new AppError('malformed_json')
  return Buffer.from(body, 'base64')
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new AppError('malformed_json')
  }
}
