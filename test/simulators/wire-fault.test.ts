import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { RawAnswer } from './raw-exchange.ts'
import { rawExchange } from './raw-exchange.ts'
import { scenarioCard, scenarioNamed } from './scenarios.ts'
import { databaoCredentials, juheCredentials, startSimulators } from './start-simulators.ts'
import type { Simulators } from './start-simulators.ts'
import type { WireFault } from './wire-fault.ts'

const SLOW_MS = 200

let simulators: Simulators
beforeAll(async () => {
  simulators = await startSimulators({ slowMs: SLOW_MS })
})
afterAll(() => simulators.close())

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' }

const requests = {
  databao: (cardNumber: string) => ({
    path: '/communication/personal/1886',
    headers: { ...formType, Authorization: `APPCODE ${databaoCredentials.appCode}` },
    body: `name=%E5%BC%A0%E4%B8%89&idcard=110101190001010014&acct_no=${cardNumber}`,
  }),
  juhe: (cardNumber: string) => ({
    path: '/verifybankcard/query',
    headers: formType,
    body: `key=${juheCredentials.key}&realname=%E5%BC%A0%E4%B8%89&bankcard=${cardNumber}`,
  }),
}

type Provider = keyof typeof requests

function ask(provider: Provider, fault: WireFault, signal?: AbortSignal) {
  const cardNumber = scenarioCard(scenarioNamed(fault).number)
  const { path, ...request } = requests[provider](cardNumber)
  return rawExchange(simulators[provider].url + path, { ...request, ...(signal && { signal }) })
}

function isJson(text: string) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** What Databao calls state and Juhe res: 1 is a match. */
function verdictIn(text: string) {
  const { data, result } = JSON.parse(text)
  return Number(data?.state ?? result?.res)
}

/** The text, or nothing where the bytes are not of that encoding. */
function decoded(encoding: string, body: Buffer) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

type Check = { see: (answer: RawAnswer, text: string) => unknown[]; wanted: unknown[] }

const html = 'text/html; charset=utf-8'
const MIB = 1024 * 1024

/** Faults that give an answer, and what is seen of it; the others have tests of their own. */
const checks: Record<Exclude<WireFault, 'hang' | 'drip' | 'reset-before-answer'>, Check> = {
  slow: {
    see: ({ status, complete }, text) => [status, complete, verdictIn(text)],
    wanted: [200, true, 1],
  },
  'truncated-with-length': {
    see: ({ status, headers, body, complete }) => [
      status,
      complete,
      Math.floor(Number(headers['content-length']) / 2) === body.length,
    ],
    wanted: [200, false, true],
  },
  'truncated-without-length': {
    see: ({ headers, body, complete }, text) => [
      complete,
      headers.connection,
      headers['content-length'] ?? headers['transfer-encoding'],
      body.length > 10,
      isJson(text),
    ],
    wanted: [true, 'close', undefined, true, false],
  },
  html: {
    see: ({ status, headers }, text) => [status, headers['content-type'], text.slice(0, 15)],
    wanted: [200, html, '<!DOCTYPE html>'],
  },
  'wrong-content-type': {
    see: ({ status, headers }, text) => [status, headers['content-type'], verdictIn(text)],
    wanted: [200, html, 1],
  },
  gbk: {
    see: ({ body }) => {
      const text = decoded('gbk', body) ?? ''
      return [
        decoded('utf-8', body),
        body.includes(Buffer.from([0xb3, 0xc9, 0xb9, 0xa6])),
        text.includes('成功'),
        verdictIn(text),
      ]
    },
    wanted: [undefined, true, true, 1],
  },
  'invalid-bytes': {
    see: ({ body }, text) => [decoded('utf-8', body), decoded('gbk', body), verdictIn(text)],
    wanted: [undefined, undefined, 1],
  },
  'oversized-chunked': {
    see: ({ headers, body, complete }, text) => [
      headers['transfer-encoding'],
      body.length > MIB,
      complete,
      verdictIn(text),
    ],
    wanted: ['chunked', true, true, 1],
  },
  'oversized-with-length': {
    see: ({ headers, body, complete }, text) => [
      Number(headers['content-length']) > MIB,
      body.length > MIB,
      complete,
      verdictIn(text),
    ],
    wanted: [true, true, true, 1],
  },
  'reset-mid-body': {
    see: ({ headers, body, complete }) => [
      complete,
      Math.floor(Number(headers['content-length']) / 2) === body.length,
    ],
    wanted: [false, true],
  },
  'redirect-302': {
    see: ({ status, headers, body }) => [status, headers.location, body.length],
    wanted: [302, '/redirected', 0],
  },
  'redirect-307': {
    see: ({ status, headers, body }) => [status, headers.location, body.length],
    wanted: [307, '/redirected', 0],
  },
  'server-error': {
    see: ({ status }, text) => [status, JSON.parse(text).error],
    wanted: [500, 'Internal Server Error'],
  },
  'empty-body': {
    see: ({ status, headers, body }) => [status, headers['content-length'], body.length],
    wanted: [200, '0', 0],
  },
  gzip: {
    see: ({ headers, body }) => [
      headers['content-encoding'],
      verdictIn(gunzipSync(body).toString()),
    ],
    wanted: ['gzip', 1],
  },
  'duplicate-keys': {
    see: ({ status }, text) => [
      status,
      /"state":"2","state":"1"|"res":2,"res":1/.test(text),
      verdictIn(text),
    ],
    wanted: [200, true, 1],
  },
  'json-array': {
    see: ({ status }, text) => {
      const answers = JSON.parse(text)
      return [status, answers.length, verdictIn(JSON.stringify(answers[0]))]
    },
    wanted: [200, 1, 1],
  },
  'json-null': { see: ({ status }, text) => [status, text], wanted: [200, 'null'] },
  'json-too-deep': {
    see: ({ status }, text) => [status, text.startsWith('{"data":'.repeat(10_000)), isJson(text)],
    wanted: [200, true, true],
  },
}

