import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One request to the store, as it stands on the wire. */
export type StoreRequest = {
  operation: string
  /** Partition key of the item, or of the partition that is queried. */
  key: string
  /** What is done to it. */
  expression: string
  /** Sends it (again) to the store, whatever becomes of the answer. */
  apply: () => Promise<object>
}

/** `lost`: applied, and the connection breaks before the answer. */
export type Fault = 'refused' | 'throttled' | 'lost'

const THROTTLED = 'com.amazonaws.dynamodb.v20120810#ThrottlingException'

/** Stands before DynamoDB, and lets a test choose which request meets which fault. */
export async function startStoreProxy(
  storeUrl: string,
  choose: (request: StoreRequest) => Fault | undefined,
) {
  const requests: StoreRequest[] = []
  const receive = async (incoming: http.IncomingMessage, response: http.ServerResponse) => {
    const { headers, socket } = incoming
    const body = await buffer(incoming)
    const apply = () => forward(storeUrl, headers, body)
    const request = { ...readRequest(String(headers['x-amz-target']), body), apply }
    requests.push(request)
    const fault = choose(request)
    const answer =
      fault === undefined || fault === 'lost'
        ? await apply()
        : { status: 400, body: JSON.stringify({ __type: THROTTLED }) }
    if (fault === undefined || fault === 'throttled') {
      response
        .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(answer.body)
    } else socket.destroy()
  }
  const server = http.createServer((incoming, response) => void receive(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function readRequest(target: string, body: Buffer) {
  const { Key, UpdateExpression = '', ExpressionAttributeValues } = JSON.parse(body.toString())
  return {
    operation: target.split('.').at(-1) ?? '',
    key: String(Key?.pk?.S ?? ExpressionAttributeValues?.[':value']?.S),
    expression: String(UpdateExpression),
  }
}

async function forward(url: string, headers: http.IncomingHttpHeaders, body: Buffer) {
  const { host: _, 'content-length': _length, connection: _connection, ...rest } = headers
  const answer = await fetch(url, {
    method: 'POST',
    headers: Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
    body: new Uint8Array(body),
  })
  return { status: answer.status, body: await answer.text() }
}
