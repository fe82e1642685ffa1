import http, { type ClientRequestArgs } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { connectionOptions, connectionTarget, endsWithAnError, openedAhead } from './connection.ts'

/** Connections to one origin, kept between requests. */
export type KeepAliveAgent = {
  agent: http.Agent
  /** Closes what has been idle for longer than this. */
  dropIdle: (maxIdleMs: number) => void
  /** Opens connections for the requests to come and sends nothing; it never fails. */
  connectAhead: (count: number) => Promise<void>
}

export function keepAliveAgent(origin: URL): KeepAliveAgent {
  const options = { ...connectionOptions(origin), scheduling: 'lifo' as const }
  const agent = new (origin.protocol === 'https:' ? https : http).Agent(options)
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
    const socket = open({ ...options, ...connectionTarget(origin) })
    endsWithAnError(socket)
    ahead.add(socket)
    idleSince.set(socket, Date.now())
    return openedAhead(socket)
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