describe.each(['databao', 'juhe'] as const)('on the wire of %s', (provider) => {
  it.each(Object.entries(checks))('%s is what it says', async (fault, { see, wanted }) => {
    const answer = await ask(provider, fault as keyof typeof checks)
    expect(see(answer, answer.body.toString())).toEqual(wanted)
    expect(simulators[provider].hits.at(-1)?.scenario).toBe(fault)
  })

  it('slow takes its time', async () => {
    const before = performance.now()
    await ask(provider, 'slow')
    expect(performance.now() - before).toBeGreaterThan(SLOW_MS - 10)
  })

  it('hang never answers', async () => {
    await expect(ask(provider, 'hang', AbortSignal.timeout(300))).rejects.toThrow(/aborted/)
    expect(simulators[provider].hits.at(-1)?.scenario).toBe('hang')
  })

  it('drip sends headers at once and goes on without end', async () => {
    const answer = await ask(provider, 'drip', AbortSignal.timeout(450))
    expect([answer.status, answer.complete]).toEqual([200, false])
    expect(answer.body.toString()).toMatch(/^ {2,5}$/)
  })

  it('reset-before-answer resets', async () => {
    await expect(ask(provider, 'reset-before-answer')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('a followed redirect is counted and finds a match', async () => {
    const { hits, url } = simulators[provider]
    const before = hits.length
    const answer = await rawExchange(`${url}/redirected`, { method: 'GET' })
    expect([answer.status, verdictIn(answer.body.toString())]).toEqual([200, 1])
    expect(hits.slice(before)).toMatchObject([{ path: '/redirected', scenario: 'match' }])
  })
})

describe('close', () => {
  it('ends what hangs, drips, waits and never sent a request', async () => {
    const own = await startSimulators({ slowMs: 60_000 })
    const { path, ...request } = requests.databao(scenarioCard(scenarioNamed('hang').number))
    const pending = (['hang', 'drip', 'slow'] as const).map((fault) => {
      const { body } = requests.databao(scenarioCard(scenarioNamed(fault).number))
      return rawExchange(own.databao.url + path, { ...request, body })
    })
    const settled = Promise.allSettled(pending)
    const idle = connect(Number(new URL(own.databao.url).port), '127.0.0.1')
    const idleEnded = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => {})
    while (own.databao.hits.length < 3 || own.databao.connections < 4) await sleep(10)
    await own.close()
    const outcomes = await settled
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    await idleEnded
    await own.close()
  })
})
