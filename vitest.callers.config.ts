import { defineConfig } from 'vitest/config'

/** What callers install, against the local API: apart, so that `npm test` stays within three minutes. */
export default defineConfig({
  test: {
    include: ['test/{client,cli}/**/*.test.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})
