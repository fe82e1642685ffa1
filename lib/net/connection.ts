import net, { isIP, type Socket } from 'node:net'
import tls from 'node:tls'

/** Well within the 10 s that Lambda allows for init. */
const CONNECT_AHEAD_MS = 1500

/** As much as Node reads at once. */
const READ_BYTES = 64 * 1024
// One for all connections, which read one after the other: Node would allocate as much for each read.
let readBuffer: Buffer | undefined
// One for all connections, for each costs time to make.
let secureContext: tls.SecureContext | undefined

/** How every connection to an origin is opened. */
export function connectionOptions(origin: URL) {
  return {
    keepAlive: true,
    // As Node's agents have it; the system's own default is two hours.
    keepAliveInitialDelay: 1000,
    noDelay: true,
    ...(isTls(origin) && {
      // Whatever the environment says: `NODE_TLS_REJECT_UNAUTHORIZED=0` would undo https unseen.
      rejectUnauthorized: true,
      secureContext: (secureContext ??= tls.createSecureContext({ minVersion: 'TLSv1.2' })),
    }),
  }
}

/** Where a connection to an origin leads, and by what name its certificate has to know it. */
export function connectionTarget(origin: URL) {
  const host = hostOf(origin)
  return {
    host,
    port: Number(origin.port) || (isTls(origin) ? 443 : 80),
    ...(isTls(origin) && isIP(host) === 0 && { servername: host }),
  }
}

/** What is written before the connection stands goes out once it does. */
export function openConnection(origin: URL, onRead: (bytes: Buffer) => void): Socket {
  const options = {
    ...connectionOptions(origin),
    ...connectionTarget(origin),
    onread: {
      buffer: (readBuffer ??= Buffer.alloc(READ_BYTES)),
      callback(length: number, bytes: Uint8Array) {
        onRead(Buffer.copyBytesFrom(bytes, 0, length))
        return true
      },
    },
  }
  const socket = isTls(origin)
    ? tls.connect({ ...options, ALPNProtocols: ['http/1.1'] })
    : net.connect(options)
  endsWithAnError(socket)
  return socket
}

/**
 * Settles when the connection stands or is lost, and closes it if that takes too long. It then keeps
 * no process alive.
 */
export function openedAhead(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => socket.destroy(), CONNECT_AHEAD_MS)
    const settle = () => {
      clearTimeout(giveUp)
      resolve()
    }
    socket.on('close', settle)
    onceConnected(socket, () => {
      // An environment that is never asked anything must be able to end.
      socket.unref()
      settle()
    })
  })
}

/**
 * Without a listener an error would end the process. One of TLS that comes after the handshake would
 * else leave the connection open, though nothing can be sent on it any more.
 */
export function endsWithAnError(socket: Socket): void {
  socket.on('error', () => socket.destroy())
}

/**
 * Calls back when the connection stands, its TLS included: at once where it does already, and never
 * where it is lost already.
 */
export function onceConnected(socket: Socket, callback: () => void): void {
  if (socket.destroyed) return
  const isPending = 'secureConnecting' in socket ? socket.secureConnecting : socket.connecting
  if (isPending) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', callback)
  else callback()
}

/** A URL's host as sockets take it: an IPv6 address without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function isTls({ protocol }: URL): boolean {
  return protocol === 'https:'
}
