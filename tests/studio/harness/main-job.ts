/**
 * The main job with the model that comes with the studio, from a file to a comparison of what came out of it: the same
 * story in a window, in a browser and in an installed package.
 */
import { afterEach, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { completion, goTo, importFile, launch, pick, runIs, setField } from './hands'
import { writePairs } from './samples'
import { picture } from './studios'

const rows = 120
const judgments = 10

/** @param bring how a file is chosen in the import dialog */
export function mainJob(
  where: string,
  page: () => Page,
  folder: () => string,
  bring: (page: Page, file: string) => Promise<void> = importFile,
): void {
  const shot = (name: string) => picture(page(), `${where}-${name}`)
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await shot(`failed-${task.name.replaceAll(' ', '-')}`)
  })

  it('shows the sample project at first launch', async () => {
    await page().getByText('Review preference pairs').first().waitFor()
    await page().getByText('Short English sentences').first().waitFor()
    await shot('1-first-launch')
  })

  it('imports a file and finds words in it', async () => {
    await bring(page(), writePairs(folder(), 'film-pairs.jsonl', rows))
    await page().getByRole('heading', { name: 'film-pairs' }).waitFor()
    await page().getByText(`${rows} preference pairs`).first().waitFor()
    await page().keyboard.press('/')
    await page().keyboard.type('great')
    await page()
      .getByText(new RegExp(`\\b\\d\\d? of ${rows}\\b`))
      .first()
      .waitFor()
    await shot('2-imported')
    await page().keyboard.press('Escape')
  })

  it('labels ten pairs by key, and takes one back', async () => {
    await goTo(page(), 'Label')
    await page().getByRole('button', { name: 'New queue' }).click()
    await pick(page(), 'Completions by', /Review writer/)
    await pick(page(), 'Prompts', /Review prompts/)
    await setField(page(), 'Goal', judgments)
    await setField(page(), 'Max tokens', 48)
    await setField(page(), 'Name', 'Story queue')
    await page().getByRole('button', { name: 'Start judging' }).click()

    await judge('1', 1)
    await page().keyboard.press('z')
    await page().getByText(`0 of ${judgments}`).waitFor()
    await page().getByText('Comparison 1', { exact: true }).waitFor()
    await shot('3-labelling')
    const keys = ['1', '2', 'Shift+Digit1', 'Shift+Digit2']
    for (let place = 1; place <= judgments; place++) await judge(keys[place % keys.length]!, place)
    await page().getByText(`All ${judgments} comparisons judged`).waitFor()
    await page().getByText(`They made ${judgments} preference pairs`).waitFor()
    await shot('4-labelled')
  })

  /** Presses a key once the pair of this place is on screen. */
  async function judge(key: string, place: number): Promise<void> {
    await page().getByText(`Comparison ${place}`, { exact: true }).waitFor()
    await page().keyboard.press(key)
    await page().getByText(`${place} of ${judgments}`).waitFor()
  }

  it('trains a reward model on the judgments and the file', async () => {
    await page()
      .getByRole('main')
      .getByRole('button', { name: 'Train a reward model on these' })
      .first()
      .click()
    await page().getByRole('heading', { name: 'New run: Reward model' }).waitFor()
    await launch(page(), {
      recipe: /Reward model/,
      name: 'Story reward',
      // what it starts from came with the queue
      inputs: { 'Preference pairs': /film-pairs/ },
      settings: { Epochs: 1, 'Batch pairs': 16, 'Measure every': 2 },
    })
    await runIs(page(), 'Story reward', 'finished')
    await page().getByText('Accuracy', { exact: true }).first().waitFor()
    await shot('5-reward-model')
  })

  it('optimises the policy against it with PPO', async () => {
    await launch(page(), {
      recipe: /PPO/,
      name: 'Story PPO',
      inputs: { Policy: /Review writer/, 'Reward model': /Story reward/, Prompts: /Review prompts/ },
      settings: {
        Completions: 8,
        'Max tokens': 24,
        Updates: 2,
        Epochs: 1,
        'Samples every': 1,
        'Critic warmup': 0,
        'Warmup updates': 0,
        'Learning rate': 0.002,
      },
    })
    await runIs(page(), 'Story PPO', 'finished')
    expect(await page().locator('canvas').count()).toBeGreaterThan(2)
    await shot('6-ppo')
  })

  it('compares the policy with where it started, token by token', async () => {
    await goTo(page(), 'Compare')
    await pick(page(), 'Left checkpoint', /Review writer/)
    await pick(page(), 'Right checkpoint', /Story PPO/)
    await page().getByLabel('Prompt', { exact: true }).fill('Write one sentence about a film:\n')
    await setField(page(), 'Max tokens', 48)
    await page().keyboard.press('Control+Enter')
    for (const side of ['Left', 'Right'] as const) {
      await expect
        .poll(() => completion(page(), side).innerText(), { timeout: 90_000 })
        .toMatch(/(ended by itself|cut at)[^]*tokens a second/)
    }
    const texts = await Promise.all(
      (['Left', 'Right'] as const).map((side) => completion(page(), side).locator('.text').innerText()),
    )
    // the same prompt and seed: what differs is what PPO did to the weights
    expect(texts[0]).not.toBe(texts[1])
    await shot('7-compared')
  })
}
