import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type ServerOptions = { port?: number; tls?: { key: string; cert: string } }

/** A request whose body arrived complete. */
export type LoopbackRequest = {
  method: string
  path: string
  query: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export type LoopbackResponse = {
  response: ServerResponse
  /** Ends the connection with a TCP RST, under TLS too. */
  reset(): void
}

type LoopbackServer = {
  url: string
  /** TCP connections accepted so far. */
  readonly connections: number
  close(): Promise<void>
}

export type Reply = { status: number; headers: Record<string, string>; body: Buffer }

export function sendReply(response: ServerResponse, { status, headers, body }: Reply) {
  response.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body)
}

/** Runs `task` after `ms`, unless the response has ended or lost its connection by then. */
export function runLater(response: ServerResponse, ms: number, task: () => void) {
  const timer = setTimeout(task, ms)
  response.once('close', () => clearTimeout(timer))
}

export async function startLoopbackServer(
  { port = 0, tls }: ServerOptions,
  respond: (request: LoopbackRequest, answer: LoopbackResponse) => void,
): Promise<LoopbackServer> {
  const sockets = new Map<number, Socket>()
  let connections = 0

  async function receive(incoming: IncomingMessage, response: ServerResponse) {
    const body = await buffer(incoming).catch(() => undefined)
    if (body === undefined) return
    const { method = '', url = '/', headers, socket } = incoming
    const { pathname, search } = new URL(url, 'http://127.0.0.1')
    const connection = sockets.get(socket.remotePort ?? 0)
    respond(
      { method, path: pathname, query: search.slice(1), headers, body },
      { response, reset: () => connection?.resetAndDestroy() },
    )
  }

  const listener = (incoming: IncomingMessage, response: ServerResponse) =>
    void receive(incoming, response)
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener)
  // Under TLS this is the TCP socket below the TLS one: only it can be reset.
  server.on('connection', (socket) => {
    const { remotePort = 0 } = socket
    connections += 1
    sockets.set(remotePort, socket)
    socket.once('close', () => sockets.delete(remotePort))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: boundPort } = server.address() as AddressInfo

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${boundPort}`,
    get connections() {
      return connections
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      for (const socket of sockets.values()) socket.destroy()
      await closed
    },
  }
}
