import type { FunctionKey } from './expected-grants.ts'

// contract.md §4 and §5, with their defaults; an object is one that CloudFormation resolves.
const table = { LEDGER_TABLE: { Ref: 'LedgerTable' } }
const asking = {
  ...table,
  SECRET_TTL_SECONDS: '300',
  PROVIDER_TIMEOUT_MS: '8000',
  FINGERPRINT_SECRET_ID: { Ref: 'FingerprintSecret' },
  REUSE_SECONDS: '86400',
  CARD_DAILY_CALLS: '4',
  CARD_DAILY_MISMATCHES: '3',
  ID_DAILY_CALLS: '10',
  PROVIDER_DAILY_LIMIT: '10000',
  CALLER_DAILY_LIMIT: '10000',
  PAUSE_SECONDS: '600',
  REQUIRE_IDEMPOTENCY_KEY: 'false',
  RECORD_DAYS: '180',
}

/** Every variable of each function, and no other: a function gets only its own. */
export const expectedSettings: Record<FunctionKey, Record<string, unknown>> = {
  verifyThreeElement: {
    ...asking,
    DATABAO_BASE_URL: 'https://yhkr.market.alicloudapi.com',
    DATABAO_SECRET_ID: 'bankcard-verify/STAGE/databao',
  },
  verifyTwoElement: {
    ...asking,
    JUHE_BASE_URL: 'https://v.juhe.cn',
    JUHE_CHANNEL: 'encrypted',
    JUHE_SECRET_ID: 'bankcard-verify/STAGE/juhe',
  },
  getVerification: table,
  listVerifications: table,
  getUsage: table,
}
