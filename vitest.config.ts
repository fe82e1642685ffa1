import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // Most files wait for loopback servers and child processes, so a worker for each core of two
    // pays; vitest's own choice would be one.
    maxWorkers: 2,
  },
})
