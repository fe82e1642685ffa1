import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'

// What is published needs no other package: everything stands in `dist/main.mjs`.
const here = import.meta.dirname
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.mjs',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Frames of a failure that nobody expected should name places.
  minify: false,
  charset: 'utf8',
  legalComments: 'none',
  banner: {
    // Some packages are CommonJS and require built-in modules.
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  metafile: true,
  logLevel: 'warning',
})
await writeFile(
  path.join(here, 'dist/LICENSES.txt'),
  await licencesOf(Object.keys(metafile.inputs)),
)

/**
 * The licence of this project and of every package that is in the bundle.
 *
 * @param {string[]} inputs
 */
async function licencesOf(inputs) {
  const packages = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  )
  const texts = await Promise.all([...packages].toSorted().map(licenceOf))
  const own = await readFile(path.join(here, '../LICENSE'), 'utf8')
  return [own, ...texts].join('\n\n')
}

/** @param {string} folder */
async function licenceOf(folder) {
  const dir = path.resolve(here, folder)
  const { name, version, license } = JSON.parse(
    await readFile(path.join(dir, 'package.json'), 'utf8'),
  )
  const file = (await readdir(dir)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? await readFile(path.join(dir, file), 'utf8') : `Licence: ${license}`
  return `${name} ${version}\n\n${text.trim()}`
}
