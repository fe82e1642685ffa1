import { afterEach, describe, expect, it, vi } from 'vitest'
import { env } from '../../lib/config/env.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'

const NAME = 'SAMPLE_SETTING'
const output = capturedOutput()

const read = {
  text: () => env.text(NAME),
  resourceName: () => env.resourceName(NAME),
  number: () => env.number(NAME, 300, { min: 20, max: 600 }),
  oneOf: () => env.oneOf(NAME, ['encrypted', 'plain'], 'encrypted'),
  flag: () => env.flag(NAME, false),
  httpsUrl: () => env.httpsUrl(NAME, 'https://provider.example'),
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('env', () => {
  it.each([
    ['text', ' a/secret ', 'a/secret'],
    ['resourceName', ' bankcard-verify/dev/databao_1 ', 'bankcard-verify/dev/databao_1'],
    [
      'resourceName',
      'arn:aws:secretsmanager:x:1:secret:a+b=.@-c',
      'arn:aws:secretsmanager:x:1:secret:a+b=.@-c',
    ],
    ['number', '20', 20],
    ['number', '600', 600],
    ['number', ' 0042 ', 42],
    ['number', undefined, 300],
    ['number', '', 300],
    ['number', '  ', 300],
    ['oneOf', 'plain', 'plain'],
    ['oneOf', ' encrypted', 'encrypted'],
    ['oneOf', undefined, 'encrypted'],
    ['oneOf', '', 'encrypted'],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['flag', undefined, false],
    ['httpsUrl', undefined, 'https://provider.example'],
    ['httpsUrl', '', 'https://provider.example'],
    ['httpsUrl', 'https://a.example', 'https://a.example'],
    ['httpsUrl', 'https://a.example/', 'https://a.example'],
    ['httpsUrl', 'https://a.example:8443/base//', 'https://a.example:8443/base'],
    ['httpsUrl', 'https://a.example/?', 'https://a.example'],
    ['httpsUrl', 'https://a.example/base#', 'https://a.example/base'],
    ['httpsUrl', 'http://localhost:4010', 'http://localhost:4010'],
    ['httpsUrl', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
    ['httpsUrl', 'http://127.8.9.10', 'http://127.8.9.10'],
    ['httpsUrl', 'http://[::1]:4010', 'http://[::1]:4010'],
  ] as const)('.%s reads %j as %j', (kind, value, expected) => {
    vi.stubEnv(NAME, value)
    expect(read[kind]()).toBe(expected)
    expect(output.text()).toBe('')
  })

  it.each([
    ['text', undefined],
    ['text', ''],
    ['text', ' \t'],
    ['number', '19'],
    ['number', '601'],
    ['number', '-10'],
    ['number', '1e2'],
    ['number', '0x20'],
    ['number', '12.5'],
    ['number', '42s'],
    ['number', '４２'],
    ['number', 'NaN'],
    ['number', 'Infinity'],
    ['number', '9'.repeat(400)],
    ['oneOf', 'Plain'],
    ['oneOf', 'plain,encrypted'],
    ['oneOf', 'toString'],
    ['flag', 'TRUE'],
    ['flag', '1'],
    ['httpsUrl', 'v.juhe.cn'],
    ['httpsUrl', '//v.juhe.cn'],
    ['httpsUrl', 'https://'],
    ['httpsUrl', 'https://user:hunter2@v.juhe.cn'],
    ['httpsUrl', 'https://hunter2@v.juhe.cn'],
    ['httpsUrl', 'https://:hunter2@v.juhe.cn'],
    ['httpsUrl', 'https://v.juhe.cn?key=hunter2'],
    ['httpsUrl', 'https://v.juhe.cn#hunter2'],
    ['httpsUrl', 'http://v.juhe.cn'],
    ['httpsUrl', 'HTTP://v.juhe.cn'],
    ['httpsUrl', 'ftp://v.juhe.cn'],
    ['httpsUrl', 'ftp://localhost'],
    ['httpsUrl', 'file:///etc/passwd'],
    ['httpsUrl', 'http://localhost.v.juhe.cn'],
    ['httpsUrl', 'http://127.0.0.1.v.juhe.cn'],
    ['httpsUrl', 'http://10.0.0.1'],
    ['httpsUrl', 'http://128.0.0.1'],
    ['httpsUrl', 'http://0.0.0.0'],
    ['httpsUrl', 'http://[::2]'],
    ['httpsUrl', 'http://[::ffff:10.0.0.1]'],
  ] as const)('.%s stops on %j with the name, never the value', (kind, value) => {
    vi.stubEnv(NAME, value)
    let thrown: unknown
    try {
      read[kind]()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Error)
    expect(output.lines()).toMatchObject([
      { level: 'error', event: 'bad_setting', setting: NAME, demand: expect.any(String) },
    ])
    const { time: _time, ...line } = output.lines()[0]!
    const said = `${String(thrown)} ${JSON.stringify(line)}`
    expect(said).toContain(NAME)
    expect(Boolean(value?.trim()) && said.includes(value!)).toBe(false)
    expect(said).not.toMatch(/hunter2|juhe/)
  })

  it.each([
    ['text', undefined, 'is missing'],
    ['number', '19', 'must be a whole number from 20 to 600'],
    ['oneOf', 'Plain', 'must be encrypted or plain'],
    ['httpsUrl', 'v.juhe.cn', 'must be a URL'],
    ['httpsUrl', 'https://v.juhe.cn#a', 'must be a URL without credentials, query or fragment'],
    ['httpsUrl', 'http://v.juhe.cn', 'must be https'],
    ['resourceName', '{"appCode":"a"}', 'must be a name or an ARN'],
    ['resourceName', '"a', 'must be a name or an ARN'],
    ['resourceName', 'a"', 'must be a name or an ARN'],
    ['resourceName', 'a b', 'must be a name or an ARN'],
    ['resourceName', undefined, 'is missing'],
  ] as const)('.%s of %j says what is demanded: it %s', (kind, value, demand) => {
    vi.stubEnv(NAME, value)
    expect(read[kind]).toThrow(new Error(`setting ${NAME} ${demand}`))
    expect(output.lines()).toMatchObject([{ event: 'bad_setting', setting: NAME, demand }])
  })

  it.each(['true', ' true '])('lets plain http out with ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://v.juhe.cn')
    expect(read.httpsUrl()).toBe('http://v.juhe.cn')
  })

  it.each(['TRUE', '1', 'yes'])('stops at ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://127.0.0.1:1')
    expect(read.httpsUrl).toThrow('ALLOW_PLAINTEXT_PROVIDERS')
  })

  it.each(['false', '', undefined])('does not with ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://v.juhe.cn')
    expect(read.httpsUrl).toThrow(NAME)
  })

  it('lets nothing but http and https out even then', () => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', 'true')
    vi.stubEnv(NAME, 'ftp://v.juhe.cn')
    expect(read.httpsUrl).toThrow(NAME)
  })

  it('takes the fallback of a flag that is not set', () => {
    expect(env.flag(NAME, true)).toBe(true)
  })

  it('holds its own fallback to the same rules', () => {
    expect(() => env.httpsUrl(NAME, 'http://v.juhe.cn')).toThrow(NAME)
  })
})

