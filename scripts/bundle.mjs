import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'

const BUILTINS = new Set(builtinModules.map((name) => name.replace(/^node:/, '')))
const SHIPPABLE = /^(handlers|lib|node_modules)\//
const BUILTIN_NAMESPACE = 'node-builtin'

/**
 * An ESM import of `node:https` costs 40 ms of cold start, because Node then loads undici too.
 * `process.getBuiltinModule` does not.
 *
 * @type {import('esbuild').Plugin}
 */
const builtinsWithoutImport = {
  name: 'builtins-without-import',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path: name, kind }) => {
      const bare = name.replace(/^node:/, '')
      if (!name.startsWith('node:') && !BUILTINS.has(bare)) return undefined
      // It would get all exports in an object, and not what the module is.
      if (kind === 'require-call') return { errors: [{ text: `require('${name}') in a package` }] }
      return { path: `node:${bare}`, namespace: BUILTIN_NAMESPACE }
    })
    esbuild.onLoad({ filter: /.*/, namespace: BUILTIN_NAMESPACE }, ({ path: name }) => ({
      contents: esmOf(name),
    }))
  },
}

/**
 * Its exports are read one by one, and only where they are used: a `module.exports` would have every
 * name of it copied at each start, 2 ms for a function that verifies.
 *
 * @param {string} name of a built-in module
 */
function esmOf(name) {
  const names = Object.keys(process.getBuiltinModule(name) ?? {})
  return [
    `const builtin = process.getBuiltinModule(${JSON.stringify(name)})`,
    'export default builtin',
    ...names.map((key) => `export const ${key} = /* @__PURE__ */ (() => builtin.${key})()`),
  ].join('\n')
}

/**
 * Bundles one handler into `outDir/index.mjs`, self-contained, with an `index.mjs.map` beside it
 * for reading stack traces later (see docs/decisions.md: the map is not shipped).
 * Safe to run twice at once on the same `outDir`: a file is replaced whole, and only if it changed.
 *
 * @param {{ entry: string, outDir: string, rootDir?: string }} options
 * @returns {Promise<{ file: string, bytes: number, metafile: import('esbuild').Metafile }>}
 */
export async function bundleFunction({ entry, outDir, rootDir = process.cwd() }) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: rootDir,
    entryPoints: [entry],
    outfile: path.join(outDir, 'index.mjs'),
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    // Deployed to the operator's own account, which is not a distribution: no notices needed.
    legalComments: 'none',
    charset: 'utf8',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    // A node_modules that is a symlink, as in a worktree, is still node_modules.
    preserveSymlinks: true,
    plugins: [builtinsWithoutImport],
    logLevel: 'silent',
  })
  assertOnlyShippable(metafile)

  const bundle = outputFiles.find(({ path: file }) => file.endsWith('.mjs'))
  if (!bundle) throw new Error(`esbuild wrote no bundle for ${entry}`)
  await mkdir(path.dirname(bundle.path), { recursive: true })
  await Promise.all(outputFiles.map((file) => replaceFile(file.path, file.contents)))
  return { file: bundle.path, bytes: bundle.contents.byteLength, metafile }
}

/**
 * Fails when a bundle holds anything but handlers, lib and packages, or still needs something
 * from outside itself.
 *
 * @param {import('esbuild').Metafile} metafile
 */
export function assertOnlyShippable(metafile) {
  const strangers = Object.keys(metafile.inputs).filter(
    (input) => !SHIPPABLE.test(input) && !input.startsWith(`${BUILTIN_NAMESPACE}:`),
  )
  if (strangers.length > 0) {
    throw new Error(`Must not ship, but is in the bundle: ${strangers.join(', ')}`)
  }
  const missing = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((imported) => imported.external)
  if (missing.length > 0) {
    throw new Error(`Not in the bundle: ${missing.map((imported) => imported.path).join(', ')}`)
  }
}

/**
 * @param {string} file
 * @param {Uint8Array} contents
 */
export async function replaceFile(file, contents) {
  const before = await readFile(file).catch(() => null)
  if (before?.equals(contents)) return
  const draft = `${file}.${process.pid}`
  await writeFile(draft, contents)
  await rename(draft, file)
}
