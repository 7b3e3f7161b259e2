/**
 * What a person does in the rooms, with keyboard and mouse. Everything is found as a person finds it: by what
 * it says.
 */
import { expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { recipes } from '../../../src-shared/recipes/recipes'

const rooms = ['Datasets', 'Label', 'Launch', 'Runs', 'Compare'] as const

/** Ctrl and the number of the room. */
export async function goTo(page: Page, room: (typeof rooms)[number]): Promise<void> {
  await page.keyboard.press(`Control+Digit${rooms.indexOf(room) + 1}`)
  await page
    .getByRole('navigation')
    .getByRole('link', { name: room })
    .and(page.locator('[aria-current="page"]'))
    .waitFor()
}

/** Chooses the file in the import dialog of Datasets. */
export async function importFile(page: Page, file: string): Promise<void> {
  await goTo(page, 'Datasets')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Control+i')
  await (await chooser).setFiles(file)
}

/**
 * Opens a picker and takes one thing from its menu.
 * @param staysOpen for a menu of which several can be taken
 */
export async function pick(
  page: Page,
  label: string,
  name: string | RegExp,
  staysOpen = false,
): Promise<void> {
  await page
    .getByRole('button', { name: new RegExp(`^${label}`) })
    .and(page.locator('[aria-haspopup]'))
    .click()
  await page.getByRole('menuitemcheckbox', { name }).first().click()
  if (staysOpen) await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('menu').count(), { timeout: 30_000 }).toBe(0)
}

/** Types over the value of a field. */
export async function setField(page: Page | Locator, label: string, value: number | string): Promise<void> {
  const field = page.getByLabel(label, { exact: true })
  await field.fill(String(value))
}

export interface Launch {
  readonly recipe: RegExp
  readonly name: string
  /** Label of the input → name of what is chosen. */
  readonly inputs: Readonly<Record<string, RegExp>>
  readonly settings: Readonly<Record<string, number>>
}

/** Inputs of which a run takes several. */
const severalOf: ReadonlySet<string> = new Set(
  Object.values(recipes).flatMap(({ inputs }) =>
    Object.values(inputs).flatMap(({ label, isMany }) => (isMany ? [label] : [])),
  ),
)

/** Fills the form of a recipe and starts it with Ctrl Enter. */
export async function launch(page: Page, { recipe, name, inputs, settings }: Launch): Promise<void> {
  await goTo(page, 'Launch')
  await page.getByRole('button', { name: recipe }).first().click()
  await page.getByRole('heading', { name: /^New run/ }).waitFor()
  for (const [label, value] of Object.entries(inputs)) await pick(page, label, value, severalOf.has(label))
  for (const [label, value] of Object.entries(settings)) await setField(page, label, value)
  await setField(page, 'Run name', name)
  await page.getByText('Settings and inputs fit together').waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('region', { name: new RegExp(`^${name}, `) }).waitFor()
}

/** Waits until the open run says it is in this state. */
export async function runIs(
  page: Page,
  name: string,
  state: 'finished' | 'failed' | 'running' | 'stopped',
  timeout = 240_000,
): Promise<void> {
  await page.getByRole('region', { name: `${name}, ${state}` }).waitFor({ timeout })
}

/** The one completion on a side, as it stands. */
export const completion = (page: Page, side: 'Left' | 'Right'): Locator =>
  page.getByRole('article', { name: `${side} completion` })
