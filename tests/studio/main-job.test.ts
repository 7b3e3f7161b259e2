import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { completion, goTo, importFile, launch, pick, runIs, setField } from './harness/hands'
import { tinyModel, writeDemonstrations } from './harness/samples'
import { chromiumPath, electronPath, openBrowser, openPage, openServer, openWindow, picture, storyFolder } from './harness/studios'

const rows = 300
const judgments = 10

/** The main job, from a file to a comparison of what came out of it, told once for the desktop window and once for a browser. */
function mainJob(where: string, page: () => Page, folder: () => string): void {
  const shot = (name: string) => picture(page(), `${where}-${name}`)

  afterEach(async ({ task }) => { if (task.result?.state === 'fail') await shot(`failed-${task.name.replaceAll(' ', '-')}`) })

  it('shows the sample project at first launch', async () => {
    await page().getByText('Review preference pairs').first().waitFor({ timeout: 60_000 })
    await page().getByText('Short English sentences').first().waitFor({ timeout: 60_000 })
    await shot('1-first-launch')
  })

  it('imports a file and shows its rows', async () => {
    await importFile(page(), writeDemonstrations(folder(), 'film-sentences.jsonl', rows))
    await page().getByRole('heading', { name: 'film-sentences' }).waitFor()
    await page().getByText(`${rows} demonstrations`).first().waitFor()
    await page().keyboard.press('/')
    await page().keyboard.type('great')
    await expect.poll(() => page().getByText(/\b\d\d of 300\b/).count(), { timeout: 60_000 }).toBeGreaterThan(0)
    await shot('2-imported')
  })

  it('pretrains a model on it and draws its curves', async () => {
    await launch(page(), { recipe: /Pretrain/, name: 'story base', inputs: { Text: /film-sentences/ }, settings: { ...tinyModel, Updates: 80, 'Samples every': 40 } })
    await runIs(page(), 'story base', 'finished')
    expect(await page().locator('canvas').count()).toBeGreaterThan(1)
    await page().getByText('80 of 80').first().waitFor()
    await shot('3-pretrained')
  })

  it('labels ten pairs by key, and takes one back', async () => {
    await goTo(page(), 'Label')
    if (await page().getByRole('button', { name: 'New queue' }).count() > 0) await page().getByRole('button', { name: 'New queue' }).click()
    await pick(page(), 'Completions by', /story base/)
    await pick(page(), 'Prompts', /film-sentences/)
    await setField(page(), 'Goal', judgments)
    await setField(page(), 'At most', 16)
    await setField(page(), 'Name', 'story queue')
    await page().getByRole('button', { name: 'Start judging' }).click()

    const keys = ['1', '2', 'Shift+Digit1', 'Shift+Digit2']
    await judge('1', 1)
    await page().keyboard.press('z')
    await page().getByText('Comparison 1', { exact: true }).waitFor()
    await page().getByText(`0 of ${judgments}`).waitFor()
    await shot('4-labelling')
    for (let place = 1; place <= judgments; place++) await judge(keys[place % keys.length]!, place)
    await page().getByText(`All ${judgments} comparisons judged`).waitFor()
    await page().getByText(`They made ${judgments} preference pairs`).waitFor()
    await shot('5-labelled')
  })

  /** Presses a key once the pair of this place is on screen. */
  async function judge(key: string, place: number): Promise<void> {
    await page().getByText(`Comparison ${place}`, { exact: true }).waitFor({ timeout: 60_000 })
    await page().keyboard.press(key)
    await page().getByText(`${place} of ${judgments}`).waitFor()
  }

  it('trains a reward model on the judgments', async () => {
    await page().getByRole('main').getByRole('button', { name: 'Train a reward model on these' }).first().click()
    await page().getByRole('heading', { name: /Reward model/ }).waitFor()
    await launch(page(), { recipe: /Reward model/, name: 'story reward', inputs: { 'Start from': /story base/ }, settings: { Epochs: 2, 'Batch pairs': 2, 'Measure every': 1 } })
    await runIs(page(), 'story reward', 'finished')
    await page().getByText(/accuracy/i).first().waitFor()
    await shot('6-reward-model')
  })

  it('optimises the policy against it with PPO', async () => {
    await launch(page(), {
      recipe: /PPO/, name: 'story ppo', inputs: { Policy: /story base/, 'Reward model': /story reward/, Prompts: /film-sentences/ },
      settings: { Completions: 8, 'Max tokens': 16, Updates: 3, Epochs: 1, 'Samples every': 1 },
    })
    await runIs(page(), 'story ppo', 'finished', 240_000)
    await page().getByText('3 of 3').first().waitFor()
    await shot('7-ppo')
  })

  it('compares the policy with where it started, side by side', async () => {
    await goTo(page(), 'Compare')
    await pick(page(), 'Left checkpoint', /story base, update 80/)
    await pick(page(), 'Right checkpoint', /story ppo, update 3/)
    await page().getByLabel('Prompt', { exact: true }).fill('Write one sentence about a film:\n')
    await setField(page(), 'At most', 24)
    await page().keyboard.press('Control+Enter')
    for (const side of ['Left', 'Right'] as const) {
      await expect.poll(() => completion(page(), side).innerText(), { timeout: 60_000 }).toMatch(/ended by itself|cut at/)
      await expect.poll(() => completion(page(), side).innerText()).toMatch(/tokens a second/)
    }
    await shot('8-compared')
  })
}

describe.skipIf(!electronPath)('the main job in an Electron window', () => {
  const folder = storyFolder()
  let window: Awaited<ReturnType<typeof openWindow>>
  beforeAll(async () => { window = await openWindow(`${folder.path}/registry.sqlite`, `${folder.path}/settings`) })
  afterAll(async () => {
    await window?.close()
    folder.remove()
  })

  mainJob('window', () => window.page, () => folder.path)

  it('was said without a word in the console', () => expect(window.complaints).toEqual([]))
})

describe.skipIf(!chromiumPath)('the main job in a browser', () => {
  const folder = storyFolder()
  let server: Awaited<ReturnType<typeof openServer>>, browser: Awaited<ReturnType<typeof openBrowser>>, opened: Awaited<ReturnType<typeof openPage>>
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

  mainJob('browser', () => opened.page, () => folder.path)

  it('was said without a word in the console', () => expect(opened.complaints).toEqual([]))
})
