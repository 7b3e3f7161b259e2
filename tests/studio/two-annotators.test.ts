import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { goTo, setField } from './harness/hands'
import { openBrowser, openPage, openServer, picture, storyFolder, whyNoChromium } from './harness/studios'
import { skipped } from '../helpers/skipping'

/** Two people on one queue, each in a browser of their own. */
describe.skipIf(whyNoChromium !== undefined)(`two annotators on one queue${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let ada: Page
  let ben: Page
  const complaints: (readonly string[])[] = []
  async function arrive(name: string): Promise<Page> {
    const { page, complaints: heard } = await openPage(browser, server.address)
    complaints.push(heard)
    await goTo(page, 'Datasets')
    await page.getByText('Moby Dick').first().waitFor() // the last of the sample project: it has a queue then
    await goTo(page, 'Label')
    if (name === 'Ada') {
      await page.getByRole('button', { name: 'New queue' }).click()
      await setField(page, 'Name', 'Together')
      await setField(page, 'Max tokens', 24)
      await page.getByRole('button', { name: 'Start judging' }).click()
    } else await page.getByLabel('Queue', { exact: true }).selectOption({ label: 'Together' })
    await page.getByRole('heading', { name: 'Together' }).waitFor()
    await page.getByLabel('Your name, kept with each judgment').fill(name)
    await page.getByRole('heading', { name: 'Together' }).click()
    await placeOf(page)
    return page
  }
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    ada = await arrive('Ada')
    ben = await arrive('Ben')
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })

  it('judge what the other never sees', async () => {
    const seen: number[] = []
    for (let i = 0; i < 3; i++)
      for (const page of [ada, ben]) {
        const place = await placeOf(page)
        seen.push(place)
        await page.keyboard.press('1')
        await expect.poll(() => placeOf(page)).not.toBe(place)
      }
    expect(new Set(seen).size).toBe(6)
    await picture(ada, 'two-annotators')
  })

  it('see what the other said, counted together', async () => {
    for (const page of [ada, ben])
      await page.getByRole('complementary', { name: 'Progress' }).getByText('6 of 100').waitFor()
  })

  it('take back their own and nothing of the other’s', async () => {
    const before = await placeOf(ben)
    for (const left of [5, 4, 3]) {
      await ada.keyboard.press('z')
      await ben.getByText(`${left} of 100`).waitFor()
    }
    await ada.keyboard.press('z')
    await ada.getByText('3 of 100').waitFor()
    expect(await placeOf(ben)).toBe(before)
  })

  it('keep what they said under their names when a window is closed', async () => {
    await ben.close()
    await ada.keyboard.press('z')
    await ada.keyboard.press('1')
    await ada.getByText('4 of 100').waitFor()
    await ada.keyboard.press('z')
    await ada.getByText('3 of 100').waitFor()
  })

  it('were served without a complaint in the console', () => expect(complaints.flat()).toEqual([]))
})

/** Which comparison stands on screen. */
async function placeOf(page: Page): Promise<number> {
  const caption = page.getByText(/^Comparison \d+$/)
  await caption.waitFor()
  return Number(/\d+/.exec(await caption.innerText())?.[0])
}
