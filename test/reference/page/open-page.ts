import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
}

/** Long enough for two busy cores. */
const PATIENCE_MS = 10_000

export type OpenPage = {
  page: Page
  /** All that went wrong or went elsewhere since the page was opened. */
  troubles: string[]
  /** Whole addresses, in the order in which they were asked for. */
  requested: string[]
  close: () => Promise<void>
}

/** Opens an address in a browser of its own: no cache, no storage of another test. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'en-US', ...DESKTOP, ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const troubles: string[] = []
  const requested: string[] = []
  const { protocol, host } = new URL(address)
  // All pages are heard, so that none can open a second one unseen.
  context.on('request', (request) => {
    requested.push(request.url())
    const asked = new URL(request.url())
    const isOwn = asked.protocol === protocol && asked.host === host
    if (!isOwn && !['data:', 'blob:'].includes(asked.protocol)) {
      troubles.push(`asks elsewhere: ${request.url()}`)
    }
  })
  context.on('requestfailed', (request) => troubles.push(`failed: ${request.url()}`))
  context.on('weberror', (thrown) => troubles.push(`threw: ${thrown.error().message}`))
  context.on('console', (message) => {
    const type = message.type()
    if (type === 'error' || type === 'warning') troubles.push(`${type}: ${message.text()}`)
  })
  await page.goto(address)
  await page.locator('#reference main section').first().waitFor()
  return { page, troubles, requested, close: () => context.close() }
}

export type Operation = 'verifyThreeElement' | 'verifyTwoElement'

/** Clicks a scenario. @returns the renderer's client, which then holds its request */
export async function clickScenario(page: Page, operation: Operation, scenario: string) {
  // Sections out of sight are not drawn yet.
  await page.evaluate(`location.hash = '#tag/verifications/${operation}'`)
  const panel = page.locator(`section[id$="/${operation}"] scenario-cards`)
  await panel.locator(`[data-scenario="${scenario}"]`).click()
  const client = page.locator('[role=dialog].scalar-client')
  await client.waitFor()
  return client
}

/** Clicks a scenario, sends it and reads the response off the page. */
export async function tryScenario(page: Page, operation: Operation, scenario: string) {
  const client = await clickScenario(page, operation, scenario)
  const answered = page.waitForResponse((got) => new URL(got.url()).pathname.startsWith('/v1/'))
  await client.locator('[data-addressbar-action=send]:visible').click()
  const response = await answered
  const body = client.locator('.response-section-content .cm-content')
  // Drawn after it came, over that of the send before.
  const told: { id?: string; requestId?: string } = await response.json()
  await body.filter({ hasText: told.id ?? told.requestId ?? '' }).waitFor()
  const sent = response.request()
  return {
    shown: JSON.parse(await body.innerText()),
    status: response.status(),
    sent: { headers: sent.headers(), body: sent.postDataJSON() },
  }
}

export async function closeClient(page: Page) {
  await page.keyboard.press('Escape')
  await page.locator('[role=dialog].scalar-client').waitFor({ state: 'hidden' })
}
