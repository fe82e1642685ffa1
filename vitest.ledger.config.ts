import { defineConfig } from 'vitest/config'

/** The long proofs of the ledger, one after the other: each uses both cores for itself. */
export default defineConfig({
  test: {
    include: ['test/ledger/long/**/*.proof.ts'],
    testTimeout: 40 * 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
})
