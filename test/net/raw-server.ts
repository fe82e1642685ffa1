import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'

/** A TCP or TLS server that a test drives by hand. */
export async function startRawServer(
  accept: (socket: net.Socket, reset: () => void, garble: () => void) => void,
  { host = '127.0.0.1', ...tlsOptions }: tls.TlsOptions & { host?: string } = {},
) {
  const connections = new Map<number, net.Socket>()
  const chunks: Buffer[] = []
  let accepted = 0
  const greet = (socket: net.Socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => chunks.push(chunk))
    // Under TLS only the TCP socket below can be reset, or carry what is no TLS.
    const below = connections.get(socket.remotePort ?? 0)
    accept(
      socket,
      () => below?.resetAndDestroy(),
      () => below?.write('x'.repeat(64)),
    )
  }
  const isTls = tlsOptions.cert !== undefined
  const server = isTls ? tls.createServer(tlsOptions, greet) : net.createServer(greet)
  server.on('tlsClientError', () => {})
  server.prependListener('connection', (socket: net.Socket) => {
    const { remotePort = 0 } = socket
    accepted += 1
    connections.set(remotePort, socket)
    socket.once('close', () => connections.delete(remotePort))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`
  return {
    host: authority,
    url: `${isTls ? 'https' : 'http'}://${authority}`,
    /** Accepted so far. */
    get connections() {
      return accepted
    },
    /** Not closed yet. */
    get open() {
      return connections.size
    },
    /** Every byte that clients wrote, decrypted where there is TLS. */
    received: () => Buffer.concat(chunks).toString('latin1'),
    /** Takes no further connection; those that stand go on. */
    stopListening() {
      server.close()
    },
    async close() {
      for (const socket of connections.values()) socket.destroy()
      if (server.listening) await once(server.close(), 'close')
    },
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<string> {
  const server = await startRawServer(() => {})
  await server.close()
  return server.host
}

/** An answer of one JSON object, as bytes. */
export function httpAnswer(body: object): string {
  const json = JSON.stringify(body)
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
}
