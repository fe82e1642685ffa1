import { defineConfig } from 'vitest/config'

/** Variable that holds the patterns of the tests to run, in JSON. */
export const TESTS = 'MUTATION_TESTS'

/** The fast tests, as Stryker runs those of an area against each mutant. */
export default defineConfig({
  test: {
    include: JSON.parse(process.env[TESTS] ?? '["test/**/*.test.ts"]'),
    testTimeout: 20_000,
    setupFiles: ['test/proof/mutation/quick-store.ts'],
  },
})
