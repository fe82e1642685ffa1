import { open, readFile, rm } from 'node:fs/promises'
import { CommandFailure, exitCodes, systemCode } from './command-line.ts'

/**
 * Lets one process at a time in. A lock that a killed process left behind is taken over.
 *
 * @returns what takes the lock away again
 * @throws CommandFailure while another process holds it
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  try {
    await createLock(file)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') {
      throw new CommandFailure(
        exitCodes.cannotCreate,
        `No file can be created beside the output (${systemCode(error)}).`,
      )
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    if (isRunning(holder)) {
      throw new CommandFailure(
        exitCodes.cannotCreate,
        `Process ${holder} is working on this output already.`,
      )
    }
    await rm(file, { force: true })
    await createLock(file)
  }
  return () => rm(file, { force: true })
}

async function createLock(file: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  await handle.writeFile(String(process.pid))
  await handle.close()
}

function isRunning(pid: number): boolean {
  // One with our own number is gone, or we would not have it.
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
