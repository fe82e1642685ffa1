import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'

export type Tls = { key: string; cert: string }

/** What a mock counted since it was asked last. */
export type Counts = {
  requests: number
  /** Requests that were not as the real server demands them. */
  refused: number
  connections: number
  /** Milliseconds from a request's arrival to its answer's end, in the order of arrival. */
  handlingMs: number[]
  /** Places, among all requests, of those that arrived while no other was open: a new wait each. */
  waitsAt: number[]
  /** Milliseconds of each such wait until no request was open any more. */
  waitedMs: number[]
}

type Command = { id: number; name: string; argument: unknown }
type Outcome = { id: number; result: unknown; error?: string }
type Commands = Record<string, (argument: never) => unknown>

/** A server in a process of its own; `ask` runs one of its commands. */
export type Mock = {
  url: string
  ask<Result>(name: string, argument?: unknown): Promise<Result>
  stop(): void
}

/** In the parent: starts `file` and waits until it listens. */
export async function startMock(file: URL, options: object): Promise<Mock> {
  const child = fork(file, [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (outcome: Outcome) => void>()
  const [{ url }] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${file.pathname} did not start`))),
  ])) as [{ url: string }]
  child.on('message', (outcome: Outcome) => {
    waiting.get(outcome.id)?.(outcome)
    waiting.delete(outcome.id)
  })
  let last = 0
  return {
    url,
    async ask<Result>(name: string, argument?: unknown) {
      const id = ++last
      const answered = new Promise<Outcome>((resolve) => waiting.set(id, resolve))
      child.send({ id, name, argument } satisfies Command)
      const { result, error } = await answered
      if (error !== undefined) throw new Error(`${name}: ${error}`)
      return result as Result
    },
    stop: () => void child.kill(),
  }
}

/** Whatever the parent has passed to `startMock`. */
// oxlint-disable-next-line typescript/no-explicit-any -- each mock names the type of its own options
export function optionsOfMock(): any {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** In the mock: tells the parent where it listens, and runs the parent's commands. */
export function serveCommands(url: string, commands: Commands): void {
  process.on('message', async ({ id, name, argument }: Command) => {
    const outcome: Outcome = { id, result: undefined }
    try {
      outcome.result = await commands[name]?.(argument as never)
    } catch (error) {
      outcome.error = String(error)
    }
    process.send?.(outcome)
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** An https server that counts. `delayMs` holds every request for so long before it is handled. */
export async function startCountingServer(
  tls: Tls | undefined,
  answer: (...request: Parameters<RequestListener>) => void,
) {
  const settings = { delayMs: 0 }
  const none = { requests: 0, refused: 0, connections: 0 }
  const counting = { ...none }
  let handlingMs: number[] = []
  let waitsAt: number[] = []
  let waitedMs: number[] = []
  let waitingSince = 0
  let open = 0

  const listener: RequestListener = (request, response) => {
    const arrivedAt = performance.now()
    const place = handlingMs.push(0) - 1
    const times = handlingMs
    counting.requests += 1
    if (open === 0) {
      waitsAt.push(place)
      waitingSince = arrivedAt
    }
    open += 1
    let ended = false
    const end = () => {
      if (ended) return
      ended = true
      open -= 1
      if (open === 0) waitedMs.push(performance.now() - waitingSince)
      times[place] = performance.now() - arrivedAt
      if (response.statusCode === 400) counting.refused += 1
    }
    // Before the bytes go out: by `finish` the client may have sent its next request already.
    const send = response.end.bind(response) as (...parts: unknown[]) => typeof response
    response.end = (...parts: unknown[]) => {
      end()
      return send(...parts)
    }
    response.once('close', end)
    if (settings.delayMs === 0) answer(request, response)
    else setTimeout(() => answer(request, response), settings.delayMs)
  }
  const server = tls ? https.createServer(tls, listener) : createServer(listener)
  server.keepAliveTimeout = 60_000
  server.on('connection', () => (counting.connections += 1))
  const port = await listen(server)
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    commands: {
      delay: (delayMs: number) => {
        settings.delayMs = delayMs
      },
      counts: (): Counts => {
        const counts = { ...counting, handlingMs, waitsAt, waitedMs }
        Object.assign(counting, none)
        handlingMs = []
        waitsAt = []
        waitedMs = []
        return counts
      },
    },
  }
}
