import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'
import { indexHtml } from './index-html.ts'
import { pageDocument, type Use } from './page-document.ts'

const PAGE = path.join(import.meta.dirname, 'page')
const require = createRequire(import.meta.url)
const DIST = path.dirname(require.resolve('@scalar/api-reference'))

export type ReferenceFile = {
  contentType: string
  body: Buffer
  /** Its name changes with its content. */
  immutable: boolean
}

/** Every file of the page's folder by its name. */
export async function referenceFiles(use: Use): Promise<Map<string, ReferenceFile>> {
  const [en, zh, renderer, notice, script, style] = await Promise.all([
    pageDocument('en', use),
    pageDocument('zh', use),
    readFile(path.join(DIST, 'browser/standalone.js')),
    readFile(path.join(DIST, '../../api-client/LICENSE')),
    bundled('main.ts'),
    bundled('page.css'),
  ])
  const assets = {
    renderer: asset('scalar', 'js', renderer),
    script: asset('page', 'js', script),
    style: asset('page', 'css', style),
  }
  const names = {
    renderer: assets.renderer.name,
    script: assets.script.name,
    style: assets.style.name,
  }
  const html = indexHtml({ use, documents: { en, zh }, ...names })
  return new Map([
    ['index.html', file('text/html', Buffer.from(html), false)],
    ...Object.values(assets).map(({ name, ...rest }) => [name, rest.file] as const),
    ['scalar-license.txt', file('text/plain', notice, false)],
  ])
}

async function bundled(entry: string): Promise<Buffer> {
  const { outputFiles } = await build({
    absWorkingDir: PAGE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
  })
  return Buffer.from(outputFiles[0]?.contents ?? [])
}

function asset(name: string, extension: 'js' | 'css', body: Buffer) {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10)
  const contentType = extension === 'js' ? 'text/javascript' : 'text/css'
  return { name: `${name}.${hash}.${extension}`, file: file(contentType, body, true) }
}

function file(type: string, body: Buffer, immutable: boolean): ReferenceFile {
  return { contentType: `${type}; charset=utf-8`, body, immutable }
}
