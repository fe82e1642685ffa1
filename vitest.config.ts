import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:callers` runs these.
    exclude: [...configDefaults.exclude, 'test/{client,cli}/**'],
    testTimeout: 20_000,
    // Most files wait for loopback servers and child processes, so a worker for each core of two
    // pays; vitest's own choice would be one.
    maxWorkers: 2,
  },
})
