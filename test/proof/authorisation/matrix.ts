import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import {
  forgedHeaders,
  type Nobody,
  nobodies,
  type Principal,
  principals,
  spoiltContext,
  type Vouched,
} from './callers.ts'
import type { Answered, Door } from './door.ts'
import {
  type Asked,
  MatrixStage,
  type Owner,
  SHARED_REFERENCE,
  UNUSED_ID,
  UNUSED_REFERENCE,
} from './matrix-stage.ts'

export type MatrixSize = {
  callers?: readonly Principal[]
  anonymous?: readonly Nobody[]
  /** How many others try each caller's records. */
  strangers: number
  /** How many contexts are tried that are a caller's no more. */
  spoilt: number
}

export type Matrix = Pick<MatrixStage, 'cells' | 'denied' | 'hitsWhenDenied' | 'wrong'>

/**
 * Every caller at every route, before records of its own, of others, of nobody and such as are gone.
 * What is expected is contract.md §5 and the table of docs/security.md.
 */
export async function runMatrix(door: Door, seed: number, size: MatrixSize): Promise<Matrix> {
  const { callers = principals, anonymous = nobodies, strangers, spoilt } = size
  const stage = new MatrixStage(door, seed)
  await stage.prepare(callers)
  for (const caller of callers) await ownRecords(stage, caller)
  await recordsOfOthers(stage, strangers)
  await nobodyAnywhere(stage, anonymous)
  await spoiltContexts(stage, spoilt)
  await callsUnderWay(stage, callers)
  await callWithoutAnswer(stage)
  await recordsThatAreGone(stage)
  return stage
}

async function ownRecords(stage: MatrixStage, caller: Principal): Promise<void> {
  const { vouched, name } = caller
  const { asked } = stage.ownerLike(caller)
  for (const { fn, key, keyed, plain, id } of asked) {
    const cell = (what: string) => `${name}, its own ${what}, ${fn}`
    const record = await stage.get(vouched, id)
    stage.expect(cell('record'), record.status === 200 && record.body['id'] === id)
    const replay = await stage.verify(vouched, fn, keyed, key)
    stage.expect(cell('key'), replay.replayed && replay.body['id'] === id && replay.hits === 0)
    const reuse = await stage.verify(vouched, fn, plain)
    stage.expect(cell('question'), reuse.body['reused'] === true && reuse.hits === 0)
    const misused = await stage.verify(vouched, fn, plain, key)
    const isRefused = misused.body['code'] === 'idempotency_key_reused' && misused.hits === 0
    stage.expect(cell('key with another question'), isRefused)
  }
  const listed = await stage.listedIds(vouched)
  stage.expect(
    `${name}, its own list`,
    asked.every(({ id }) => listed.includes(id)),
  )
  const { status, body } = await stage.usage(vouched)
  stage.expect(`${name}, usage of all`, status === 200 && Array.isArray(body['usage']))
}

async function recordsOfOthers(stage: MatrixStage, strangers: number): Promise<void> {
  const { owners } = stage
  for (const [place, victim] of owners.entries()) {
    for (let step = 1; step <= Math.min(strangers, owners.length - 1); step++) {
      const stranger = owners[(place + step) % owners.length]!.principal
      for (const asked of victim.asked) await strangerAt(stage, stranger, victim, asked)
    }
  }
  const ownerOf = new Map<string, string>()
  for (const { principal } of owners) {
    const listed = await stage.listedIds(principal.vouched)
    stage.expect(`${principal.name}, list without others`, !listed.some((id) => ownerOf.has(id)))
    for (const id of listed) ownerOf.set(id, principal.name)
  }
}

async function strangerAt(
  stage: MatrixStage,
  { name, vouched }: Principal,
  victim: Owner,
  asked: Asked,
) {
  const { fn, key, keyed, plain, id } = asked
  const cell = (what: string) => `${name} at the ${what} of ${victim.principal.name}, ${fn}`
  const headers = stage.draw.happens(0.5) ? forgedHeaders : {}
  stage.expectDenied(
    cell('record'),
    await stage.get(vouched, id, { headers }),
    stage.nothing.record,
  )
  const from = { reference: UNUSED_REFERENCE, cursor: id }
  stage.expectDenied(
    cell('id as a cursor'),
    await stage.list(vouched, from, { headers }),
    stage.nothing.list,
  )

  // What a stranger asks is a question of its own: paid for, and answered as if nobody had asked.
  const isFresh = ({ status, body, hits, replayed }: Answered) =>
    status === 200 && hits === 1 && !replayed && body['reused'] === false && body['id'] !== id
  const person = stage.draw.happens(0.5) ? keyed : stage.matchingPerson()
  stage.expect(cell('key'), isFresh(await stage.verify(vouched, fn, person, key, { headers })))
  stage.expect(
    cell('question'),
    isFresh(await stage.verify(vouched, fn, plain, undefined, { headers })),
  )
}

type Try = (
  stage: MatrixStage,
  vouched: Vouched,
  asked: Asked,
  options: object,
) => Promise<Answered>

