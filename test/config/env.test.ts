import { afterEach, describe, expect, it, vi } from 'vitest'
import { env } from '../../lib/config/env.ts'
import { capturedOutput } from '../telemetry/captured-output.ts'

const NAME = 'SAMPLE_SETTING'
const output = capturedOutput()

const read = {
  text: () => env.text(NAME),
  number: () => env.number(NAME, 300, { min: 20, max: 600 }),
  oneOf: () => env.oneOf(NAME, ['encrypted', 'plain'], 'encrypted'),
  flag: () => env.flag(NAME, false),
  providerUrl: () => env.providerUrl(NAME, 'https://provider.example'),
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('env', () => {
  it.each([
    ['text', ' a/secret ', 'a/secret'],
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
    ['providerUrl', undefined, 'https://provider.example'],
    ['providerUrl', '', 'https://provider.example'],
    ['providerUrl', 'https://a.example', 'https://a.example'],
    ['providerUrl', 'https://a.example/', 'https://a.example'],
    ['providerUrl', 'https://a.example:8443/base//', 'https://a.example:8443/base'],
    ['providerUrl', 'https://a.example/?', 'https://a.example'],
    ['providerUrl', 'https://a.example/base#', 'https://a.example/base'],
    ['providerUrl', 'http://localhost:4010', 'http://localhost:4010'],
    ['providerUrl', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
    ['providerUrl', 'http://127.8.9.10', 'http://127.8.9.10'],
    ['providerUrl', 'http://[::1]:4010', 'http://[::1]:4010'],
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
    ['providerUrl', 'v.juhe.cn'],
    ['providerUrl', '//v.juhe.cn'],
    ['providerUrl', 'https://'],
    ['providerUrl', 'https://user:hunter2@v.juhe.cn'],
    ['providerUrl', 'https://hunter2@v.juhe.cn'],
    ['providerUrl', 'https://:hunter2@v.juhe.cn'],
    ['providerUrl', 'https://v.juhe.cn?key=hunter2'],
    ['providerUrl', 'https://v.juhe.cn#hunter2'],
    ['providerUrl', 'http://v.juhe.cn'],
    ['providerUrl', 'HTTP://v.juhe.cn'],
    ['providerUrl', 'ftp://v.juhe.cn'],
    ['providerUrl', 'ftp://localhost'],
    ['providerUrl', 'file:///etc/passwd'],
    ['providerUrl', 'http://localhost.v.juhe.cn'],
    ['providerUrl', 'http://127.0.0.1.v.juhe.cn'],
    ['providerUrl', 'http://10.0.0.1'],
    ['providerUrl', 'http://128.0.0.1'],
    ['providerUrl', 'http://0.0.0.0'],
    ['providerUrl', 'http://[::2]'],
    ['providerUrl', 'http://[::ffff:10.0.0.1]'],
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

  it.each(['true', ' true '])('lets plain http out with ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://v.juhe.cn')
    expect(read.providerUrl()).toBe('http://v.juhe.cn')
  })

  it.each(['TRUE', '1', 'yes'])('stops at ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://127.0.0.1:1')
    expect(read.providerUrl).toThrow('ALLOW_PLAINTEXT_PROVIDERS')
  })

  it.each(['false', '', undefined])('does not with ALLOW_PLAINTEXT_PROVIDERS=%j', (flag) => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', flag)
    vi.stubEnv(NAME, 'http://v.juhe.cn')
    expect(read.providerUrl).toThrow(NAME)
  })

  it('lets nothing but http and https out even then', () => {
    vi.stubEnv('ALLOW_PLAINTEXT_PROVIDERS', 'true')
    vi.stubEnv(NAME, 'ftp://v.juhe.cn')
    expect(read.providerUrl).toThrow(NAME)
  })

  it('takes the fallback of a flag that is not set', () => {
    expect(env.flag(NAME, true)).toBe(true)
  })

  it('holds its own fallback to the same rules', () => {
    expect(() => env.providerUrl(NAME, 'http://v.juhe.cn')).toThrow(NAME)
  })
})
