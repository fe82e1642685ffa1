import https from 'node:https'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, vi } from 'vitest'
import { inMemoryAgent } from '../../lib/net/in-memory-agent.ts'

const ask = (agent: https.Agent) =>
  new Promise<string>((resolve, reject) => {
    const request = https.request('https://rehearsal.invalid', { method: 'POST', agent })
    request.on('response', (response) => resolve(text(response)))
    request.on('error', reject)
    request.end('asked')
  })

it('answers each request with its body, and opens no connection', async () => {
  const connect = vi.spyOn(net.Socket.prototype, 'connect')
  const agent = inMemoryAgent('{"said":"张三"}')
  expect(await ask(agent)).toBe('{"said":"张三"}')
  expect(await ask(agent)).toBe('{"said":"张三"}')
  expect(connect).not.toHaveBeenCalled()
})

it('keeps nothing when it has answered', async () => {
  const agent = inMemoryAgent('{}')
  await ask(agent)
  await vi.waitFor(() => expect(agent.sockets).toEqual({}))
  expect(agent.freeSockets).toEqual({})
})
