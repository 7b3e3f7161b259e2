import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { goTo, runIs, setField } from './harness/hands'
import { openBrowser, openServer, picture, storyFolder, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

/** Each step is a heading of resources/docs/afternoon.md. No name is typed and no file chosen. */
describe.skipIf(whyNoChromium !== undefined)(`an afternoon with the studio${skipped(whyNoChromium)}`, () => {
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
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(server.address)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })
  afterEach(async ({ task }) => {
    const name = task.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    await picture(page, `afternoon-${task.result?.state === 'fail' ? 'failed-' : ''}${name}`)
  })

  it('First launch: look at the pairs', async () => {
    await page.getByRole('heading', { name: 'First steps', exact: true }).waitFor()
    await page.getByRole('button', { name: /^Look at the pairs/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Datasets', exact: true }).waitFor()
    await page.getByText('1,108').first().waitFor()
    await page.getByRole('link', { name: 'First steps, 1 of 5' }).click()
  })

  it('Label twenty', async () => {
    await page.getByRole('button', { name: /^Label 20/ }).waitFor()
    await page.keyboard.press('Enter')
    for (let place = 1; place <= 20; place++) {
      await page.getByText(`Comparison ${place}`, { exact: true }).waitFor()
      await page.keyboard.press(place % 3 === 0 ? 'Shift+Digit2' : '1')
    }
    await page
      .getByRole('complementary', { name: 'Progress' })
      .getByText(/^20 of/)
      .waitFor()
    await page.getByRole('link', { name: 'First steps, 2 of 5' }).click()
  })

  it('Train a reward model on them', async () => {
    await page.getByRole('button', { name: /^Train a reward model/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'New run: Reward model' }).waitFor()
    await setField(page, 'Epochs', 1)
    await start(page)
    await runIs(page, 'rm-01', 'finished')
    // an accuracy is never alone
    await page
      .getByText(/held out [\d.]+ of \d+, 95 %: [\d.]+ to [\d.]+/)
      .first()
      .waitFor()
  })

  it('Use it in PPO', async () => {
    await page.getByRole('button', { name: 'Use it in PPO' }).click()
    await page.getByRole('heading', { name: 'New run: PPO' }).waitFor()
    await setField(page, 'Updates', 3)
    await start(page)
    await runIs(page, 'ppo-01', 'finished')
  })

  it('Judge before and after blind', async () => {
    await page.getByRole('button', { name: 'Judge both blind' }).click()
    await page.getByRole('heading', { name: 'New arena' }).waitFor()
    await page.getByRole('button', { name: 'Start judging' }).click()
    await page.getByText('Comparison 1 of').waitFor()
    await page.keyboard.press('2')
    await page.getByText('You said right.').waitFor()
    expect(await page.locator('.lastline').innerText()).toMatch(/Left was[^]*right was/)
  })

  it('Label more with the better one', async () => {
    const more = page.getByRole('button', { name: /^Label more with/ })
    for (let place = 2; (await more.count()) === 0 && place <= 20; place++) {
      const next = page.getByText(`Comparison ${place} of`)
      await next.or(more).first().waitFor()
      if ((await more.count()) === 0) await page.keyboard.press('2')
    }
    await more.click()
    await page.getByRole('heading', { name: 'New label queue' }).waitFor()
    await page.getByRole('button', { name: 'Start judging' }).click()
    await page.getByText('Comparison 1', { exact: true }).waitFor()
    await page.keyboard.press('1')
    await page.getByText('Comparison 2', { exact: true }).waitFor()
  })

  it('See what was made from what', async () => {
    await goTo(page, 'Runs')
    await page.getByRole('list', { name: 'Lineage' }).getByText('rm-01').first().waitFor()
    expect(complaints).toEqual([])
  })
})

/** Starts what another room has filled in. */
async function start(page: Page): Promise<void> {
  await page.getByText('Settings and inputs fit together').waitFor()
  await page.keyboard.press('Control+Enter')
}
