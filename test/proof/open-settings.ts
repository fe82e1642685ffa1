import type { Settings } from '../bundle/function-process.ts'

const UNLIMITED = '1000000000'

/** Settings of a function under which no guard and no cap answers in place of what is measured. */
export const openSettings: Settings = {
  CARD_DAILY_CALLS: UNLIMITED,
  CARD_DAILY_MISMATCHES: UNLIMITED,
  ID_DAILY_CALLS: UNLIMITED,
  PROVIDER_DAILY_LIMIT: UNLIMITED,
  CALLER_DAILY_LIMIT: UNLIMITED,
  PAUSE_SECONDS: '0',
}
