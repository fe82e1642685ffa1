import https from 'node:https'
import { duplexPair } from 'node:stream'

/** Whatever is asked over it is answered with this body, and no byte of it leaves the process. */
export function inMemoryAgent(body: string): https.Agent {
  const reply = `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const agent = new https.Agent()
  agent.createConnection = () => {
    const [near, far] = duplexPair()
    far.once('data', () => far.end(reply))
    return near
  }
  return agent
}
