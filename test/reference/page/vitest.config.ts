import path from 'node:path'
import { defineConfig } from 'vitest/config'

/** In a real Chromium, against the local API: `npm run check:page`. */
export default defineConfig({
  root: path.resolve(import.meta.dirname, '../../..'),
  test: {
    include: ['test/reference/page/**/*.check.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
