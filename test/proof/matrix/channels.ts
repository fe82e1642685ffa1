import { createDecipheriv, createHash } from 'node:crypto'
import type { LoopbackRequest } from '../../simulators/loopback-server.ts'
import { isForm, readForm } from '../../simulators/provider-simulator.ts'
import { databaoCredentials, juheCredentials } from '../../simulators/start-simulators.ts'

export const channels = {
  databao: {
    provider: 'databao',
    functionName: 'verifyThreeElement',
    route: 'three-element',
    path: '/communication/personal/1886',
    baseUrl: 'DATABAO_BASE_URL',
    settings: {},
  },
  'juhe-plain': {
    provider: 'juhe',
    functionName: 'verifyTwoElement',
    route: 'two-element',
    path: '/verifybankcard/query',
    baseUrl: 'JUHE_BASE_URL',
    settings: { JUHE_CHANNEL: 'plain' },
  },
  'juhe-encrypted': {
    provider: 'juhe',
    functionName: 'verifyTwoElement',
    route: 'two-element',
    path: '/verifybankcard/queryEncry',
    baseUrl: 'JUHE_BASE_URL',
    settings: { JUHE_CHANNEL: 'encrypted' },
  },
} as const

export type Channel = keyof typeof channels
export const channelNames = Object.keys(channels) as Channel[]

export type Person = { name: string; idNumber: string; cardNumber: string }

/** What a provider was asked. */
export type Question = { channel: Channel; name: string; cardNumber: string }

/** Reads a request as providers.md has it; `undefined` for one that is not exactly so. */
export function questionOf(request: LoopbackRequest): Question | undefined {
  const channel = channelNames.find((name) => channels[name].path === request.path)
  const form = isForm(request.headers['content-type']) ? readForm(request.body) : undefined
  if (!channel || !form || request.method !== 'POST' || request.query !== '') return undefined
  return channel === 'databao' ? askedOfDatabao(request, form) : askedOfJuhe(channel, form)
}

function askedOfDatabao({ headers }: LoopbackRequest, form: Map<string, string>) {
  const { name, idcard, acct_no: cardNumber, ...others } = Object.fromEntries(form)
  const asked = name && idcard && cardNumber && Object.keys(others).length === 0
  const known = headers.authorization === `APPCODE ${databaoCredentials.appCode}`
  return asked && known ? ({ channel: 'databao', name, cardNumber } as const) : undefined
}

function askedOfJuhe(channel: Channel, form: Map<string, string>): Question | undefined {
  const { bankcard, realname, ...others } = Object.fromEntries(form)
  const wanted = { key: juheCredentials.key, jobid: '1', message: '1' }
  if (!bankcard || !realname || !sameFields(others, wanted)) return undefined
  const read = channel === 'juhe-encrypted' ? decrypted : (text: string) => text
  return { channel, name: read(realname), cardNumber: read(bankcard) }
}

function sameFields(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}

function decrypted(text: string): string {
  const key = createHash('md5').update(juheCredentials.openId).digest('hex').slice(0, 16)
  const decipher = createDecipheriv('aes-128-ecb', key, null)
  return decipher.update(text, 'base64', 'utf8') + decipher.final('utf8')
}
