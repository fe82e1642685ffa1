import http, { type ClientRequestArgs } from 'node:http'
import https from 'node:https'
import { isIP, type Socket } from 'node:net'
import tls from 'node:tls'

/** Connections to one origin, kept between requests. */
export type KeepAliveAgent = {
  agent: http.Agent
  /** Closes what has been idle for longer than this. */
  dropIdle: (maxIdleMs: number) => void
  /** Opens connections for the requests to come and sends nothing; it never fails. */
  connectAhead: (count: number) => Promise<void>
}

/** Well within the 10 s that Lambda allows for init. */
const CONNECT_AHEAD_MS = 1500

// One for all connections, for each costs time to make.
let secureContext: tls.SecureContext | undefined

export function keepAliveAgent(origin: URL): KeepAliveAgent {
  const { protocol, port } = origin
  const isTls = protocol === 'https:'
  const options = {
    keepAlive: true,
    noDelay: true,
    scheduling: 'lifo' as const,
    ...(isTls && {
      // Whatever the environment says: `NODE_TLS_REJECT_UNAUTHORIZED=0` would undo https unseen.
      rejectUnauthorized: true,
      secureContext: (secureContext ??= tls.createSecureContext({ minVersion: 'TLSv1.2' })),
    }),
  }
  const agent = new (isTls ? https : http).Agent(options)
  const idleSince = new WeakMap<object, number>()
  const keepSocketAlive = agent.keepSocketAlive.bind(agent)
  agent.keepSocketAlive = (socket) => {
    idleSince.set(socket, Date.now())
    return keepSocketAlive(socket)
  }

  const ahead = new Set<Socket>()
  const open = agent.createConnection.bind(agent) as (options: ClientRequestArgs) => Socket
  agent.createConnection = (options) => {
    for (const socket of ahead) {
      ahead.delete(socket)
      // Bytes that came unasked would be taken for the answer to what is sent now.
      if (!socket.destroyed && socket.readableLength === 0) return socket
      socket.destroy()
    }
    return open(options)
  }
  const openAhead = () => {
    const host = hostOf(origin)
    const socket = open({
      ...options,
      host,
      port: port || (isTls ? 443 : 80),
      ...(isTls && isIP(host) === 0 && { servername: host }),
    })
    ahead.add(socket)
    idleSince.set(socket, Date.now())
    return new Promise<void>((resolve) => {
      const giveUp = setTimeout(() => socket.destroy(), CONNECT_AHEAD_MS)
      const settle = () => {
        clearTimeout(giveUp)
        resolve()
      }
      // Without a listener an error would end the process.
      socket.on('error', settle)
      socket.on('close', settle)
      onceConnected(socket, () => {
        // An environment that is never asked anything must be able to end.
        socket.unref()
        settle()
      })
    })
  }

  return {
    agent,
    dropIdle(maxIdleMs) {
      const free = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])
      for (const socket of [...free, ...ahead]) {
        const idleMs = Date.now() - (idleSince.get(socket) ?? 0)
        if (idleMs <= maxIdleMs && idleMs >= 0) continue
        ahead.delete(socket)
        socket.destroy()
        // At once: the agent would hand it out until its `close` comes.
        socket.emit('agentRemove')
      }
    },
    async connectAhead(count) {
      await Promise.all(Array.from({ length: count }, openAhead))
    },
  }
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
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}
