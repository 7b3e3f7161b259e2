import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { completion, goTo, importFile, launch, pick, runIs, setField } from './harness/hands'
import { writePairs } from './harness/samples'
import {
  whyNoChromium,
  whyNoElectron,
  openBrowser,
  openPage,
  openServer,
  openWindow,
  picture,
  storyFolder,
} from './harness/studios'
import { skipped } from '../helpers/skipping'

/** The bundled prompts are three, and two checkpoints meet once on each. */
const prompts = 3

/** From a run to the question whether it is better, judged blind, and back to labelling. */
function closedLoop(where: string, page: () => Page, folder: () => string): void {
  const shot = (name: string) => picture(page(), `${where}-arena-${name}`)
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await shot(`failed-${task.name.replaceAll(' ', '-')}`)
  })
  const standings = () => page().getByRole('complementary', { name: 'Standings' })

  it('launches a run that makes another checkpoint', async () => {
    await importFile(page(), writePairs(folder(), 'film-pairs.jsonl', 48))
    await page().getByRole('heading', { name: 'film-pairs' }).waitFor()
    await launch(page(), {
      recipe: /DPO/,
      name: 'Loop DPO',
      inputs: { Policy: /Review writer/, 'Preference pairs': /film-pairs/ },
      settings: { Epochs: 1, 'Batch pairs': 8, 'Learning rate': 0.001 },
    })
    await runIs(page(), 'Loop DPO', 'finished')
  })

  it('opens an arena of the two, with a name for who judges', async () => {
    await goTo(page(), 'Compare')
    await page()
      .getByRole('navigation', { name: 'Ways to compare' })
      .getByRole('link', { name: 'Arena' })
      .click()
    await page().getByRole('heading', { name: 'New arena' }).waitFor()
    await shot('1-form')
    await pick(page(), 'Prompts', /Review prompts/)
    await setField(page(), 'Max tokens', 32)
    await setField(page(), 'Name', 'Before and after')
    await page().getByRole('button', { name: 'Start judging' }).click()
    await page().getByRole('heading', { name: 'Before and after' }).waitFor()
    await page().getByLabel('Your name, kept with each judgment').fill('Ada')
    await page().getByRole('heading', { name: 'Before and after' }).click()
  })

  it('judges blind, and tells who wrote what after the verdict', async () => {
    await page().getByText(`Comparison 1 of`).waitFor()
    for (const side of ['Left', 'Right'] as const)
      expect(await completion(page(), side).innerText()).not.toMatch(/Review writer|Loop DPO/)
    await shot('2-blind')
    await page().keyboard.press('1')
    await page().getByText('You said left.').waitFor()
    expect(await page().locator('.lastline').innerText()).toMatch(/Left was[^]*right was/)
  })

  it('takes it back and says something else, by key', async () => {
    await page().keyboard.press('z')
    await page().getByText('Comparison 1 of').waitFor()
    for (const [index, key] of ['1', 'Shift+Digit2', 't'].entries()) {
      await page()
        .getByText(`Comparison ${index + 1} of`)
        .waitFor()
      await page().keyboard.press(key)
    }
    await page().getByText('have met on every prompt').waitFor()
  })

  it('shows standings with intervals and counts, and says that there is too little to go by', async () => {
    await standings().getByText(`${prompts} judgments by 1 person`).waitFor()
    await standings().getByText('Too little to go by').waitFor()
    await standings()
      .getByText(/About [\d,]+ more to tell|More than/)
      .waitFor()
    await shot('3-standings')
  })

  it('lets a word list judge beside the person', async () => {
    await standings().getByRole('button', { name: 'Let it judge' }).click()
    await standings().getByRole('rowheader', { name: 'wink' }).waitFor()
  })

  it('is where one comes back to after a reload', async () => {
    await page().reload()
    await page().getByRole('heading', { name: 'Before and after' }).waitFor()
    await standings().getByText(`${prompts} judgments by 1 person`).waitFor()
    expect(await page().getByLabel('Your name, kept with each judgment').inputValue()).toBe('Ada')
  })

  it('labels again with the row that one chose', async () => {
    await standings().locator('tr[data-contender]').first().focus()
    await page().keyboard.press('l')
    await page().getByRole('heading', { name: 'New label queue' }).waitFor()
    await page().getByRole('button', { name: 'Start judging' }).click()
    await page().getByText('Comparison 1', { exact: true }).waitFor()
    await page().keyboard.press('1')
    await page().getByText('Comparison 2', { exact: true }).waitFor()
    await shot('4-label-again')
  })
}

describe.skipIf(whyNoElectron !== undefined)(
  `the closed loop in an Electron window${skipped(whyNoElectron)}`,
  () => {
    const folder = storyFolder()
    let window: Awaited<ReturnType<typeof openWindow>>
    beforeAll(async () => {
      window = await openWindow(`${folder.path}/registry.sqlite`, `${folder.path}/settings`)
    })
    afterAll(async () => {
      await window?.close()
      folder.remove()
    })

    closedLoop(
      'window',
      () => window.page,
      () => folder.path,
    )

    it('was done without a complaint in the console', () => expect(window.complaints).toEqual([]))
  },
)

describe.skipIf(whyNoChromium !== undefined)(`the closed loop in a browser${skipped(whyNoChromium)}`, () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let opened: Awaited<ReturnType<typeof openPage>>
  beforeAll(async () => {
    server = await openServer(`${folder.path}/registry.sqlite`)
    browser = await openBrowser()
    opened = await openPage(browser, server.address)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    folder.remove()
  })

  closedLoop(
    'browser',
    () => opened.page,
    () => folder.path,
  )

  it('was done without a complaint in the console', () => expect(opened.complaints).toEqual([]))
})
