import net from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { onceConnected } from '../../lib/net/connection.ts'
import { closedPort, startRawServer } from './raw-server.ts'
import { trustedCertificate } from './trusted-certificate.ts'

const certificate = trustedCertificate()
const servers: { close(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

async function started(tlsOptions?: tls.TlsOptions) {
  const server = await startRawServer(() => {}, tlsOptions)
  servers.push(server)
  const { hostname: host, port } = new URL(server.url)
  return { server, host, port: Number(port) }
}
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 50))

// Whether a request was sent hangs on it: what is written before goes out only if it comes to stand.
describe('a connection', () => {
  it('stands under TLS when its handshake is over, and not when TCP stands', async () => {
    const { server, host, port } = await started()
    const socket = tls.connect({ host, port })
    socket.on('error', () => {})
    const stands = vi.fn<() => void>()
    onceConnected(socket, stands)
    await vi.waitFor(() => expect(server.received()).not.toBe(''))
    onceConnected(socket, stands)
    await aWhile()
    expect([socket.connecting, stands.mock.calls.length]).toEqual([false, 0])
    socket.destroy()
  })

  it.each([
    ['TCP', undefined],
    ['TLS', certificate],
  ])('of %s tells each who asks, whether it stands already or not', async (_what, options) => {
    const { host, port } = await started(options)
    const socket = options ? tls.connect({ host, port }) : net.connect({ host, port })
    const stands = vi.fn<() => void>()
    onceConnected(socket, stands)
    expect(stands).not.toHaveBeenCalled()
    await vi.waitFor(() => expect(stands).toHaveBeenCalledTimes(1))
    onceConnected(socket, stands)
    expect(stands).toHaveBeenCalledTimes(2)
    socket.destroy()
    onceConnected(socket, stands)
    expect(stands).toHaveBeenCalledTimes(2)
  })

  it('that is lost before it stands tells nobody', async () => {
    const [host, port] = (await closedPort()).split(':')
    const socket = net.connect({ host, port: Number(port) })
    socket.on('error', () => {})
    const stands = vi.fn<() => void>()
    onceConnected(socket, stands)
    await vi.waitFor(() => expect(socket.destroyed).toBe(true))
    expect(stands).not.toHaveBeenCalled()
  })
})
