/** The whole chain from one button: begun, waiting for a person, going on by itself, stopped. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { goTo, pick } from './harness/hands'
import { openBrowser, openServer, picture, storyFolder, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

describe.skipIf(whyNoChromium !== undefined)(`a plan in the window${skipped(whyNoChromium)}`, () => {
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
    if (task.result?.state === 'fail') await picture(page, 'plans-failed')
  })

  async function pictures(name: string): Promise<void> {
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await picture(page, `${name}-${scheme}`)
    }
    await page.setViewportSize({ width: 640, height: 400 })
    await picture(page, `${name}-small`)
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.emulateMedia({ colorScheme: 'light' })
  }

  it('is found in Launch, and says beside the form why it cannot begin', async () => {
    await goTo(page, 'Launch')
    await page.getByRole('button', { name: /The whole chain/ }).click()
    await page.getByRole('heading', { name: 'The whole chain' }).waitFor()
    await page.getByLabel('Judgments to wait for').fill('0')
    await page.getByRole('button', { name: 'Begin the plan' }).click()
    await page.getByText(/Reward model, Preference pairs: Choose preference pairs/).waitFor()
    await pictures('plan-form')
  })

  it('waits for a person, and goes on by itself when they have judged', async () => {
    await page.getByLabel('Judgments to wait for').fill('1')
    await pick(page, 'Preference pairs', /^Review preference pairs/, true)
    await page.getByRole('button', { name: 'Begin the plan' }).click()
    await page.getByRole('heading', { name: 'plan-01' }).waitFor()
    await page.getByText('It is at step 1 of 4: waits for you.').waitFor()
    await pictures('plan-waits')
    await page.getByRole('button', { name: 'Go on labelling' }).click()
    const better = page.getByRole('button', { name: /Left better/ }).first()
    await better.waitFor()
    await expect.poll(() => better.isEnabled(), { timeout: 90_000 }).toBe(true)
    await page.keyboard.press('1')
    await page.goto(`${server.address.split('#')[0]!}#/runs?show=plans`)
    await page.getByText('It is at step 2 of 4: under way.').waitFor()
    await page.getByText(/rm-\d+, update \d+ of \d+/).waitFor()
    await picture(page, 'plan-under-way')
  })

  it('is stopped with its run, and forgotten without it', async () => {
    await page.getByRole('button', { name: 'Stop the plan' }).click()
    await page.getByText('Stopped at step 2 of 4.').waitFor()
    await page.getByRole('button', { name: 'Resume the plan' }).waitFor()
    await page.getByText('Its run was stopped.').waitFor({ timeout: 120_000 })
    await pictures('plan-stopped')
    await page.getByRole('button', { name: /^Forget the plan/ }).click()
    await page.getByRole('form', { name: 'New plan' }).waitFor()
    expect(complaints).toEqual([])
  })
})
