import { createServer, connect, type Socket } from 'node:net'
import { listen, optionsOfMock, serveCommands } from './mock-protocol.ts'

/**
 * A long line to the provider: every byte takes `oneWayMs` in each direction. A proxy cannot delay
 * the TCP handshake itself, so what a client sends on a new connection waits two ways longer, as
 * long as the handshake would have taken. One round trip for TCP, one for TLS 1.3, one for a
 * request, then: 3 × `2 * oneWayMs` until a first answer, as on a real line.
 */
const { target, oneWayMs }: { target: number; oneWayMs: number } = optionsOfMock()

let connections = 0
/** Times that a client sent something after it had heard something (or nothing at all yet). */
let flights = 0

const server = createServer({ noDelay: true }, (near) => {
  const acceptedAt = performance.now()
  const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
  let heardLast = true
  connections += 1
  near.on('data', () => {
    if (heardLast) flights += 1
    heardLast = false
  })
  far.on('data', () => {
    heardLast = true
  })
  delayed(near, far, () => Math.max(performance.now(), acceptedAt + 2 * oneWayMs) + oneWayMs)
  delayed(far, near, () => performance.now() + oneWayMs)
})

function delayed(from: Socket, to: Socket, arrivesAt: () => number) {
  const later = (deliver: () => void) => setTimeout(deliver, arrivesAt() - performance.now())
  from.on('data', (chunk) => later(() => to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.destroy()))
}

const port = await listen(server)
serveCommands(`https://127.0.0.1:${port}`, {
  counts: () => {
    const counts = { connections, flights }
    connections = 0
    flights = 0
    return counts
  },
})
