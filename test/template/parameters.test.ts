import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  findParameterFault,
  parameterRules,
  parametersOf,
} from '../../scripts/deployment-parameters.mjs'
import { foldConditions } from '../../scripts/fold-conditions.mjs'
import { packageWith, variants } from './packaged-template.ts'

const REGION = 'ap-southeast-1'
const { params } = parse(
  await readFile(path.resolve(import.meta.dirname, '../../serverless.yml'), 'utf8'),
  { logLevel: 'silent' },
)
const faultOf = (given: Record<string, string>, stage = 'dev', region = REGION) => {
  const options = Object.entries(given).map(([name, value]) => `${name}=${value}`)
  return findParameterFault(parametersOf(params, stage, options), { region })
}

describe('the parameters of serverless.yml', () => {
  it('each have a rule, and no rule is left over', () => {
    expect(Object.keys(params.default).sort()).toEqual(Object.keys(parameterRules).sort())
  })

  it.each(['local', 'dev', 'prod', 'another'])('are right as they stand, at stage %s', (stage) => {
    expect(faultOf({}, stage)).toBeUndefined()
  })

  it.each(Object.entries(variants))('are right for the %s deployment', (_, variant) => {
    expect(faultOf(variant.params, variant.stage, variant.region)).toBeUndefined()
  })

  const kms = 'arn:aws:kms:ap-southeast-1:111122223333:key/0a1b'
  it.each<[string, Record<string, string>]>([
    ['There is no parameter "juheChanel"', { juheChanel: 'plain' }],
    ['"juheChannel" must be encrypted or plain', { juheChannel: 'Plain' }],
    ['"juheChannel" is missing', { juheChannel: '' }],
    ['"databaoBaseUrl" must be https', { databaoBaseUrl: 'http://yhkr.market.alicloudapi.com' }],
    ['"juheBaseUrl" must be https', { juheBaseUrl: 'http://127.0.0.1:3000' }],
    ['"juheBaseUrl" must be a URL', { juheBaseUrl: 'v.juhe.cn' }],
    ['"juheBaseUrl" must be a URL without', { juheBaseUrl: 'https://me:secret@v.juhe.cn' }],
    ['"juheBaseUrl" is missing', { juheBaseUrl: '' }],
    ['"providerTimeoutMs" must be a whole number from 3001', { providerTimeoutMs: '3000' }],
    ['"providerTimeoutMs" must be a whole number from 3001', { providerTimeoutMs: '15001' }],
    ['"providerTimeoutMs" must be a whole number from 3001', { providerTimeoutMs: '8s' }],
    ['"providerTimeoutMs" is missing', { providerTimeoutMs: '' }],
    ['"secretTtlSeconds" must be a whole number', { secretTtlSeconds: '-1' }],
    ['"reuseSeconds" must be a whole number', { reuseSeconds: '2678401' }],
    ['"cardDailyCalls" must be a whole number', { cardDailyCalls: '0' }],
    ['"providerDailyLimit" must be a whole number', { providerDailyLimit: '1e4' }],
    ['"requireIdempotencyKey" must be true or false', { requireIdempotencyKey: 'yes' }],
    ['"authorizer" must be iam or jwt', { authorizer: 'none' }],
    ['choose one', { jwtIssuer: 'https://login.example.com', jwtAudience: 'a' }],
    ['choose one', { authorizer: 'iam', jwtAudience: 'a', jwtIssuer: '' }],
    ['"jwtIssuer" is missing', { authorizer: 'jwt' }],
    ['"jwtAudience" is missing', { authorizer: 'jwt', jwtIssuer: 'https://login.example.com' }],
    ['"jwtIssuer" must be https', { authorizer: 'jwt', jwtIssuer: 'http://login.example.com' }],
    ['"jwtAudience" must be audiences', { authorizer: 'jwt', jwtAudience: 'a, b' }],
    ['"throttleRate" must be a whole number', { throttleRate: '0' }],
    ['"reservedConcurrency" must be a whole number', { reservedConcurrency: 'many' }],
    ['"subnetIds" must be subnet ids', { subnetIds: 'vpc-0a' }],
    ['"securityGroupIds" is missing: "subnetIds"', { subnetIds: 'subnet-0a1b2c3d' }],
    ['"subnetIds" is missing: "securityGroupIds"', { securityGroupIds: 'sg-0a1b2c3d' }],
    ['"certificateArn" is missing: "domainName"', { domainName: 'verify.example.com' }],
    ['"domainName" must be a domain name', { domainName: 'https://verify.example.com' }],
    ['"kmsKeyArn" must be an ARN of kms in ap-southeast-1', { kmsKeyArn: 'alias/mine' }],
    ['"kmsKeyArn" must be an ARN', { kmsKeyArn: kms.replace(REGION, 'eu-west-1') }],
    ['"logRetentionDays" must be one of', { logRetentionDays: '31' }],
    ['"alarmEmail" must be an e-mail address', { alarmEmail: 'ops' }],
    [
      'choose one',
      {
        alarmEmail: 'ops@example.com',
        alarmTopicArn: 'arn:aws:sns:ap-southeast-1:111122223333:alarms',
      },
    ],
    ['"runbookUrl" must be an address', { runbookUrl: 'https://example.com/x#y' }],
    ['"runbookUrl" is missing', { runbookUrl: '' }],
    ['"spendAlarmPercent" must be a whole number', { spendAlarmPercent: '101' }],
  ])('are refused with "%s" for %j', (fault, given) => {
    expect(faultOf(given)).toContain(fault)
  })

  it("are refused where an ARN is of the other partition's", () => {
    expect(
      faultOf({ kmsKeyArn: kms.replace(REGION, 'cn-north-1') }, 'dev', 'cn-north-1'),
    ).toContain('"kmsKeyArn" must be an ARN of kms in cn-north-1')
  })

  it('are never quoted with their value', () => {
    expect(faultOf({ juheChannel: 'a-key-in-the-wrong-place' })).not.toContain('wrong-place')
  })
})

