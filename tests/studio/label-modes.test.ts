import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { goTo, setField } from './harness/hands'
import { openBrowser, openPage, openServer, picture, storyFolder, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

/** What is typed in each way to judge, one item after the other. */
const ways: readonly { readonly mode: string; readonly keys: readonly string[] }[] = [
  { mode: 'Ranking', keys: ['1', '2', '3', 'Enter'] },
  { mode: 'Rating', keys: ['4'] },
  { mode: 'Yes or no', keys: ['y'] },
  { mode: 'Edit', keys: ['Control+Enter'] },
  { mode: 'Turn by turn', keys: ['n', 'Enter'] },
]

/** Every way to judge in a browser, by keys alone. */
describe.skipIf(whyNoChromium !== undefined)(`ways to judge${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  let complaints: readonly string[]
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    const opened = await openPage(browser, server.address)
    ;({ page, complaints } = opened)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })

  it.each(ways)(
    '$mode: a queue is made, an item judged, and the next one stands there',
    async ({ mode, keys }) => {
      await goTo(page, 'Label')
      const another = page.getByRole('button', { name: 'New queue' })
      if (await another.isVisible()) await another.click()
      await page.getByLabel('Judged by').selectOption({ label: mode })
      await setField(page, 'Name', `By ${mode}`)
      await setField(page, 'Max tokens', 24)
      await page.getByRole('button', { name: 'Start judging' }).click()
      await page.getByText(`${mode} 1`, { exact: true }).waitFor()
      await shots(page, mode)
      for (const key of keys) await page.keyboard.press(key)
      await page.getByText(`${mode} 2`, { exact: true }).waitFor()
      await page.getByRole('complementary', { name: 'Progress' }).getByText('1 of 100').waitFor()
      await page.keyboard.press('z')
      await page.getByText(`${mode} 1`, { exact: true }).waitFor()
    },
  )

  it('at twice the size everything that is judged and what judges it is in sight', async () => {
    await page.setViewportSize({ width: 640, height: 400 })
    for (const selector of ['.ask', '.judged-turns', '.under']) {
      const box = await page.locator(`.judging ${selector}`).first().boundingBox()
      expect(box && box.y + box.height).toBeLessThanOrEqual(400)
    }
    await picture(page, 'label-small')
  })

  it('was done without a complaint in the console', () => expect(complaints).toEqual([]))
})

async function shots(page: Page, mode: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await picture(page, `label-${mode.toLowerCase().replaceAll(' ', '-')}-${colorScheme}`)
  }
}
