import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { goTo, pick, setField } from './harness/hands'
import { openBrowser, openServer, picture, storyFolder, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

describe.skipIf(whyNoChromium !== undefined)(`a sweep in the window${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  const complaints: string[] = []
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(90_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(server.address)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await picture(page, 'sweeps-failed')
  })

  it('is made from the launch form, with as many runs as it says', async () => {
    await goTo(page, 'Launch')
    await page
      .getByRole('button', { name: /Pretrain/ })
      .first()
      .click()
    await page.getByRole('heading', { name: /^New run/ }).waitFor()
    await pick(page, 'Text', /Review/, true)
    for (const [label, value] of Object.entries({
      ...{ Layers: 1, Heads: 2, Width: 16, 'Context tokens': 32, Updates: 12, 'Batch rows': 4 },
      ...{ 'Warmup updates': 1, 'Checkpoint every': 12, 'Samples every': 12 },
    }))
      await setField(page, label, value)
    await page.getByText('Try several settings').click()
    await page.getByLabel('Add a setting to try').selectOption('learningRate')
    await page.locator('#sweep-learningRate').fill('1e-6..1e-2 log 3')
    await page.getByRole('button', { name: 'Queue 3 runs' }).waitFor()
    await picture(page, 'sweep-form')
    await page.getByRole('button', { name: 'Queue 3 runs' }).click()
    await page.getByRole('heading', { name: /^sweep-01/ }).waitFor()
    expect(await page.getByRole('table').getByRole('row').count()).toBe(4)
  })

  it('shows its runs as lines, marks the best, is brushed by keys, and forks the best', async () => {
    const fork = page.getByRole('button', { name: /^Fork base-03/ })
    await fork.waitFor({ timeout: 240_000 })
    await expect
      .poll(() => page.getByRole('cell', { name: 'finished' }).count(), { timeout: 120_000 })
      .toBe(3)
    await picture(page, 'sweep-light')
    await page.keyboard.press('b')
    await page.getByText('2 of 3 within the brush').waitFor()
    for (let times = 0; times < 3; times++) await page.keyboard.press('ArrowDown')
    await page.getByText('1 of 3 within the brush').waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture(page, 'sweep-dark')
    await page.setViewportSize({ width: 640, height: 400 })
    await picture(page, 'sweep-small')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.keyboard.press('Escape')
    await page.keyboard.press('f')
    await page.getByRole('heading', { name: /^New run/ }).waitFor()
    expect(await page.getByLabel('Learning rate', { exact: true }).inputValue()).toBe('0.01')
    expect(complaints).toEqual([])
  })
})
