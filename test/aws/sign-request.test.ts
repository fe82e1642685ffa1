import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestSigner } from '../../lib/aws/sign-request.ts'
import { signedBySdk } from './reference-signer.ts'

const RUNS = 200
const MIDNIGHT = Date.UTC(2026, 10, 24)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '张三', '欧阳𠮷明', '👩‍👩‍👧‍👦🏳️‍🌈', '{"name":"娜仁·图雅"}', '\u0000', 'é', 'e\u0301'),
)
const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 })
const token = fc.stringMatching(/^[\w+/=.:%~-]{1,400}$/)
const credentials = fc.record({
  accessKeyId: printable,
  secretAccessKey: fc.oneof(printable, text),
  sessionToken: fc.option(token, { nil: undefined }),
})
const region = fc.oneof(
  fc.constantFrom('cn-north-1', 'cn-northwest-1', 'ap-southeast-1', 'local'),
  fc.stringMatching(/^[a-z]{2}(-[a-z]{2,9}){1,2}-\d$/),
)
const service = fc.constantFrom('dynamodb', 'secretsmanager')
const host = fc.stringMatching(/^[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}(:\d{2,5})?$/)
const target = fc.stringMatching(/^[A-Za-z_0-9]{1,30}\.[A-Za-z]{1,30}$/)
const instant = fc
  .integer({ min: Date.UTC(1999, 0), max: Date.UTC(2099, 0) })
  .map((ms) => new Date(ms))
const aroundMidnight = fc
  .oneof(
    fc.constantFrom(-1, 0, 1, -86_400_001, -86_400_000, 86_399_999, 86_400_000),
    fc.integer({ min: -2 * 86_400_000, max: 2 * 86_400_000 }),
  )
  .map((ms) => new Date(MIDNIGHT + ms))

const headersOf = (host: string, target: string) => ({
  host,
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': target,
})

describe('a signed request', () => {
  it("has the headers that AWS's own SDK gives it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ credentials, region, service, host, target, body: text, now: instant }),
        async ({ credentials, region, service, host, target, body, now }) => {
          const headers = headersOf(host, target)
          const signed = requestSigner(credentials, region, service)(headers, body, now)
          const expected = await signedBySdk(
            { headers, body, now },
            { credentials, region, service },
          )
          expect(signed).toEqual(expected)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('has them whatever day the signer signed for before', async () => {
    await fc.assert(
      fc.asyncProperty(
        credentials,
        fc.array(fc.tuple(aroundMidnight, text), { minLength: 2, maxLength: 6 }),
        async (credentials, requests) => {
          const scope = { credentials, region: 'cn-north-1', service: 'dynamodb' }
          const sign = requestSigner(credentials, scope.region, scope.service)
          const headers = headersOf('dynamodb.cn-north-1.amazonaws.com.cn', 'A.B')
          for (const [now, body] of requests) {
            const expected = await signedBySdk({ headers, body, now }, scope)
            expect(sign(headers, body, now)).toEqual(expected)
          }
        },
      ),
      { numRuns: RUNS },
    )
  })

  // The case `post-vanilla` of AWS's own test suite for Signature Version 4.
  it('has the signature that AWS published for one', () => {
    const sign = requestSigner(
      {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      },
      'us-east-1',
      'service',
    )
    const now = new Date('2015-08-30T12:36:00Z')
    expect(sign({ host: 'example.amazonaws.com' }, '', now)).toEqual({
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    })
  })

  it('leaves the headers that it was given as they were', () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }
    const headers = Object.freeze(headersOf('localhost:8000', 'A.B'))
    const signed = requestSigner(credentials, 'local', 'dynamodb')(headers, '{}', new Date())
    expect(signed).toMatchObject(headers)
    expect(Object.keys(headers)).toEqual(['host', 'content-type', 'x-amz-target'])
  })
})
