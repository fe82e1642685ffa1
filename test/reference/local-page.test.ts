import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiServer } from '../../scripts/local/api-server.ts'
import { answerReferencePage } from '../../scripts/local/reference-page.ts'

const server = createApiServer([], answerReferencePage)
let url: string

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const ask = (path: string, init: RequestInit = {}) =>
  fetch(url + path, { redirect: 'manual', ...init })

describe('npm start at /docs', () => {
  it('leads to the folder of the page, and keeps the language', async () => {
    for (const [asked, location] of [
      ['/docs', '/docs/'],
      ['/docs?lang=zh', '/docs/?lang=zh'],
    ] as const) {
      const response = await ask(asked)
      expect(response.status).toBe(307)
      expect(response.headers.get('location')).toBe(location)
    }
  })

  it('serves the page for trying, shielded and not kept', async () => {
    const response = await ask('/docs/?lang=zh')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'self'; .*; frame-ancestors 'none'$/,
      ),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect(await response.text()).toContain('data-use="try"')
  })

  it('serves its files to be kept, because their names change with them', async () => {
    const page = await (await ask('/docs/')).text()
    const names = [...page.matchAll(/(?:src|href)="([a-z]+\.[0-9a-f]+\.(?:js|css))"/g)]
    expect(names).toHaveLength(3)
    for (const [, name = ''] of names) {
      const response = await ask(`/docs/${name}`, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('content-type')).toMatch(
        /^text\/(javascript|css); charset=utf-8$/,
      )
    }
  })

  it.each([
    ['GET', '/docs/absent.js', 404],
    ['GET', '/docs/../package.json', 404],
    ['GET', '/docs/%2e%2e%2fpackage.json', 404],
    ['POST', '/docs/', 405],
    ['GET', '/docsx', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await ask(path, { method })).status).toBe(status)
  })
})
