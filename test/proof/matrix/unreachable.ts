import { once } from 'node:events'
import net from 'node:net'
import { Worker } from 'node:worker_threads'

/** A name that no resolver knows (RFC 6761). */
export const UNKNOWN_HOST = 'https://provider.invalid'

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  await once(server.close(), 'close')
  return port
}

// A listener that never gets to accept.
const DEAF = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 50)
})`
const DEAF_AFTER_MS = 200
const CONNECTS_AT_ONCE_MS = 300
const LONGEST_QUEUE = 16

/** A port whose queue is full: a connection to it is neither made nor refused. */
export async function startDeafPort() {
  const worker = new Worker(DEAF, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  await new Promise((resolve) => setTimeout(resolve, DEAF_AFTER_MS))
  const waiting: net.Socket[] = []
  const close = async () => {
    for (const socket of waiting) socket.destroy()
    await worker.terminate()
  }
  for (let queued = 0; queued < LONGEST_QUEUE; queued++) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {})
    waiting.push(socket)
    if (!(await connects(socket))) return { port, close }
  }
  await close()
  throw new Error('the queue of connections does not fill up on this machine')
}

function connects(socket: net.Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), CONNECTS_AT_ONCE_MS)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
