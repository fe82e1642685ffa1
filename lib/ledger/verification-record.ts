import type { Item, Key, Table } from './dynamo-table.ts'

/**
 * What is kept of one paid call: who asked which provider, when, and what came of it. Written
 * before the call, so that one whose outcome was lost can be found. Never the person's data.
 */
export type VerificationRecord = {
  /** UUIDv7 of the attempt, and of the verification that came of it. */
  id: string
  caller: string
  provider: string
  reference: string | undefined
  /** Fingerprint of the card under the current pepper, and that pepper's key id. */
  subject: string
  keyId: string
  /** Epoch milliseconds. */
  askedAt: number
  keptDays: number
}

const DAY_SECONDS = 86_400
const REFERENCE_INDEX = 'byReference'

const keyOf = (id: string): Key => ({ pk: `verification#${id}`, sk: id })

export function recordSent(table: Table, record: VerificationRecord, answer?: string) {
  const { id, caller, provider, reference, subject, keyId, askedAt } = record
  return table.update(keyOf(id), {
    update:
      'SET caller = :caller, provider = :provider, askedAt = :askedAt, subject = :subject, keyId = :keyId, expiresAt = :expires' +
      (reference === undefined ? '' : ', callerReference = :callerReference') +
      (answer === undefined ? '' : ', answer = :answer'),
    values: {
      ':caller': caller,
      ':provider': provider,
      ':askedAt': askedAt,
      ':subject': subject,
      ':keyId': keyId,
      ':expires': Math.floor(askedAt / 1000) + record.keptDays * DAY_SECONDS,
      ...(reference === undefined
        ? {}
        : { ':callerReference': referencePartition(caller, reference) }),
      ...(answer === undefined ? {} : { ':answer': answer }),
    },
  })
}

export function recordAnswer(table: Table, id: string, answer: string) {
  return table.update(keyOf(id), {
    update: 'SET answer = :answer',
    condition: 'attribute_exists(pk)',
    values: { ':answer': answer },
  })
}

/** What is known of a call that ended in a problem, for the operator's eyes. */
export function recordProblem(
  table: Table,
  id: string,
  problem: {
    code: string
    billable: string
    fate: string
    providerReference: string | undefined
  },
) {
  const { code, billable, fate, providerReference } = problem
  return table.update(keyOf(id), {
    update:
      'SET problem = :problem, billable = :billable, fate = :fate' +
      (providerReference === undefined ? '' : ', providerReference = :reference'),
    condition: 'attribute_exists(pk)',
    values: {
      ':problem': code,
      ':billable': billable,
      ':fate': fate,
      ...(providerReference === undefined ? {} : { ':reference': providerReference }),
    },
  })
}

/** The recorded answer in JSON, for the caller that got it and nobody else. */
export async function findAnswer(
  table: Table,
  caller: string,
  id: string,
  now: number,
): Promise<string | undefined> {
  const item = await table.get(keyOf(id))
  return item?.['caller'] === caller ? answerOf(item, now) : undefined
}

/** A caller's recorded answers with this reference, newest first; `next` where there may be more. */
export async function listAnswers(
  table: Table,
  query: { caller: string; reference: string; limit: number; after: string | undefined },
  now: number,
): Promise<{ answers: string[]; next: string | undefined }> {
  const { caller, reference, limit, after } = query
  const partition = referencePartition(caller, reference)
  const items = await table.query({
    index: REFERENCE_INDEX,
    partition: ['callerReference', partition],
    newestFirst: true,
    limit,
    ...(after === undefined ? {} : { after: { ...keyOf(after), callerReference: partition } }),
  })
  const last = items.length < limit ? undefined : items.at(-1)
  return {
    answers: items.flatMap((item) => answerOf(item, now) ?? []),
    next: last && String(last['sk']),
  }
}

function answerOf(item: Item, now: number): string | undefined {
  const { answer, expiresAt } = item
  return answer === undefined || Number(expiresAt) * 1000 < now ? undefined : String(answer)
}

// Callers cannot meet in one partition: a reference has no `#`.
function referencePartition(caller: string, reference: string): string {
  return `${caller}#${reference}`
}