const everyRoute: Record<string, Try> = {
  'a question': (stage, vouched, { fn, plain }, options) =>
    stage.verify(vouched, fn, plain, undefined, options),
  'a key': (stage, vouched, { fn, key, keyed }, options) =>
    stage.verify(vouched, fn, keyed, key, options),
  'a record': (stage, vouched, { id }, options) => stage.get(vouched, id, options),
  'no record': (stage, vouched, _, options) => stage.get(vouched, UNUSED_ID, options),
  'a list': (stage, vouched, _, options) =>
    stage.list(vouched, { reference: SHARED_REFERENCE }, options),
  'a bad list': (stage, vouched, _, options) => stage.list(vouched, { limit: 'all' }, options),
  usage: (stage, vouched, _, options) => stage.usage(vouched, options),
}

/** Whom the gateway does not vouch for is told the same everywhere, and leaves nothing behind. */
async function nobodyAnywhere(stage: MatrixStage, anonymous: readonly Nobody[]): Promise<void> {
  const before = JSON.stringify(await stage.door.simulators.dynamoDb.dump())
  const [owner] = stage.owners
  for (const asked of owner?.asked ?? []) {
    for (const [what, attempt] of Object.entries(everyRoute)) {
      let told: string | undefined
      for (const { name, vouched } of anonymous) {
        for (const payload of ['v2', 'v1'] as const) {
          for (const headers of [{}, forgedHeaders]) {
            const answer = await attempt(stage, vouched, asked, { payload, headers })
            const cell = `${name} (${payload}) at ${what}, ${asked.fn}`
            stage.expect(cell, answer.status === 401 && answer.body['code'] === 'unauthenticated')
            told ??= answer.same
            stage.expectDenied(`${cell}: told the same`, answer, told)
          }
        }
      }
    }
  }
  const after = JSON.stringify(await stage.door.simulators.dynamoDb.dump())
  stage.expect('nobody leaves a trace in the table', after === before)
}

/** A context that is a little off is nobody's, or of somebody who has no such record. */
async function spoiltContexts(stage: MatrixStage, count: number): Promise<void> {
  // Not of roles, whose other sessions are the same caller.
  const victims = stage.owners.filter(({ principal }) =>
    /^(user|subject|root)/.test(principal.name),
  )
  for (let left = victims.length > 0 ? count : 0; left > 0; left--) {
    const { principal, asked } = stage.draw.one(victims)
    const vouched = spoiltContext(stage.draw, principal)
    const answer = await stage.get(vouched, stage.draw.one(asked).id, { headers: forgedHeaders })
    const told = answer.status === 401 ? answer.same : stage.nothing.record
    stage.expectDenied(`a spoilt context of ${principal.name}`, answer, told)
  }
}

/** A call that is still running is waited for by its caller's sessions, and by nobody else. */
async function callsUnderWay(stage: MatrixStage, callers: readonly Principal[]): Promise<void> {
  const [one, session] = callers.filter(({ identity }) => identity === callers[0]?.identity)
  const stranger = callers.find(({ identity }) => identity !== one?.identity)
  if (!one || !session || !stranger) throw new Error('too few callers')
  const { vouched } = one
  for (const key of [undefined, 'under-way']) {
    const person = stage.faultyPerson('slow')
    const ask = (by: Vouched) => stage.verify(by, 'verifyTwoElement', person, key)
    const [own, joined, other] = await Promise.all([
      ask(vouched),
      ask(session.vouched),
      ask(stranger.vouched),
    ])
    const isShared =
      joined.replayed ||
      joined.body['reused'] === true ||
      own.body['reused'] === true ||
      own.replayed
    stage.expect('a running call, asked by another session', joined.status === 200 && isShared)
    const isFresh = other.status === 200 && other.body['reused'] === false && !other.replayed
    stage.expect('a running call, asked by another caller', isFresh)
  }
}

/** What came of a call that ended in a problem is for the operator, not for a caller. */
async function callWithoutAnswer(stage: MatrixStage): Promise<void> {
  const { vouched } = stage.owners[0]!.principal
  await stage.verify(vouched, 'verifyTwoElement', stage.faultyPerson('html'))
  const items = await stage.door.simulators.dynamoDb.dump()
  const id = items.find(({ problem }) => problem)?.['sk']?.S ?? ''
  stage.expect('a call that ended in a problem is recorded', id !== '')
  stage.expectDenied(
    'a call that ended in a problem',
    await stage.get(vouched, id),
    stage.nothing.record,
  )
}

/** A record that was erased or whose time is over reads like none, to its own caller too. */
async function recordsThatAreGone(stage: MatrixStage): Promise<void> {
  const { url, tableName } = stage.door.simulators.dynamoDb
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: url, region: 'local', credentials })
  const itemOf = (id: string) => ({
    TableName: tableName,
    Key: { pk: { S: `verification#${id}` }, sk: { S: id } },
  })
  const ways: Record<string, (id: string) => Promise<unknown>> = {
    erased: (id) => client.send(new DeleteItemCommand(itemOf(id))),
    'past its time': (id) =>
      client.send(
        new UpdateItemCommand({
          ...itemOf(id),
          UpdateExpression: 'SET expiresAt = :past',
          ExpressionAttributeValues: { ':past': { N: '1' } },
        }),
      ),
  }
  for (const { principal, asked } of stage.owners) {
    for (const [place, [way, remove]] of Object.entries(ways).entries()) {
      const { id } = asked[place % asked.length]!
      await remove(id)
      const cell = `${principal.name}, a record ${way}`
      stage.expectDenied(cell, await stage.get(principal.vouched, id), stage.nothing.record)
      const listed = await stage.listedIds(principal.vouched)
      stage.expect(`${cell}, in its list`, !listed.includes(id))
    }
  }
  client.destroy()
}
