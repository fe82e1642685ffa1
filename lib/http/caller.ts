import { fieldsOf } from './fields-of.ts'

/**
 * Who asks, out of the authorizer's context and nothing that the caller sends: the IAM role or user
 * (`iam:arn…`, without the session's name), or the subject of a JWT (`jwt:…`).
 */
export function callerOf(requestContext: unknown): string | undefined {
  const { authorizer, identity } = fieldsOf(requestContext)
  const { iam, jwt, claims } = fieldsOf(authorizer)
  const arn = textOf(fieldsOf(iam)['userArn']) ?? textOf(fieldsOf(identity)['userArn'])
  if (arn !== undefined) return `iam:${principalOf(arn)}`
  const subject =
    textOf(fieldsOf(fieldsOf(jwt)['claims'])['sub']) ?? textOf(fieldsOf(claims)['sub'])
  return subject === undefined ? undefined : `jwt:${subject}`
}

// arn:aws:sts::111122223333:assumed-role/payouts/session-name
function principalOf(arn: string): string {
  return arn.replace(/^(arn:[^:]+:)sts(::[^:]*:)assumed-role\/([^/]+)\/.*$/, '$1iam$2role/$3')
}

// OpenID Connect allows a subject 255 characters of ASCII; more would not fit into the table's keys.
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{1,255}$/.test(value) ? value : undefined
}
