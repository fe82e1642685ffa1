import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findChromium, installChromium } from './chromium.ts'

// The reference page in a real browser.
const found = findChromium()
const chromium = found ? { path: found } : await installChromium()
if ('skipped' in chromium) {
  console.log(`SKIPPED, the reference page was not opened: ${chromium.skipped}`)
} else {
  const { resolve } = createRequire(import.meta.url)
  const vitest = path.join(path.dirname(resolve('vitest/package.json')), 'vitest.mjs')
  const config = path.join(import.meta.dirname, 'vitest.config.ts')
  const child = spawn(process.execPath, [vitest, 'run', '--config', config], {
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM_PATH: chromium.path },
  })
  const [exitCode] = await once(child, 'exit')
  process.exitCode = exitCode ?? 1
}
