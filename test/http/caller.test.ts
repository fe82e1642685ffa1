import { describe, expect, it } from 'vitest'
import { callerOf } from '../../lib/http/caller.ts'

const ROLE = 'arn:aws:sts::111122223333:assumed-role/payouts/session-7'

describe('callerOf', () => {
  it.each([
    [{ authorizer: { iam: { userArn: ROLE } } }, 'iam:arn:aws:iam::111122223333:role/payouts'],
    [{ identity: { userArn: ROLE } }, 'iam:arn:aws:iam::111122223333:role/payouts'],
    [
      { authorizer: { iam: { userArn: ROLE.replace('aws', 'aws-cn') } } },
      'iam:arn:aws-cn:iam::111122223333:role/payouts',
    ],
    [
      { authorizer: { iam: { userArn: 'arn:aws:iam::111122223333:user/ops' } } },
      'iam:arn:aws:iam::111122223333:user/ops',
    ],
    // A role's ARN inside of another name is a part of that name.
    [
      { authorizer: { iam: { userArn: `arn:aws:iam::444455556666:user/${ROLE}` } } },
      `iam:arn:aws:iam::444455556666:user/${ROLE}`,
    ],
    [{ authorizer: { jwt: { claims: { sub: 'abc' } } } }, 'jwt:abc'],
    [{ authorizer: { claims: { sub: 'abc' } } }, 'jwt:abc'],
    [{ authorizer: { iam: { userArn: ' ' } } }, undefined],
    [{ authorizer: { jwt: { claims: { sub: 'x'.repeat(255) } } } }, `jwt:${'x'.repeat(255)}`],
    [{ authorizer: { jwt: { claims: { sub: 'x'.repeat(256) } } } }, undefined],
    [{ authorizer: { jwt: { claims: { sub: '张三' } } } }, undefined],
    [{ authorizer: { jwt: { claims: { sub: '\u001b]0;x' } } } }, undefined],
    [{ authorizer: { jwt: { claims: { sub: 7 } } } }, undefined],
    [{ authorizer: null, identity: { sourceIp: '127.0.0.1' } }, undefined],
    [undefined, undefined],
  ])('finds in %j the caller %s', (requestContext, caller) => {
    expect(callerOf(requestContext)).toBe(caller)
  })
})
