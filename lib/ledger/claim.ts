import type { Item, Key, Table, Write } from './dynamo-table.ts'

/**
 * An item that one attempt must hold alone before it may ask a provider:
 * an idempotency key, or a caller's question about a person.
 *
 * `phase` is `reserved` (nothing was sent), `sent`, or `done` (an idempotency key with its reply);
 * without one nobody holds it. `reserved` past its lease is free. `sent` past its lease means that
 * its holder died and nobody knows the outcome: it is never executed again under the same key.
 *
 * A question about a person names in `unsettled` whoever sent it without an outcome so far: one that
 * asks anew may take it over, and give it back without having asked.
 */
export type Claim = {
  key: Key
  /** Of the pepper behind the fingerprint in `key`. */
  keyId: string
  /** Fingerprint of the card, by which all that is held about a person can be found and deleted. */
  subject: string
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
  /** An outcome that is unknown since before this epoch millisecond is forgotten. */
  unknownSince: number
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
const SETTLED = '(attribute_not_exists(unsettled) OR sentAt < :unknownSince)'

/** @returns whether the attempt now holds the claim */
function reserve(table: Table, claim: Claim, attempt: Attempt, now: number) {
  const update =
    'SET phase = :reserved, holder = :me, leaseUntil = :lease, expiresAt = :expires, keyId = :keyId, subject = :subject'
  const values = {
    ':reserved': 'reserved',
    ':me': attempt.id,
    ':lease': attempt.leaseUntil,
    ':now': now,
    ':nowSeconds': Math.floor(now / 1000),
    ':expires': Math.floor(now / 1000) + claim.keptSeconds,
    ':keyId': claim.keyId,
    ':subject': claim.subject,
  }
  const { request } = claim
  if (request !== undefined) {
    return table.update(claim.key, {
      update: `${update}, requestPrint = :request REMOVE reply`,
      condition: FREE.join(' OR '),
      values: { ...values, ':request': request },
    })
  }
  const free = `(${[...FREE, ABANDONED].join(' OR ')}) AND ${NOT_ANSWERED}`
  return table.update(claim.key, {
    update: attempt.anew ? update : `${update} REMOVE unsettled`,
    condition: attempt.anew ? free : `${free} AND ${SETTLED}`,
    values: {
      ...values,
      ':sent': 'sent',
      ':reuseSince': attempt.reuseSince,
      ...(attempt.anew ? {} : { ':unknownSince': attempt.unknownSince }),
    },
  })
}

/** Written before the first byte goes out. @returns whether the attempt still held the claim */
export function markSent(table: Table, claim: Claim, attempt: Attempt) {
  const mine = {
    condition: 'holder = :me AND (phase = :reserved OR phase = :sent)',
    values: { ':me': attempt.id, ':reserved': 'reserved', ':sent': 'sent' },
  }
  return claim.request === undefined
    ? table.update(claim.key, {
        ...mine,
        update: 'SET phase = :sent, sentAt = :now ADD unsettled :mine',
        values: { ...mine.values, ':now': Date.now(), ':mine': new Set([attempt.id]) },
      })
    : table.update(claim.key, { ...mine, update: 'SET phase = :sent' })
}

/**
 * Gives the claim back as it was found: an idempotency key unused, an earlier answer or unknown
 * outcome in place. Only while nothing was marked as sent: the same attempt may hold the claim again
 * later, and a late copy of this write must not give it back under the running call.
 */
export function release(table: Table, claim: Claim, attempt: Attempt) {
  return giveBack(table, claim, attempt, {
    condition: 'holder = :me AND phase = :reserved',
    values: { ':me': attempt.id, ':reserved': 'reserved' },
  })
}

/** The same at the end of an attempt that has cost nothing, whether marked as sent or not. */
export function releaseUnspent(table: Table, claim: Claim, attempt: Attempt) {
  return giveBack(table, claim, attempt, {
    condition: 'holder = :me',
    values: { ':me': attempt.id },
  })
}

function giveBack(
  table: Table,
  claim: Claim,
  attempt: Attempt,
  { condition, values }: Required<Pick<Write, 'condition' | 'values'>>,
) {
  return claim.request === undefined
    ? table.update(claim.key, {
        update: 'REMOVE phase, holder DELETE unsettled :mine',
        condition,
        values: { ...values, ':mine': new Set([attempt.id]) },
      })
    : table.remove(claim.key, { condition, values })
}

/** Ends a question about a person with an outcome that serves nobody else. */
export function settle(table: Table, claim: Claim, attempt: Attempt) {
  return table.update(claim.key, {
    // Only its own: what another attempt has left unknown stays so.
    update: 'REMOVE phase, holder DELETE unsettled :mine',
    condition: 'holder = :me',
    values: { ':me': attempt.id, ':mine': new Set([attempt.id]) },
  })
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
    update: 'SET answer = :answer, answeredAt = :at, expiresAt = :expires REMOVE phase, unsettled',
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
  const { phase, reply, answer, answeredAt, leaseUntil, requestPrint, unsettled, sentAt } = item
  const isPerson = claim.request === undefined
  if (isPerson) {
    const serves = answer !== undefined && Number(answeredAt) >= attempt.reuseSince
    if (serves) return { standing: 'answered', answer: String(answer) }
  } else {
    if (requestPrint !== claim.request) return { standing: 'reused_key' }
    if (phase === 'done') return { standing: 'replied', reply: String(reply) }
  }
  if (phase !== undefined && Number(leaseUntil) >= now) return { standing: 'running' }
  const isUnknown = isPerson
    ? !attempt.anew && unsettled !== undefined && Number(sentAt) >= attempt.unknownSince
    : phase === 'sent'
  return { standing: isUnknown ? 'unknown' : 'free' }
}
