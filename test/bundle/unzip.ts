import { inflateRawSync } from 'node:zlib'

const END = Buffer.from('PK\x05\x06', 'latin1')
const STORED = 0

/** The files of a small zip (no zip64, nothing encrypted), by name. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(END)
  const count = zip.readUInt16LE(end + 10)
  let entry = zip.readUInt32LE(end + 16)
  const files = new Map<string, Buffer>()
  for (let left = count; left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      zip.readUInt16LE(entry + field),
    ) as [number, number, number]
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength)
    const header = zip.readUInt32LE(entry + 42)
    const data = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
    const packed = zip.subarray(data, data + zip.readUInt32LE(entry + 20))
    files.set(name, zip.readUInt16LE(entry + 10) === STORED ? packed : inflateRawSync(packed))
    entry += 46 + nameLength + extraLength + commentLength
  }
  return files
}
