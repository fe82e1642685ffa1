import { globSync } from 'node:fs'
import { ROOT } from '../../docs/documents.ts'

/** What is mutated together, and the fast tests that have to notice. */
export type Area = { mutate: readonly string[]; tests: readonly string[]; goalPercent: number }

/** Of all areas together; some have to do better. */
export const GOAL_PERCENT = 90
const STRICT_PERCENT = 95

export const areas = {
  cipher: {
    mutate: ['lib/providers/juhe/juhe-cipher.ts'],
    tests: ['test/providers/juhe/juhe-cipher.test.ts'],
    goalPercent: STRICT_PERCENT,
  },
  codes: {
    mutate: [
      'lib/providers/*/*-codes.ts',
      'lib/providers/*/*-wire.ts',
      'lib/providers/read-answer.ts',
    ],
    tests: ['test/providers/databao/*.test.ts', 'test/providers/juhe/juhe-{wire,borders}.test.ts'],
    goalPercent: STRICT_PERCENT,
  },
  masking: {
    mutate: ['lib/telemetry/log.ts', 'lib/errors/app-error.ts', 'lib/errors/problem.ts'],
    tests: ['test/telemetry/*.test.ts', 'test/errors/*.test.ts'],
    goalPercent: STRICT_PERCENT,
  },
  validators: {
    // Of bin-table.ts, which is generated, every line is compared by test/verification/issuer.test.ts.
    mutate: ['lib/verification/*.ts', '!lib/verification/bin-table.ts'],
    tests: ['test/verification/*.test.ts'],
    goalPercent: STRICT_PERCENT,
  },
  ledger: {
    mutate: ['lib/ledger/*.ts'],
    // Without concurrency.test.ts, which takes half a minute for each mutant that it meets.
    tests: ['test/ledger/!(concurrency).test.ts'],
    goalPercent: STRICT_PERCENT,
  },
  http: {
    mutate: ['lib/http/*.ts', 'lib/errors/problem-catalog.ts', 'lib/telemetry/metrics.ts'],
    tests: ['test/http/*.test.ts', 'test/errors/*.test.ts', 'test/telemetry/*.test.ts'],
    goalPercent: GOAL_PERCENT,
  },
  calls: {
    mutate: [
      'lib/providers/{post-form,provider-client,circuit-breaker}.ts',
      'lib/providers/*/*-client.ts',
    ],
    tests: [
      'test/providers/*.test.ts',
      'test/providers/*/*-wire.test.ts',
      'test/http/verification-function.test.ts',
    ],
    goalPercent: GOAL_PERCENT,
  },
  surroundings: {
    mutate: ['lib/aws/*.ts', 'lib/config/*.ts', 'lib/net/*.ts'],
    tests: ['test/aws/*.test.ts', 'test/config/*.test.ts', 'test/net/*.test.ts'],
    goalPercent: GOAL_PERCENT,
  },
} satisfies Record<string, Area>

/** The files that these patterns name, in order; a `!` before a pattern leaves out what it names. */
export function filesOf(patterns: readonly string[]): string[] {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((it) => it.slice(1))
  const included = patterns.filter((pattern) => !pattern.startsWith('!'))
  return globSync(included, { cwd: ROOT, exclude: excluded }).sort()
}

export type AreaName = keyof typeof areas
export const areaNames = Object.keys(areas) as AreaName[]
