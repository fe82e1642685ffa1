import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemCatalog } from '../../../lib/errors/problem-catalog.ts'
import { sample, sampleBody } from '../../../scripts/openapi/examples/sample.ts'
import { wordsOf } from '../../../scripts/openapi/words.ts'
import { referenceFiles } from '../../../scripts/reference/reference-files.ts'
import { scenarioCards, scenarioExamples } from '../../../scripts/reference/scenario-cards.ts'
import { scenarioCard, scenarioNamed } from '../../simulators/scenarios.ts'
import { findLeaks } from '../../support/leak-scan.ts'
import { findChromium } from './chromium.ts'
import { startLocalApi } from './local-api.ts'
import {
  clickScenario,
  closeClient,
  type Operation,
  openPage,
  PHONE,
  tryScenario,
} from './open-page.ts'

const OPERATIONS = ['verifyThreeElement', 'verifyTwoElement'] as const
const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

let browser: Browser
let api: Awaited<ReturnType<typeof startLocalApi>>
let docs: string
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: findChromium() ?? '',
    args: ['--no-sandbox'],
  })
  api = await startLocalApi()
  docs = `${api.url}/docs`
})
afterAll(async () => {
  await browser?.close()
  await api?.close()
})

/** What a reader expects of a scenario; throws where the page shows something else. */
async function expectVerdict(page: Page, operation: Operation, scenario: string, verdict: string) {
  const { shown, status, sent } = await tryScenario(page, operation, scenario)
  expect({ status, verdict: shown.verdict }).toEqual({ status: 200, verdict })
  expect(sent.body).toEqual(sampleBody(operation, scenario))
  expect(sent.headers['idempotency-key']).toMatch(KEY)
  expect(sent.headers).not.toHaveProperty('authorization')
  return { shown, sent }
}

describe('the page at npm start', () => {
  it.each(['en-US', 'zh-CN'])('opens without trouble for a browser in %s', async (locale) => {
    const open = await openPage(browser, docs, { locale })
    await open.page.locator('scenario-cards').first().waitFor()
    await open.page
      .getByRole('link', { name: /^(Problem codes|错误代码)$/ })
      .first()
      .click()
    await open.page.locator('table').waitFor()
    // For whatever might still be asked for.
    await open.page.waitForTimeout(1000)
    expect(open.troubles).toEqual([])
    expect(open.requested).toHaveLength(5)
    await open.close()
  })

  it('sends a two-element and a three-element verification, and shows the verdicts', async () => {
    const { page, troubles, close } = await openPage(browser, docs)
    const first = await expectVerdict(page, 'verifyTwoElement', 'match', 'match')
    expect(first.shown).toMatchObject({ provider: 'juhe', elements: ['name', 'cardNumber'] })
    await closeClient(page)
    const second = await expectVerdict(page, 'verifyThreeElement', 'mismatch', 'mismatch')
    expect(second.shown).toMatchObject({ provider: 'databao', reused: false })
    await closeClient(page)
    const again = await expectVerdict(page, 'verifyThreeElement', 'mismatch', 'mismatch')
    expect(again.shown).toMatchObject({ reused: true })
    expect(again.sent.headers['idempotency-key']).not.toBe(second.sent.headers['idempotency-key'])
    expect(troubles).toEqual([])
    await close()
  })

  it.each([
    ['en-US', 'en'],
    ['zh-CN', 'zh'],
  ] as const)(
    'shows a validation problem in the language of the page: %s',
    async (locale, language) => {
      const { page, close } = await openPage(browser, docs, { locale })
      const { shown, status } = await tryScenario(page, 'verifyThreeElement', 'bad-input')
      expect(status).toBe(422)
      expect(shown).toMatchObject({
        code: 'validation_failed',
        title: problemCatalog.validation_failed.title[language],
        billable: 'no',
      })
      expect(shown.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
        '/cardNumber',
        '/idNumber',
        '/name',
      ])
      await close()
    },
  )

  it.each(OPERATIONS)('fills in the body of every card of %s with one click', async (operation) => {
    const { page, close } = await openPage(browser, docs)
    const examples = scenarioExamples(operation, wordsOf('en'))
    for (const { example } of scenarioCards(operation, wordsOf('en'))) {
      const client = await clickScenario(page, operation, example)
      const { value } = examples[example] as { value: { cardNumber: string } }
      const body = client.locator('.cm-content', { hasText: `"${value.cardNumber}"` })
      await body.waitFor()
      expect(JSON.parse(await body.innerText())).toEqual(value)
      await closeClient(page)
    }
    await close()
  })

  it('keeps nothing of a person in the browser or the address', async () => {
    const { page, requested, close } = await openPage(browser, docs)
    const { name, idNumber } = sample
    const person = { name, idNumber, cardNumber: scenarioCard(scenarioNamed('match').number) }
    await expectVerdict(page, 'verifyThreeElement', 'match', 'match')
    // Longer than the renderer waits before it stores what it does store.
    await page.waitForTimeout(1500)
    expect(findLeaks(await kept(page), person)).toEqual([])
    expect(findLeaks(requested.map(decodeURIComponent).join('\n'), person)).toEqual([])

    await page.evaluate((card) => localStorage.setItem('control', card), person.cardNumber)
    expect(findLeaks(await kept(page), person)).not.toEqual([])
    await close()
  })

  it('keeps the place when the language changes', async () => {
    const { page, close } = await openPage(browser, `${docs}/#tag/records/listVerifications`)
    const place = page.locator('section[id$="/listVerifications"]')
    await place.getByRole('heading', { name: 'List your answers under a reference' }).waitFor()
    await page.getByRole('link', { name: '中文' }).click()
    await place.getByRole('heading', { name: '按编号列出自己的应答' }).waitFor()
    expect(new URL(page.url())).toMatchObject({
      search: '?lang=zh',
      hash: '#tag/records/listVerifications',
    })
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
    await expect.poll(() => isInView(page, 'section[id$="/listVerifications"]')).toBe(true)
    await page.getByRole('link', { name: 'EN' }).click()
    await place.getByRole('heading', { name: 'List your answers under a reference' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
    await close()
  })

  it('is light or dark as the reader likes', async () => {
    const brightness = (page: Page) =>
      page.evaluate<number>(
        `getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)
          .reduce((sum, part) => sum + Number(part), 0) / 3`,
      )
    const light = await openPage(browser, docs, { colorScheme: 'light' })
    await expect.poll(() => brightness(light.page)).toBeGreaterThan(240)
    await light.close()
    const dark = await openPage(browser, docs, { colorScheme: 'dark' })
    await expect.poll(() => brightness(dark.page)).toBeLessThan(30)
    await dark.page
      .getByRole('button', { name: /light mode/i })
      .first()
      .click()
    await expect.poll(() => brightness(dark.page)).toBeGreaterThan(240)
    await dark.close()
  })

  it.each(['en-US', 'zh-CN'])('fits a phone, in %s', async (locale) => {
    const { page, troubles, close } = await openPage(browser, docs, { ...PHONE, locale })
    for (const place of ['', '#tag/verifications/verifyThreeElement', '#tag/problems']) {
      await page.goto(`${docs}/${place}`)
      await page.locator('scenario-cards').first().waitFor()
      expect(await widths(page)).toEqual({ shown: 390, scrollable: 390 })
    }
    await page.reload()
    await expectVerdict(page, 'verifyTwoElement', 'unverifiable', 'unverifiable')
    expect(await widths(page)).toEqual({ shown: 390, scrollable: 390 })
    await expect.poll(() => isInView(page, '[role=dialog] .response-section-content')).toBe(true)
    expect(troubles).toEqual([])
    await close()
  })
})

describe('the page from a folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'reference-'))
    for (const [name, { body }] of await referenceFiles('read')) {
      await writeFile(path.join(folder, name), body)
    }
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('opens without trouble or a server, to be read', async () => {
    const address = pathToFileURL(path.join(folder, 'index.html')).href
    const open = await openPage(browser, `${address}?lang=zh#tag/problems`)
    await open.page.locator('table').getByText('card_locked').waitFor()
    expect(await open.page.locator('scenario-cards').count()).toBe(0)
    expect(await open.page.locator('.show-api-client-button').count()).toBe(0)
    expect(open.troubles).toEqual([])
    await open.close()
  })
})