describe('sls package', () => {
  it.concurrent.each([
    [{ juheChannel: 'gm' }, 'Parameter "juheChannel" must be encrypted or plain.'],
    [{ reservedConcurrency: 'many' }, 'Parameter "reservedConcurrency" must be a whole number'],
    [{ noSuchThing: '1' }, 'There is no parameter "noSuchThing"'],
  ])('stops at %j with one sentence', async (given, fault) => {
    const { exitCode, output } = await packageWith('dev', REGION, given)
    expect(exitCode).toBe(1)
    expect(output).toContain(fault)
    expect(output).not.toContain('    at ')
  })
})

describe('foldConditions', () => {
  const Conditions = {
    Yes: { 'Fn::Equals': ['a', 'a'] },
    No: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'a'] }] },
  }
  const fold = (own: unknown) =>
    foldConditions({ Conditions, Resources: { One: { Properties: own } }, Outputs: {} }).Resources[
      'One'
    ]
  const noValue = { Ref: 'AWS::NoValue' }

  it.each([
    [{ a: { 'Fn::If': ['Yes', 1, 2] } }, { a: 1 }],
    [{ a: { 'Fn::If': ['No', 1, noValue] }, b: 2 }, { b: 2 }],
    [{ a: [1, { 'Fn::If': ['No', 2, noValue] }, 3] }, { a: [1, 3] }],
    [{ a: { 'Fn::If': ['No', 1, { 'Fn::If': ['Yes', { b: null }, 3] }] } }, { a: { b: null } }],
  ])('settles %j', (given, settled) => {
    expect(fold(given)).toEqual({ Properties: settled })
  })

  it('leaves out resources and outputs whose condition does not hold', () => {
    const own = { Condition: 'No' }
    const kept = { Condition: 'Yes', Value: 1 }
    expect(
      foldConditions({ Conditions, Resources: { A: own }, Outputs: { B: kept, C: own } }),
    ).toEqual({ Resources: {}, Outputs: { B: { Value: 1 } } })
  })

  it('refuses a condition that is not there, or of another kind', () => {
    expect(() => fold({ a: { 'Fn::If': ['Maybe', 1, 2] } })).toThrow('There is no condition Maybe')
    const Conditions = { Odd: { 'Fn::Or': [] } }
    const Resources = { One: { Condition: 'Odd' } }
    expect(() => foldConditions({ Conditions, Resources, Outputs: {} })).toThrow('not Fn::Or')
  })
})
