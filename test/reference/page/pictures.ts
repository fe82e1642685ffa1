import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { findChromium } from './chromium.ts'
import { startLocalApi } from './local-api.ts'
import { openPage, PHONE, tryScenario } from './open-page.ts'

// Draws docs/images/reference-*.png anew.
const FOLDER = path.resolve(import.meta.dirname, '../../../docs/images')
// A README loads all three.
const MOST_BYTES = 250_000
const VIEWPORT = { width: 1280, height: 800 }

const executablePath = findChromium()
if (!executablePath) throw new Error('no Chromium here: npm run check:page installs one as root.')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const api = await startLocalApi()
  try {
    await mkdir(FOLDER, { recursive: true })
    await draw('light', { locale: 'en-US', colorScheme: 'light', viewport: VIEWPORT }, showCards)
    await draw('dark', { locale: 'zh-CN', colorScheme: 'dark', viewport: VIEWPORT }, showVerdict)
    await draw('phone', { locale: 'en-US', colorScheme: 'light', ...PHONE }, showCards)
  } finally {
    await api.close()
  }

  async function draw(
    name: string,
    options: NonNullable<Parameters<typeof openPage>[2]>,
    prepare: (page: Page) => Promise<unknown>,
  ) {
    const { page, close } = await openPage(browser, `${api.url}/docs`, options)
    if (!(await drawsChinese(page))) {
      throw new Error('no Chinese font here: install one, such as fonts-noto-cjk.')
    }
    await prepare(page)
    const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
    await close()
    if (picture.length > MOST_BYTES) throw new Error(`${name} has ${picture.length} bytes`)
    await writeFile(path.join(FOLDER, `reference-${name}.png`), picture)
    console.log(`docs/images/reference-${name}.png ${Math.ceil(picture.length / 1000)} kB`)
  }
} finally {
  await browser.close()
}

async function showCards(page: Page) {
  await page.evaluate(`location.hash = '#tag/verifications/verifyThreeElement'`)
  await page.locator('section[id$="/verifyThreeElement"] scenario-cards').waitFor()
  // The renderer scrolls in steps while it draws what is above.
  await page.waitForTimeout(1500)
}

async function showVerdict(page: Page) {
  await tryScenario(page, 'verifyThreeElement', 'match')
  // The address bar fills with colour while a request runs, and empties again.
  await page.waitForTimeout(2000)
}

/** Whether Chinese characters are more than boxes, which look alike. */
function drawsChinese(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const pixels = (character) => {
      const context = document.createElement('canvas').getContext('2d')
      context.font = '40px sans-serif'
      context.fillText(character, 0, 40)
      return context.getImageData(0, 0, 50, 50).data.join()
    }
    return pixels('核') !== pixels('验')
  })()`)
}