describe('this check', () => {
  it('notices an API that answers wrongly', async () => {
    const { page, close } = await openPage(browser, docs)
    await page.route('**/v1/verifications/*', (route) =>
      route.fulfill({ json: { id: 'wrong', verdict: 'mismatch' } }),
    )
    await expect(expectVerdict(page, 'verifyTwoElement', 'match', 'match')).rejects.toThrow(
      'mismatch',
    )
    await close()
  })

  it('notices a page that asks elsewhere, and one that fails', async () => {
    const { page, troubles, close } = await openPage(browser, docs)
    await page.evaluate(`void fetch('http://127.0.0.1:9/elsewhere').catch(() => {})`)
    await page.evaluate(`void new Image().setAttribute('src', 'http://127.0.0.1:9/elsewhere.png')`)
    await page.evaluate(`void setTimeout(() => { throw new Error('control') })`)
    await expect.poll(() => troubles.join('\n')).toMatch(/Content Security Policy/)
    await expect.poll(() => troubles).toContain('threw: control')
    await close()
  })

  it('notices a page that is too wide for a phone', async () => {
    const { page, close } = await openPage(browser, docs, PHONE)
    await page.addStyleTag({ content: '#page-header { width: 600px }' })
    await expect.poll(async () => (await widths(page)).scrollable).toBeGreaterThan(390)
    await close()
  })
})

/** Every store of a browser that a page can write to, and its address. */
async function kept(page: Page): Promise<string> {
  const databases = await page.evaluate('indexedDB.databases()')
  expect(databases).toEqual([])
  const stores = await page.evaluate<object>(
    '({ ...localStorage, ...sessionStorage, cookie: document.cookie, state: history.state })',
  )
  return [decodeURIComponent(page.url()), JSON.stringify(stores)].join('\n')
}

function widths(page: Page): Promise<{ shown: number; scrollable: number }> {
  return page.evaluate('({ shown: innerWidth, scrollable: document.documentElement.scrollWidth })')
}

function isInView(page: Page, selector: string): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const { top, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()
    return top < innerHeight / 2 && bottom > 60
  })()`)
}
