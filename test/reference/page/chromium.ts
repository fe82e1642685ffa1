import { existsSync } from 'node:fs'
import { runTool } from '../../external/run-tool.ts'

const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const PACKAGE = 'chromium-headless-shell'

/** A Chromium of this machine: the one that `CHROMIUM_PATH` names, or Debian's. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH) return existsSync(CHROMIUM_PATH) ? CHROMIUM_PATH : undefined
  return PLACES.find((place) => existsSync(place))
}

/** Installs Debian's where that is possible. @returns its path, or why there is none */
export async function installChromium(): Promise<{ path: string } | { skipped: string }> {
  if (process.env['CHROMIUM_PATH']) return { skipped: 'CHROMIUM_PATH names no file.' }
  if (process.getuid?.() !== 0) return { skipped: `no Chromium here: install ${PACKAGE}.` }
  const update = await runTool('apt-get', ['update', '--quiet'])
  const install = ['install', '--quiet', '--yes', '--no-install-recommends', PACKAGE]
  const { lastLine } = update.exitCode === 0 ? await runTool('apt-get', install) : update
  const path = findChromium()
  return path ? { path } : { skipped: `no Chromium here, and apt-get gives none (${lastLine}).` }
}
