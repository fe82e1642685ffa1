import type { Context } from 'aws-lambda'
import { type HttpResponse, httpHandler } from '../../../lib/http/http-handler.ts'
import {
  getUsageEndpoint,
  getVerificationEndpoint,
  listVerificationsEndpoint,
} from '../../../lib/http/record-endpoints.ts'
import { verificationEndpoint } from '../../../lib/http/verification-endpoint.ts'
import type { Table } from '../../../lib/ledger/dynamo-table.ts'
import { type LedgerPerson, verificationLedger } from '../../../lib/ledger/verification-ledger.ts'
import { databao } from '../../../lib/providers/databao/databao-client.ts'
import { juhe } from '../../../lib/providers/juhe/juhe-client.ts'
import {
  type Fields,
  type ParsedRequest,
  parseThreeElementRequest,
  parseTwoElementRequest,
} from '../../../lib/verification/verification-request.ts'
import { memoryTable } from '../../ledger/long/memory-table.ts'
import type { Person } from './body-oracle.ts'

type Handler = (event: unknown, context: Context) => Promise<HttpResponse>
type Parse<Asked> = (fields: Fields) => ParsedRequest<Asked>

const UNLIMITED = 1_000_000_000
const FUNCTION_MS = 20_000

export const tableThatHoldsNothing: Table = {
  get: async () => undefined,
  update: async () => true,
  remove: async () => true,
  query: async () => [],
}

/**
 * The real handlers in this process, between a table in memory and a provider that notes whom it is
 * asked about and finds that all is well.
 *
 * @param changed a validator as another build would have it, for controls
 */
export function inProcessHandlers(
  changed: { parse?: <Asked>(honest: Parse<Asked>) => Parse<Asked> } = {},
) {
  const { parse = (honest) => honest } = changed
  const asked: Person[] = []
  const memory = memoryTable()
  const table: Table = {
    ...tableThatHoldsNothing,
    get: async (key) => memory.get(key),
    update: async (key, write) => memory.update(key, write),
    remove: async (key, write) => memory.remove(key, write),
  }
  const verifyOnce = verificationLedger({
    table,
    peppers: async () => ['invented-pepper-that-keys-nothing-but-tests'],
    limits: {
      cardCalls: UNLIMITED,
      cardMismatches: UNLIMITED,
      idCalls: UNLIMITED,
      providerCalls: UNLIMITED,
      callerCalls: UNLIMITED,
    },
    reuseSeconds: 0,
    pauseSeconds: 0,
    recordDays: 1,
  })
  const ask = async (person: LedgerPerson) => {
    asked.push({ ...person })
    return { verdict: 'match', billable: 'yes' } as const
  }
  const shared = { verifyOnce, ask, requireIdempotencyKey: false }
  const handlers = {
    'three-element': httpHandler(
      verificationEndpoint({
        ...shared,
        route: 'verifyThreeElement',
        operation: databao,
        parse: parse(parseThreeElementRequest),
      }),
    ),
    'two-element': httpHandler(
      verificationEndpoint({
        ...shared,
        route: 'verifyTwoElement',
        operation: juhe,
        parse: parse(parseTwoElementRequest),
      }),
    ),
    getVerification: httpHandler(getVerificationEndpoint(table)),
    listVerifications: httpHandler(listVerificationsEndpoint(table)),
    getUsage: httpHandler(getUsageEndpoint(table)),
  } satisfies Record<string, Handler>
  return {
    handlers,
    /** Whom the provider was asked about since the last time, and an empty table for what follows. */
    takeAsked: (): Person[] => {
      memory.items.clear()
      return asked.splice(0)
    },
  }
}

export const context = {
  functionName: 'bankcard-verify-proof-handler',
  awsRequestId: 'aws-request-id',
  getRemainingTimeInMillis: () => FUNCTION_MS,
} as Context
