import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../../lib/http/record-endpoints.ts'
import type { Item } from '../../../lib/ledger/dynamo-table.ts'
import { usageCounters } from '../../../lib/ledger/usage.ts'
import type { VerifyOnce } from '../../../lib/ledger/verification-ledger.ts'
import { databao } from '../../../lib/providers/databao/databao-client.ts'
import { reusedVerification, verificationOf } from '../../../lib/verification/verification.ts'
import { parseThreeElementRequest } from '../../../lib/verification/verification-request.ts'
import type { Json } from '../json-schema.ts'
import { type Asking, isAsking, type OperationId } from '../problem-codes.ts'
import type { Words } from '../words.ts'
import { bodyOf, tableOf, throughEndpoint } from './acted-endpoints.ts'
import { verdictIn } from './provider-answers.ts'
import { type Examples, requestExamples } from './request-examples.ts'
import { sample, sampleBody } from './sample.ts'

const { id, earlierId, caller, verifiedAt, reference } = sample

/** What an operation answers with 200, made by its endpoint. */
export async function answerExamples(operation: OperationId, words: Words): Promise<Examples> {
  return isAsking(operation) ? verdicts(operation, words) : reads[operation](words)
}

/** A three-element match, as the table holds it. */
function record(recordId: string): Item {
  const parsed = parseThreeElementRequest(sampleBody('verifyThreeElement', 'match'))
  const answer = verdictIn('verifyThreeElement', 'match')
  if (!answer || 'errors' in parsed) throw new Error('the sample is no match')
  const verification = verificationOf(databao, parsed.request, answer, recordId, verifiedAt)
  const expiresAt = Number.MAX_SAFE_INTEGER
  return { sk: recordId, caller, answer: JSON.stringify(verification), expiresAt }
}

async function verdicts(operation: Asking, words: Words): Promise<Examples> {
  const examples: Examples = {}
  for (const [scenario, { summary }] of Object.entries(requestExamples(operation, words))) {
    if (!verdictIn(operation, scenario)) continue
    examples[scenario] = { summary, value: await verified(operation, scenario) }
  }
  const reused = await verified(operation, 'match', true)
  const summary = words.name('an earlier answer, reused', '复用先前的应答')
  return { ...examples, reused: { summary, value: reused } }
}

const reads = {
  async getVerification({ name }: Words): Promise<Examples> {
    const value = await bodyOf(getVerificationEndpoint(tableOf([record(id)])), {
      pathParameters: new Map([['id', id]]),
    })
    return { recorded: { summary: name('a recorded answer', '一条已记录的应答'), value } }
  },

  async listVerifications({ name }: Words): Promise<Examples> {
    const records = [record(id), record(earlierId)]
    const value = await bodyOf(listVerificationsEndpoint(tableOf(records)), {
      query: new Map(Object.entries({ reference, limit: String(records.length) })),
    })
    return { page: { summary: name('a page with another behind it', '后面还有下一页'), value } }
  },

  async getUsage({ name }: Words): Promise<Examples> {
    const day = '2026-11-22'
    const counts = {
      ...Object.fromEntries(usageCounters.map((name) => [name, 1])),
      asked: 9,
      reached: 6,
      billedYes: 2,
    }
    const line = { sk: `${day}#${databao.provider}#${caller}`, ...counts }
    const value = await bodyOf(getUsageEndpoint(tableOf([line])), {
      query: new Map(Object.entries({ from: day, to: day })),
    })
    return { day: { summary: name('one day', '一天'), value } }
  },
}

function verified(operation: Asking, scenario: string, again = false): Promise<Json> {
  const verifyOnce: VerifyOnce = async ({ operation: asked, request }) => {
    const answer = verdictIn(operation, scenario)
    if (!answer) throw new Error(`${scenario} is no verdict`)
    const verification = verificationOf(asked, request, answer, id, verifiedAt)
    return { verification: again ? reusedVerification(verification, request, id) : verification }
  }
  return throughEndpoint(operation, { verifyOnce }, (endpoint) =>
    bodyOf(endpoint, {
      headers: new Map([['content-type', 'application/json']]),
      body: JSON.stringify(sampleBody(operation, scenario)),
    }),
  )
}
