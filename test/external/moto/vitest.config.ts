import { defineConfig } from 'vitest/config'
import { motoProgram } from './moto-server.ts'

/**
 * The packaged functions against moto in place of AWS. What moto is no witness for: its
 * CloudFormation skips API Gateway v2, secrets, alarms and TTL, and its Lambda runs no code, so the
 * table and the secrets are made by API calls and the functions run in processes of our own.
 */
const isInstalled = motoProgram() !== undefined
if (!isInstalled) {
  console.log('skipped: moto is not installed here (node test/external/run.ts installs it).')
}

export default defineConfig({
  test: {
    include: isInstalled ? ['test/external/**/*.check.ts'] : [],
    passWithNoTests: !isInstalled,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
