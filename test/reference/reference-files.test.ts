import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { problemCatalog } from '../../lib/errors/problem-catalog.ts'
import { CONTENT_SECURITY_POLICY, indexHtml } from '../../scripts/reference/index-html.ts'
import { pageDocument } from '../../scripts/reference/page-document.ts'
import { type ReferenceFile, referenceFiles } from '../../scripts/reference/reference-files.ts'

let files: Map<string, ReferenceFile>
let html: string

beforeAll(async () => {
  files = await referenceFiles('read')
  html = String(files.get('index.html')?.body)
})

/** What the page holds between the tags of a data block, as an HTML parser sees it. */
function dataBlocks(page: string): string[] {
  return [...page.matchAll(/<script type="application\/json" id="[^"]+">(.*?)<\/script/gs)].map(
    ([, json = '']) => json,
  )
}

describe('the reference page', () => {
  it('loads files of its own folder and nothing else', () => {
    const outside = dataBlocks(html).reduce((rest, json) => rest.replace(json, ''), html)
    const loaded = [...outside.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
    const own = loaded.filter((address) => !address?.startsWith('data:'))
    expect(own).toHaveLength(3)
    expect(own.filter((address) => !files.has(address ?? ''))).toEqual([])
    const namespace = encodeURIComponent('http://www.w3.org/2000/svg')
    expect(outside.replaceAll(namespace, '')).not.toMatch(/https?(:|%3A)|\/\/[a-z]/i)
    expect([...files.keys()].toSorted()).toEqual([
      'index.html',
      expect.stringMatching(/^page\.[0-9a-f]{10}\.css$/),
      expect.stringMatching(/^page\.[0-9a-f]{10}\.js$/),
      'scalar-license.txt',
      expect.stringMatching(/^scalar\.[0-9a-f]{10}\.js$/),
    ])
  })

  it('has the renderer as its makers published it', async () => {
    const { resolve } = createRequire(import.meta.url)
    const published = await readFile(
      resolve('@scalar/api-reference').replace(/index\.js$/, 'browser/standalone.js'),
    )
    const [, shipped] = [...files].find(([name]) => name.startsWith('scalar.')) ?? []
    expect(shipped?.body.equals(published)).toBe(true)
    expect(String(files.get('scalar-license.txt')?.body)).toContain('MIT License')
  })

  it('has the API in both languages inside', async () => {
    const shown = dataBlocks(html).map((json) => JSON.parse(json))
    expect(shown).toEqual([await pageDocument('en', 'read'), await pageDocument('zh', 'read')])
  })

  it('lets no text of the API end its data block', () => {
    const hostile = { text: '</script><script>alert(1)</script><!-- <script' }
    const page = indexHtml({
      use: 'read',
      documents: { en: hostile, zh: hostile },
      renderer: 'renderer.js',
      script: 'script.js',
      style: 'style.css',
    })
    expect(dataBlocks(page).map((json) => JSON.parse(json))).toEqual([hostile, hostile])
    expect(page).not.toContain('alert(1)</')
    expect(page).not.toContain('<!-- <script')
  })

  it('allows no script but files of its own, and no other host', () => {
    expect(html).toContain(`content="${CONTENT_SECURITY_POLICY}"`)
    const directives = new Map(
      CONTENT_SECURITY_POLICY.split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ')
        return [name, sources]
      }),
    )
    expect(directives.get('default-src')).toEqual(["'none'"])
    expect(directives.get('script-src')).toEqual(["'self'"])
    expect(directives.get('connect-src')).toEqual(["'self'"])
    const sources = new Set([...directives.values()].flat())
    expect(sources).toEqual(new Set(["'none'", "'self'", "'unsafe-inline'", 'data:']))
  })

  it('is built the same again', async () => {
    const again = await referenceFiles('read')
    // Names of assets hold their hashes.
    expect([...again.keys()]).toEqual([...files.keys()])
    expect(String(again.get('index.html')?.body)).toBe(html)
  })
})

describe.each(['en', 'zh'] as const)('the page in %s', (language) => {
  it('explains every problem code in one table', async () => {
    const { tags } = await pageDocument(language, 'read')
    const table = (tags as { name: string; description: string }[]).find(
      ({ name }) => name === 'problems',
    )?.description
    for (const [code, { status, title }] of Object.entries(problemCatalog)) {
      expect(table).toContain(`| \`${code}\` | ${status} |`)
      expect(table).toContain(`**${title[language]}**`)
    }
  })

  it('documents signatures where it is read, and asks for none where it is tried', async () => {
    const read = await pageDocument(language, 'read')
    expect(read).toMatchObject({ security: [{ sigV4: [] }, { jwt: [] }] })
    const tried = JSON.stringify(await pageDocument(language, 'try'))
    expect(tried).not.toMatch(/"security|sigV4|"servers"/)
  })

  it('fills in no header where it is tried', async () => {
    const { components } = await pageDocument(language, 'try')
    const { parameters } = components as { parameters: Record<string, object> }
    const headers = Object.values(parameters).filter((one) => 'in' in one && one.in === 'header')
    expect(headers).toHaveLength(3)
    for (const header of headers) expect(header).not.toHaveProperty('example')
  })
})
