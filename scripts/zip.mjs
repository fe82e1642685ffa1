import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
// @ts-expect-error yazl brings no types
import yazl from 'yazl'

// Local time on purpose: DOS time stamps have no zone, so this is the same byte everywhere.
const FIXED_TIME = new Date(1980, 0, 1)

/**
 * The same files always give the same bytes, so a redeploy of unchanged code changes nothing.
 *
 * @param {Record<string, string>} files name in the archive → file to read
 * @returns {Promise<Buffer>}
 */
export async function zipFiles(files) {
  const zip = new yazl.ZipFile()
  for (const [name, file] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    zip.addBuffer(await readFile(file), name, {
      mtime: FIXED_TIME,
      mode: 0o100644,
      forceDosTimestamp: true,
    })
  }
  zip.end()
  return buffer(zip.outputStream)
}
