import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { type StoreOperation, startStoreGate } from './store-proxy.ts'

/** The steps of one verification that is not a replay, in their order. */
export const storeSteps = ['hold', 'take', 'mark', 'save'] as const
export const providerSteps = ['send', 'answer'] as const
export type StoreStep = (typeof storeSteps)[number]
export type Step = StoreStep | (typeof providerSteps)[number]
/** How many operations of the table each step has. */
export type StepSizes = Record<StoreStep, number>

/**
 * Where the process is stopped. `before`: the step is not complete, though any part of it may have
 * taken effect. `after`: it has taken effect, and not all of its replies have come back.
 */
export type Stop = { step: Step; point: 'before' | 'after'; random: () => number }

const COUNTERS = ['card#', 'id#', 'provider-day#', 'caller-day#']

function stepBeforeProvider({ Key, UpdateExpression = '' }: StoreOperation): StoreStep {
  if (COUNTERS.some((prefix) => Key?.pk?.S?.startsWith(prefix))) return 'take'
  return UpdateExpression.startsWith('SET phase = :reserved') ? 'hold' : 'mark'
}

/**
 * Stands between one process and its table and provider. It lets everything through up to the stop,
 * does there what the stop says, and nothing from then on: `stopped` tells that it is time to kill.
 */
export async function startKillGate(options: {
  store: string
  provider: string
  /** `size`: how many operations of the table the step has. */
  stop?: Stop & { size: number }
  /** For the negative control: operations that are answered and not applied. */
  drop?: (operation: StoreOperation) => boolean
}) {
  const { stop, drop } = options
  const { promise: stopped, resolve: reached } = Promise.withResolvers<void>()
  const sizes: StepSizes = { hold: 0, take: 0, mark: 0, save: 0 }
  const order = [...storeSteps.slice(0, 3), ...providerSteps, 'save']
  const isPast = (step: Step) =>
    stop !== undefined && order.indexOf(step) > order.indexOf(stop.step)
  let providerAsked = false

  const scope = stop && scopeOf(stop, stop.size)
  let waiting = scope?.size ?? 0
  const store = await startStoreGate(options.store, async (operation, apply) => {
    const step = providerAsked ? 'save' : stepBeforeProvider(operation)
    const place = sizes[step]++
    if (isPast(step)) return undefined
    const applied = drop?.(operation)
      ? () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{}') })
      : () => apply(operation)
    if (step !== stop?.step || !scope) return applied()
    const reply = scope.applied.has(place) ? await applied() : undefined
    waiting -= 1
    if (waiting === 0) reached()
    return scope.replied.has(place) ? reply : undefined
  })

  const sockets = new Set<Socket>()
  const provider = createServer((client) => {
    // Not yet when it connects: that is done ahead of the first request.
    client.once('data', () => {
      providerAsked = true
    })
    const server = connect(Number(new URL(options.provider).port), '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        client.destroy()
        server.destroy()
      })
    }
    carry(client, server, cutOf('send', stop), isPast('send'), reached)
    carry(server, client, cutOf('answer', stop), isPast('answer') && !isSent(stop), reached)
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')

  return {
    sizes,
    stopped,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: store.url,
      DATABAO_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    },
    async close() {
      const closed = once(provider, 'close')
      provider.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all([closed, store.close()])
    },
  }
}

/** Which of a step's operations take effect, and which of those are answered. */
function scopeOf({ point, random }: Stop, size: number) {
  const places = Array.from({ length: size }, (_, place) => ({ place, by: random() }))
  const shuffled = places.sort((one, other) => one.by - other.by).map(({ place }) => place)
  const applied = point === 'after' ? size : Math.floor(random() * size)
  const replied = Math.floor(random() * Math.min(applied + 1, size))
  return {
    size,
    applied: new Set(shuffled.slice(0, applied)),
    replied: new Set(shuffled.slice(0, replied)),
  }
}

/** Of a message that stops here, how much is passed on before the process is killed. */
type Cut = { share: number; delayMs: number }

const isSent = (stop: Stop | undefined) => stop?.step === 'send' && stop.point === 'after'

function cutOf(step: Step, stop: Stop | undefined): Cut | undefined {
  const delayMs = stop ? stop.random() * 20 : 0
  // A request was certainly taken once its answer is here, of which nothing is passed on.
  if (isSent(stop)) return step === 'answer' ? { share: 0, delayMs } : undefined
  if (step !== stop?.step) return undefined
  return { share: stop.point === 'after' ? 1 : stop.random(), delayMs }
}

/** Passes on one HTTP message once it is whole, or the share of it that a cut says. */
function carry(
  from: Socket,
  to: Socket,
  cut: Cut | undefined,
  nothing: boolean,
  reached: () => void,
) {
  const chunks: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const message = Buffer.concat(chunks)
    if (nothing || !isWhole(message)) return
    to.write(message.subarray(0, Math.floor((cut?.share ?? 1) * message.length)))
    if (cut) void sleep(cut.delayMs).then(reached)
  })
}

function isWhole(message: Buffer): boolean {
  const text = message.toString('latin1')
  const head = text.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  return head >= 0 && message.length >= head + 4 + Number(length ?? 0)
}
