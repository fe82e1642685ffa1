import type { Item, Key, Table } from './dynamo-table.ts'

/**
 * An item that one attempt must hold alone before it may ask a provider:
 * an idempotency key, or a caller's question about a person.
 *
 * `phase` is `reserved` (nothing was sent), `sent`, or `done` (an idempotency key with its reply);
 * without one nobody holds it. `reserved` past its lease is free. `sent` past its lease means that
 * its holder died and nobody knows the outcome: it is never executed again under the same key.
 */
export type Claim = {
  key: Key
  /** Of the pepper behind the fingerprint in `key`. */
  keyId: string
  /** Fingerprint of the whole request, for an idempotency key only. */
  request?: string
  keptSeconds: number
}

export type Attempt = {
  /** Owner of all that this attempt writes. */
  id: string
  /** Epoch milliseconds at which its function is certainly over. */
  leaseUntil: number
  /** May it run where an earlier outcome is unknown? */
  anew: boolean
  /** Answers from before this epoch millisecond are not reused. */
  reuseSince: number
}

// The holder's own condition comes from the SDK's retry of a lost reply: it must not meet itself.
// `holder <> :me` keeps a late copy of a reservation from reopening what its attempt has finished.
const FREE = [
  '(attribute_not_exists(phase) AND (attribute_not_exists(holder) OR holder <> :me))',
  '(phase = :reserved AND (holder = :me OR leaseUntil < :now))',
  'expiresAt < :nowSeconds',
]
const ABANDONED = '(phase = :sent AND leaseUntil < :now)'
const NOT_ANSWERED = '(attribute_not_exists(answeredAt) OR answeredAt < :reuseSince)'

/** @returns whether the attempt now holds the claim */
function reserve(table: Table, claim: Claim, attempt: Attempt, now: number) {
  const { request } = claim
  const isPerson = request === undefined
  const free = isPerson && attempt.anew ? [...FREE, ABANDONED] : FREE
  return table.update(claim.key, {
    update:
      'SET phase = :reserved, holder = :me, leaseUntil = :lease, expiresAt = :expires, keyId = :keyId' +
      (isPerson ? '' : ', request = :request REMOVE reply'),
    condition: `(${free.join(' OR ')})${isPerson ? ` AND ${NOT_ANSWERED}` : ''}`,
    values: {
      ':reserved': 'reserved',
      ':me': attempt.id,
      ':lease': attempt.leaseUntil,
      ':now': now,
      ':nowSeconds': Math.floor(now / 1000),
      ':expires': Math.floor(now / 1000) + claim.keptSeconds,
      ':keyId': claim.keyId,
      ...(isPerson ? { ':reuseSince': attempt.reuseSince } : { ':request': request }),
      ...(isPerson && attempt.anew ? { ':sent': 'sent' } : {}),
    },
  })
}

/** Written before the first byte goes out. @returns whether the attempt still held the claim */
export function markSent(table: Table, claim: Claim, attempt: Attempt) {
  return table.update(claim.key, {
    update: 'SET phase = :sent',
    condition: 'holder = :me AND (phase = :reserved OR phase = :sent)',
    values: { ':me': attempt.id, ':reserved': 'reserved', ':sent': 'sent' },
  })
}

/** Gives the claim back as it was found: an idempotency key unused, an earlier answer in place. */
export function release(table: Table, claim: Claim, attempt: Attempt) {
  const mine = { condition: 'holder = :me', values: { ':me': attempt.id } }
  return claim.request === undefined
    ? table.update(claim.key, { update: 'REMOVE phase, holder', ...mine })
    : table.remove(claim.key, mine)
}

/** Ends the attempt with the outcome unknown, without waiting for its lease to run out. */
export function abandon(table: Table, claim: Claim, attempt: Attempt) {
  return table.update(claim.key, {
    update: 'SET leaseUntil = :past',
    condition: 'holder = :me AND phase = :sent',
    values: { ':me': attempt.id, ':sent': 'sent', ':past': 0 },
  })
}

/** Keeps the reply under its idempotency key. */
export function keepReply(table: Table, claim: Claim, attempt: Attempt, reply: string) {
  return table.update(claim.key, {
    update: 'SET phase = :done, reply = :reply',
    condition: 'holder = :me',
    values: { ':me': attempt.id, ':done': 'done', ':reply': reply },
  })
}

/** Keeps a verdict for whoever asks the same of this person again. */
export function keepAnswer(
  table: Table,
  claim: Claim,
  attempt: Attempt,
  answer: string,
  answeredAt: number,
) {
  return table.update(claim.key, {
    update: 'SET answer = :answer, answeredAt = :at, expiresAt = :expires REMOVE phase',
    condition: 'holder = :me AND phase = :sent',
    values: {
      ':me': attempt.id,
      ':sent': 'sent',
      ':answer': answer,
      ':at': answeredAt,
      ':expires': Math.floor(answeredAt / 1000) + claim.keptSeconds,
    },
  })
}

/** What an attempt finds a claim to be. `free`: it was given back meanwhile, so try again. */
export type Standing =
  | { standing: 'held' | 'free' | 'running' | 'unknown' | 'reused_key' }
  | { standing: 'replied'; reply: string }
  | { standing: 'answered'; answer: string }

/** Holds the claim if it can be held, and tells how it stands. */
export async function hold(table: Table, claim: Claim, attempt: Attempt): Promise<Standing> {
  const now = Date.now()
  if (await reserve(table, claim, attempt, now)) return { standing: 'held' }
  return standingOfItem(await table.get(claim.key), claim, attempt, now)
}

function standingOfItem(
  item: Item | undefined,
  claim: Claim,
  attempt: Attempt,
  now: number,
): Standing {
  if (!item || Number(item['expiresAt']) < Math.floor(now / 1000)) return { standing: 'free' }
  const { phase, reply, answer, answeredAt, leaseUntil, request } = item
  if (claim.request !== undefined) {
    if (request !== claim.request) return { standing: 'reused_key' }
    if (phase === 'done') return { standing: 'replied', reply: String(reply) }
  } else if (answer !== undefined && Number(answeredAt) >= attempt.reuseSince) {
    return { standing: 'answered', answer: String(answer) }
  }
  if (phase === undefined) return { standing: 'free' }
  if (Number(leaseUntil) >= now) return { standing: 'running' }
  if (phase === 'reserved') return { standing: 'free' }
  return { standing: claim.request === undefined && attempt.anew ? 'free' : 'unknown' }
}
