import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One operation as it stands on the wire. */
export type StoreOperation = {
  Key?: { pk?: { S?: string } }
  UpdateExpression?: string
  ConditionExpression?: string
}
export type StoreReply = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** What another store would do with the operation: apply this one, or `undefined` for nothing. */
export type Spoil = (operation: StoreOperation) => StoreOperation | undefined

/** A condition that always holds, and still uses every value. */
export const withoutCondition = (operation: StoreOperation): StoreOperation => ({
  ...operation,
  ConditionExpression: `(${operation.ConditionExpression}) OR attribute_exists(pk) OR attribute_not_exists(pk)`,
})

/** A store that has forgotten what it promises, for negative controls. */
export function startStoreProxy(target: string, spoil: Spoil) {
  return startStoreGate(target, async (operation, apply) => {
    const spoilt = spoil(operation)
    return spoilt === undefined ? nothingDone : apply(spoilt)
  })
}

const nothingDone: StoreReply = { status: 200, headers: {}, body: Buffer.from('{}') }

/** `through` decides what becomes of each operation; with no reply its connection stays open. */
export async function startStoreGate(
  target: string,
  through: (
    operation: StoreOperation,
    apply: (operation: StoreOperation) => Promise<StoreReply>,
  ) => Promise<StoreReply | undefined>,
) {
  const agent = new http.Agent({ keepAlive: true })
  const server = createServer((incoming, response) => {
    const pass = async () => {
      const received = await buffer(incoming)
      const apply = (operation: StoreOperation) =>
        forward(target, agent, incoming.headers, Buffer.from(JSON.stringify(operation)))
      const reply = await through(JSON.parse(received.toString()), apply)
      if (!reply) return
      const type = { 'content-type': 'application/x-amz-json-1.0' }
      response.writeHead(reply.status, { ...type, 'content-length': reply.body.length })
      response.end(reply.body)
    }
    pass().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

async function forward(
  target: string,
  agent: http.Agent,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<StoreReply> {
  const request = http.request(target, {
    method: 'POST',
    agent,
    headers: { ...headers, host: new URL(target).host, 'content-length': body.length },
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return {
    status: response.statusCode ?? 500,
    headers: response.headers,
    body: await buffer(response),
  }
}