describe('env.aws', () => {
  const secretAccessKey = 'invented/51a7c0de51a7c0de+secret'
  const given = {
    AWS_REGION: 'ap-southeast-1',
    AWS_ACCESS_KEY_ID: 'AKIAINVENTED51A7C0DE',
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: 'invented/51a7f00d+token==',
    AWS_ENDPOINT_URL: undefined,
    AWS_ENDPOINT_URL_DYNAMODB: undefined,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: undefined,
  }
  const stub = (changed: Partial<Record<keyof typeof given, string | undefined>> = {}) => {
    for (const [name, value] of Object.entries({ ...given, ...changed })) vi.stubEnv(name, value)
  }

  it.each([
    ['DYNAMODB', 'ap-southeast-1', 'https://dynamodb.ap-southeast-1.amazonaws.com'],
    ['SECRETS_MANAGER', 'ap-southeast-1', 'https://secretsmanager.ap-southeast-1.amazonaws.com'],
    ['DYNAMODB', 'cn-north-1', 'https://dynamodb.cn-north-1.amazonaws.com.cn'],
    ['SECRETS_MANAGER', 'cn-northwest-1', 'https://secretsmanager.cn-northwest-1.amazonaws.com.cn'],
  ] as const)('finds %s in %s at %s', (service, region, endpoint) => {
    stub({ AWS_REGION: region })
    expect(env.aws(service)).toMatchObject({ region, endpoint })
  })

  const ONE = 'http://127.0.0.1:4001'
  const ALL = 'http://127.0.0.1:4000'
  it.each([
    [ONE, undefined, ONE],
    [ONE, ALL, ONE],
    [undefined, ALL, ALL],
    ['', ALL, ALL],
    [' ', ` ${ALL} `, ALL],
  ])('takes %j of the service and %j of all for %s', (ofService, ofAll, endpoint) => {
    stub({ AWS_ENDPOINT_URL_DYNAMODB: ofService, AWS_ENDPOINT_URL: ofAll })
    expect(env.aws('DYNAMODB').endpoint).toBe(endpoint)
  })

  it("does not take another service's endpoint", () => {
    stub({ AWS_ENDPOINT_URL_DYNAMODB: ONE })
    expect(env.aws('SECRETS_MANAGER').endpoint).toMatch(/^https:\/\/secretsmanager\./)
  })

  it.each([given.AWS_SESSION_TOKEN, undefined])(
    'takes the credentials, the token being %j',
    (token) => {
      stub({ AWS_SESSION_TOKEN: token })
      expect(env.aws('DYNAMODB').credentials).toEqual({
        accessKeyId: given.AWS_ACCESS_KEY_ID,
        secretAccessKey,
        sessionToken: token,
      })
      expect(output.text()).toBe('')
    },
  )

  it.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)(
    "stops without %s, with the name and nobody's value",
    (name) => {
      stub({ [name]: ' ' })
      expect(() => env.aws('DYNAMODB')).toThrow(name)
      expect(output.lines()).toMatchObject([{ event: 'bad_setting', setting: name }])
      expect(output.text()).not.toMatch(/invented|AKIA/)
    },
  )

  it.each([
    ['AWS_ENDPOINT_URL_DYNAMODB', 'hunter2'],
    ['AWS_ENDPOINT_URL', 'hunter2'],
    ['AWS_ENDPOINT_URL_DYNAMODB', 'http://store.example/hunter2'],
    ['AWS_ENDPOINT_URL', 'https://hunter2@store.example'],
  ] as const)('stops where %s is %j, with the name and not the value', (name, value) => {
    stub({ [name]: value })
    expect(() => env.aws('DYNAMODB')).toThrow(name)
    expect(output.lines()).toMatchObject([{ event: 'bad_setting', setting: name }])
    expect(output.text()).not.toContain('hunter2')
  })
})
